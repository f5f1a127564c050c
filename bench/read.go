package bench

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"strconv"
	"sync"

	"github.com/jtolds/gls"
	"github.com/petermattis/goid"
	"github.com/timandy/routine"

	"github.com/scopetree/scope"
)

// A contextKey is compared by its address. No key for context.WithValue is
// cheaper.
type contextKey *int

func contextKeys(n int) []contextKey {
	keys := make([]contextKey, n)
	for i := range keys {
		keys[i] = new(int)
	}
	return keys
}

func scopeKeys(n int) []*scope.Key[int] {
	keys := make([]*scope.Key[int], n)
	for i := range keys {
		keys[i] = scope.NewKey(fmt.Sprint("key ", i), -1)
	}
	return keys
}

func plainContext(keys []contextKey) context.Context {
	ctx := context.Background()
	for i, k := range keys {
		ctx = context.WithValue(ctx, k, i)
	}
	return ctx
}

func scopeContext(keys []*scope.Key[int]) context.Context {
	ctx := context.Background()
	for i, k := range keys {
		ctx = scope.Set(ctx, k, i)
	}
	return ctx
}

// Get reads the oldest of some values that were set one after another.
func Get(values int) Row {
	plain, keys := contextKeys(values), scopeKeys(values)
	return Row{fmt.Sprintf("Get/values=%d", values), []Peer{
		readScope(scopeContext(keys), keys[0]),
		readContext(plainContext(plain), plain[0]),
	}}
}

// GetUnset reads a key that has no value among some values.
func GetUnset(values int) Row {
	unset := new(int)
	ctx := plainContext(contextKeys(values))
	return Row{fmt.Sprintf("GetUnset/values=%d", values), []Peer{
		readScope(scopeContext(scopeKeys(values)), scope.NewKey("unset", -1)),
		{WithValue, func(n int) {
			sum := 0
			for range n {
				if ctx.Value(contextKey(unset)) == nil {
					sum++
				}
			}
			keep(sum)
		}},
	}}
}

// GetBelow reads a value through layers of context that belong to something
// else.
func GetBelow(layers int) Row {
	plain, keys := contextKeys(1), scopeKeys(1)
	below := func(ctx context.Context) context.Context {
		for _, k := range contextKeys(layers) {
			ctx = context.WithValue(ctx, k, 1)
		}
		return ctx
	}
	return Row{fmt.Sprintf("GetBelow/layers=%d", layers), []Peer{
		readScope(below(scopeContext(keys)), keys[0]),
		readContext(below(plainContext(plain)), plain[0]),
	}}
}

// GetDeep reads a value from the outermost of some nested scopes. Each scope
// binds a value of its own.
func GetDeep(depth int) Row {
	plain, keys := contextKeys(depth), scopeKeys(depth)
	deep := func() context.Context {
		ctx := context.Background()
		for i, k := range keys {
			ctx, _ = scope.New(scope.Set(ctx, k, i), "level") //scopevet:ignore a scope that never ends
		}
		return ctx
	}
	return Row{fmt.Sprintf("GetDeep/depth=%d", depth), []Peer{
		readScope(deep(), keys[0]),
		readContext(plainContext(plain), plain[0]),
	}}
}

func readScope(ctx context.Context, key *scope.Key[int]) Peer {
	return Peer{Scope, func(n int) {
		sum := 0
		for range n {
			sum += scope.Get(ctx, key)
		}
		keep(sum & 1)
	}}
}

func readContext(ctx context.Context, key contextKey) Peer {
	return Peer{WithValue, func(n int) {
		sum := 0
		for range n {
			sum += ctx.Value(key).(int)
		}
		keep(sum & 1)
	}}
}

// GetUnscoped reads where no scope is bound. Production code pays this.
func GetUnscoped() Row {
	ctx, key := context.Background(), scope.NewKey("unscoped", 1)
	return Row{"GetUnscoped", []Peer{
		readScope(ctx, key),
		{"scope_Key.Get", func(n int) {
			sum := 0
			for range n {
				sum += key.Get()
			}
			keep(sum & 1)
		}},
		readContext(plainContext([]contextKey{nil}), nil),
	}}
}

// Ambient reads the oldest of some values without a context, below some stack
// frames, on a goroutine that was given the values.
func Ambient(values, frames int) Row {
	keys, plain := scopeKeys(values), contextKeys(values)
	ctx := scopeContext(keys)
	values1 := func() map[contextKey]int {
		m := map[contextKey]int{}
		for i, k := range plain {
			m[k] = i
		}
		return m
	}
	return Row{fmt.Sprintf("Ambient/values=%d/frames=%d", values, frames), []Peer{
		{Scope, func(n int) {
			key := keys[0]
			scope.Run(ctx, func(context.Context) {
				beneath(frames, func() {
					sum := 0
					for range n {
						sum += key.Get()
					}
					keep(sum & 1)
				})
			})
		}},
		{GLS, func(n int) {
			set := gls.Values{}
			for i, k := range plain {
				set[k] = i
			}
			glsValues.SetValues(set, func() {
				beneath(frames, func() {
					sum := 0
					for range n {
						v, _ := glsValues.GetValue(plain[0])
						sum += v.(int)
					}
					keep(sum & 1)
				})
			})
		}},
		{Routine, func(n int) {
			locals := routineLocals(values)
			apart(func() {
				for i, l := range locals {
					l.Set(i)
				}
				beneath(frames, func() {
					sum, l := 0, locals[0]
					for range n {
						sum += l.Get()
					}
					keep(sum & 1)
				})
			})
		}},
		{StackID, func(n int) {
			var byID sync.Map
			byID.Store(stackID(), values1())
			beneath(frames, func() {
				sum := 0
				for range n {
					m, _ := byID.Load(stackID())
					sum += m.(map[contextKey]int)[plain[0]]
				}
				keep(sum & 1)
			})
		}},
		{GoID, func(n int) {
			var byID sync.Map
			byID.Store(goid.Get(), values1())
			beneath(frames, func() {
				sum := 0
				for range n {
					m, _ := byID.Load(goid.Get())
					sum += m.(map[contextKey]int)[plain[0]]
				}
				keep(sum & 1)
			})
		}},
	}}
}

var glsValues = gls.NewContextManager()

// routineLocals returns n thread locals. A child inherits its parent's values
// for them. They are never freed, so all rows share them.
func routineLocals(n int) []routine.ThreadLocal[int] {
	locals.Lock()
	defer locals.Unlock()
	for len(locals.list) < n {
		locals.list = append(locals.list, routine.NewInheritableThreadLocal[int]())
	}
	return locals.list[:n:n]
}

var locals struct {
	sync.Mutex
	list []routine.ThreadLocal[int]
}

// stackID returns the goroutine's id, read in the way that most blog posts
// show.
func stackID() int64 {
	var line [64]byte
	id := bytes.TrimPrefix(line[:runtime.Stack(line[:], false)], []byte("goroutine "))
	id, _, _ = bytes.Cut(id, []byte(" "))
	n, err := strconv.ParseInt(string(id), 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

// beneath calls f with some more frames on the stack.
//
//go:noinline
func beneath(frames int, f func()) {
	if frames == 0 {
		f()
		return
	}
	beneath(frames-1, f)
}
