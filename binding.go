package scope

import (
	"fmt"
	"path"
	"runtime"
	"slices"
	"strings"
)

// A Binding is a key and a value for it, ready for [With]. Packages offer
// functions that return Bindings, such as httpx.Route, where a value is more
// than a key can say. The zero Binding binds nothing. A Binding is immutable.
type Binding struct{ entry }

// Bind returns the binding of the key to v.
func (k *Key[T]) Bind(v T) Binding {
	if k == nil {
		panic(nilKey)
	}
	return Binding{entry{key: &k.info, value: k.info.redact(v)}}
}

// At returns the binding with the place in the source that it comes from,
// which [Explain] shows. pc is a program counter as of [runtime.Callers]. A
// binding that has a place keeps it.
func (b Binding) At(pc uintptr) Binding {
	if b.site == nil {
		b.site = &site{pc: pc}
	}
	return b
}

// placed returns the bindings with the line that calls this module for those that
// have no place yet. It takes a walk up the stack, so it is for tests alone.
func placed(b []Binding) []Binding {
	unplaced := func(b Binding) bool { return b.key != nil && b.site == nil }
	if !slices.ContainsFunc(b, unplaced) {
		return b
	}
	pc := callSite()
	b = slices.Clone(b)
	for i := range b {
		if unplaced(b[i]) {
			b[i] = b[i].At(pc)
		}
	}
	return b
}

// callSite returns the program counter of the innermost call from outside of this
// package and of package env, which offers functions like this one's.
func callSite() uintptr {
	var pcs [16]uintptr
	n := runtime.Callers(3, pcs[:])
	for i := range n {
		f, _ := runtime.CallersFrames(pcs[i : i+1]).Next()
		if !strings.HasPrefix(f.Function, thisModule+".") && !strings.HasPrefix(f.Function, thisModule+"/env.") {
			return pcs[i]
		}
	}
	return 0
}

const thisModule = "github.com/scopetree/scope"

// String returns name=value, and ‹redacted› for the value of a redacted key.
func (b Binding) String() string {
	if b.key == nil {
		return "(no binding)"
	}
	return b.key.name + "=" + b.show()
}

// GoString returns what String does, so that %#v shows no more than %v.
func (b Binding) GoString() string { return b.String() }

// An entry is a binding in a scope. value is what [keyInfo.redact], or a *layered made.
type entry struct {
	key   *keyInfo
	value any
	site  *site
}

// show prints an entry's value for people, on one line and not too long.
func (e *entry) show() string {
	if e.key.redacted {
		return "‹redacted›"
	}
	v := e.reveal()
	if s, ok := v.(string); ok {
		return short(fmt.Sprintf("%q", s))
	}
	return short(fmt.Sprintf("%v", v))
}

// short returns s on one line and not too long.
func short(s string) string {
	s = oneLine.Replace(s)
	const most = 200
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return s
}

var oneLine = strings.NewReplacer("\n", `\n`, "\r", `\r`, "\x1b", `\x1b`)

// A site says where a binding was made: in which scope, on which line. Either
// may be unknown.
type site struct {
	scope *lifetime
	pc    uintptr
}

// within returns where an entry comes from that is bound in life's scope.
func (s *site) within(life *lifetime) *site {
	switch {
	case s != nil:
		return &site{life, s.pc}
	case life != nil:
		return &life.site
	}
	return nil
}

// String returns the parts that are known: `in scope "TestCheckout" at f.go:12`.
func (s *site) String() string {
	if s == nil {
		return "in an unnamed scope"
	}
	where := "in an unnamed scope"
	if s.scope != nil {
		where = fmt.Sprintf("in scope %q", s.scope.path)
	}
	if place := s.place(); place != "" {
		where += " at " + place
	}
	return where
}

// place returns file:line, "" where it is not known.
func (s *site) place() string {
	if s == nil || s.pc == 0 {
		return ""
	}
	f, _ := runtime.CallersFrames([]uintptr{s.pc}).Next()
	return fmt.Sprintf("%s:%d", path.Base(f.File), f.Line)
}
