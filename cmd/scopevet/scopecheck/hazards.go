package scopecheck

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// hazardous has functions that change something of which a process has only one, or that
// count something for the whole process.
var hazardous = map[funcName]string{
	"os.Setenv": "calls os.Setenv", "os.Unsetenv": "calls os.Unsetenv", "os.Clearenv": "calls os.Clearenv",
	"os.Chdir": "calls os.Chdir", "syscall.Umask": "calls syscall.Umask",
	"testing.T.Setenv": "calls t.Setenv", "testing.TB.Setenv": "calls t.Setenv",
	"testing.T.Chdir": "calls t.Chdir", "testing.TB.Chdir": "calls t.Chdir",
	"testing.AllocsPerRun": "counts allocations, which are all tests'", "testing.Benchmark": "measures time, which all tests share",
	"runtime.NumGoroutine": "counts goroutines, which are all tests'", "runtime.ReadMemStats": "measures memory, which is all tests'",
	"runtime.GOMAXPROCS": "calls runtime.GOMAXPROCS", "runtime/debug.SetGCPercent": "calls debug.SetGCPercent",
	"runtime/debug.SetMaxStack": "calls debug.SetMaxStack", "runtime/debug.SetMemoryLimit": "calls debug.SetMemoryLimit",
	"go.uber.org/goleak.VerifyNone": "looks at the goroutines of all tests", "go.uber.org/goleak.Find": "looks at the goroutines of all tests",
	"flag.Set": "sets a flag", "flag.Parse": "parses the flags",
	"log.SetOutput": "changes the standard logger", "log.SetFlags": "changes the standard logger", "log.SetPrefix": "changes the standard logger",
	"log/slog.SetDefault": "changes the default logger", "log/slog.SetLogLoggerLevel": "changes the default logger",
	"math/rand.Seed":  "seeds the global random numbers",
	"net/http.Handle": "changes http.DefaultServeMux", "net/http.HandleFunc": "changes http.DefaultServeMux",
	"os/signal.Notify": "takes the process's signals", "os/signal.Ignore": "takes the process's signals",
	"github.com/jarcoal/httpmock.Activate": "changes http.DefaultTransport", "github.com/jarcoal/httpmock.ActivateNonDefault": "changes a client that others may use",
	"github.com/jarcoal/httpmock.RegisterResponder": "changes the mocks of all tests", "github.com/h2non/gock.New": "changes the mocks of all tests",
	"gopkg.in/h2non/gock.v1.New":       "changes the mocks of all tests",
	scopePath + "/scopetest.SetGlobal": "calls scopetest.SetGlobal", scopePath + ".Key.SetDefault": "changes a key's default",
}

// asks reports whether the call at cur only asks, as runtime.GOMAXPROCS(0) does.
func asks(pass *analysis.Pass, name funcName, cur inspector.Cursor) bool {
	if name != "runtime.GOMAXPROCS" {
		return false
	}
	c, ok := callOf(whole(cur))
	if !ok || len(c.Args) != 1 {
		return false
	}
	v := pass.TypesInfo.Types[c.Args[0]].Value
	return v != nil && v.String() == "0"
}

// fixedName reports whether a function was given the name of something that exists only
// once: a port, or a file that is not in a folder of the test's own.
func fixedName(pass *analysis.Pass, name funcName, c call) string {
	arg := func(i int) string {
		if i < len(c.Args) {
			if v := pass.TypesInfo.Types[c.Args[i]].Value; v != nil && v.Kind() == constant.String {
				return constant.StringVal(v)
			}
		}
		return ""
	}
	switch name {
	case "net.Listen", "net.ListenPacket":
		if port(arg(1)) {
			return "listens on the port of " + arg(1)
		}
	case "net/http.ListenAndServe", "net/http.ListenAndServeTLS":
		if port(arg(0)) {
			return "listens on the port of " + arg(0)
		}
	case "os.Create", "os.WriteFile", "os.Mkdir", "os.MkdirAll", "os.Remove", "os.RemoveAll", "os.Rename", "os.Symlink", "os.Truncate", "os.Chmod":
		if arg(0) != "" {
			return "changes the file " + arg(0)
		}
	}
	return ""
}

// port reports whether an address has a port on which only one server can listen.
func port(address string) bool {
	i := strings.LastIndexByte(address, ':')
	return i >= 0 && address[i+1:] != "" && strings.Trim(address[i+1:], "0") != ""
}

// variable returns the hazard of an operation on a package variable at cur: the variable
// is written, its address is taken, or a method changes it.
func (f *functions) variable(cur inspector.Cursor, v *types.Var) *hazard {
	if v.Kind() != types.PackageVar || v.Pkg() == nil || v.Parent() != v.Pkg().Scope() {
		return nil
	}
	what := f.doneTo(inSelector(cur))
	if what == "" || f.guarded(cur) {
		return nil
	}
	name := v.Name()
	if v.Pkg() != f.pass.Pkg {
		name = v.Pkg().Name() + "." + name
	}
	return &hazard{What: what + " the package variable " + name, Where: f.place(cur.Node().Pos())}
}

// doneTo says what the code at cur does to the variable, or to a part of it. It returns
// "" if the code only reads.
func (f *functions) doneTo(cur inspector.Cursor) string {
	for {
		parent := cur.Parent()
		switch cur.ParentEdgeKind() {
		case edge.ParenExpr_X, edge.IndexExpr_X, edge.StarExpr_X, edge.SliceExpr_X:
			cur = parent
		case edge.SelectorExpr_X:
			if f.pass.TypesInfo.Selections[parent.Node().(*ast.SelectorExpr)].Kind() == types.MethodVal {
				return f.method(parent)
			}
			cur = parent
		case edge.AssignStmt_Lhs, edge.IncDecStmt_X:
			return "writes"
		case edge.RangeStmt_Key, edge.RangeStmt_Value:
			return "writes"
		case edge.UnaryExpr_X:
			// Code outside of tests usually takes addresses in order to read.
			if parent.Node().(*ast.UnaryExpr).Op == token.AND && inTest(f.pass, parent.Node()) && !f.atomically(parent) {
				return "takes the address of"
			}
			return ""
		case edge.CallExpr_Args:
			if id, ok := ast.Unparen(parent.Node().(*ast.CallExpr).Fun).(*ast.Ident); ok {
				_, i := cur.ParentEdge()
				if b, ok := f.pass.TypesInfo.Uses[id].(*types.Builtin); ok && i == 0 && (b.Name() == "delete" || b.Name() == "clear" || b.Name() == "copy") {
					return "writes"
				}
			}
			return ""
		default:
			return ""
		}
	}
}

// atomically reports whether an address is passed to package sync/atomic.
func (f *functions) atomically(address inspector.Cursor) bool {
	if address.ParentEdgeKind() != edge.CallExpr_Args {
		return false
	}
	return strings.HasPrefix(string(callee(f.pass, address.Parent().Node().(*ast.CallExpr))), "sync/atomic.")
}

// method says what the method that is selected at cur does to the variable. A method of
// another package counts if it is one of [changers].
func (f *functions) method(cur inspector.Cursor) string {
	m, ok := f.pass.TypesInfo.Uses[cur.Node().(*ast.SelectorExpr).Sel].(*types.Func)
	if !ok {
		return ""
	}
	recv := m.Signature().Recv()
	if recv == nil {
		return ""
	}
	if _, pointer := types.Unalias(recv.Type()).(*types.Pointer); !pointer {
		return "" // the method has a copy, or belongs to an interface
	}
	if decl := f.decls[m.Origin()]; decl != nil {
		if changesReceiver(f.pass, decl) && !locks(f.pass, f.at[m.Origin()]) {
			return "calls " + m.Name() + ", which changes"
		}
		return ""
	}
	if changers[nameOf(m)] {
		return "calls " + m.Name() + ", which changes"
	}
	return ""
}

// changers has methods that change their receivers, of types that tests share in package
// variables.
var changers = map[funcName]bool{
	"net/http.ServeMux.Handle": true, "net/http.ServeMux.HandleFunc": true,
	"bytes.Buffer.Reset": true, "bytes.Buffer.Write": true, "bytes.Buffer.WriteString": true,
	"strings.Builder.Reset": true, "strings.Builder.WriteString": true,
	"net/http/httptest.Server.Close": true, "net/http/httptest.Server.Start": true,
	"log.Logger.SetOutput": true, "log.Logger.SetFlags": true, "log.Logger.SetPrefix": true,
	"flag.FlagSet.Set": true, "flag.FlagSet.Parse": true,
}

// changesReceiver reports whether a method writes a field of its receiver.
func changesReceiver(pass *analysis.Pass, decl *ast.FuncDecl) bool {
	if len(decl.Recv.List[0].Names) == 0 {
		return false
	}
	recv := pass.TypesInfo.Defs[decl.Recv.List[0].Names[0]]
	changes := false
	written := func(e ast.Expr) {
		for {
			switch x := e.(type) {
			case *ast.ParenExpr:
				e = x.X
			case *ast.SelectorExpr:
				e = x.X
			case *ast.IndexExpr:
				e = x.X
			case *ast.StarExpr:
				e = x.X
			case *ast.Ident:
				changes = changes || pass.TypesInfo.Uses[x] == recv
				return
			default:
				return
			}
		}
	}
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				written(e)
			}
		case *ast.IncDecStmt:
			written(n.X)
		}
		return !changes
	})
	return changes
}

// guarded reports whether one of the innermost functions around cur takes a lock, or runs
// only once.
func (f *functions) guarded(cur inspector.Cursor) bool {
	for fn := range cur.Enclosing((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		if locks(f.pass, fn) {
			return true
		}
		if c, ok := unparen(fn).Parent().Node().(*ast.CallExpr); ok && isOnce(callee(f.pass, c)) {
			return true
		}
	}
	return false
}

var isLock = is("sync.Mutex.Lock", "sync.RWMutex.Lock", "sync.Locker.Lock", "sync.Mutex.TryLock")

// locks reports whether the function at fn takes a lock.
func locks(pass *analysis.Pass, fn inspector.Cursor) bool {
	for range named(pass, fn, isLock) {
		return true
	}
	return false
}
