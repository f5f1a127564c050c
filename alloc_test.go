package scope_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
)

// Serial: allocations are counted process-wide.
func TestAllocations(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates")
	}
	ctx := t.Context()
	pointer := scope.NewKey[*int]("pointer", nil)
	text := scope.NewKey("text", "default")
	small := scope.Set(ctx, text, "small")
	large := small
	for i := range 64 {
		large = scope.Set(large, scope.NewKey(fmt.Sprint(i), 0), i)
	}
	ended, end := scope.New(small, "ended")
	end()
	derived, cancel := context.WithCancel(small)
	defer cancel()
	living, stop := scope.New(ctx, "living")
	defer stop()
	thing := scope.NewResource(func() int { return 1 }, nil)
	f, wrapped := func(context.Context) {}, scope.Wrap(small, func() {})
	value := new(int)
	var eight []scope.Binding
	for range 8 {
		eight = append(eight, scope.NewKey[*int]("one of eight", nil).Bind(value))
	}
	seven := scope.With(ctx, eight[:7]...)

	for _, c := range []struct {
		name     string
		f        func()
		most     float64
		portable bool // gls keeps it too
	}{
		{"Get from a context", func() { scope.Get(small, text) }, 0, true},
		{"Get from a context below", func() { scope.Get(derived, text) }, 0, true},
		{"Get from a large scope", func() { scope.Get(large, text) }, 0, true},
		{"Get from an ended scope", func() { scope.Get(ended, text) }, 0, true},
		{"Get of a default", func() { scope.Get(ctx, text) }, 0, true},
		{"Lookup", func() { scope.Lookup(small, text) }, 0, true},
		{"Key.Get", func() { text.Get() }, 0, true},
		{"Err", func() { _ = scope.Err(small) }, 0, true},
		{"Name", func() { scope.Name(small) }, 0, true},
		{"Capture of a context with a scope", func() { scope.Capture(small) }, 0, true},
		{"Set of a pointer", func() { scope.Set(ctx, pointer, value) }, 1, true},
		{"Set of a string", func() { scope.Set(ctx, text, "value") }, 2, true},
		{"Set over another scope", func() { scope.Set(small, pointer, value) }, 1, true},
		{"With of 8 pointers", func() { scope.With(ctx, eight...) }, 1, true},
		{"Set over 7", func() { scope.Set(seven, pointer, value) }, 1, true},
		{"Set over a table", func() { scope.Set(large, pointer, value) }, 1, true},
		{"Detach", func() { scope.Detach(small) }, 1, true},
		{"Get of a Resource", func() { thing.Get(living) }, 0, true},
		{"Get of the process's Resource", func() { thing.Get(small) }, 0, true},
		{"Run on a bound context", func() { scope.Run(small, f) }, 0, false},
		{"Run on a context below", func() { scope.Run(derived, f) }, 1, false},
		{"a wrapped function", func() { wrapped() }, 0, false},
	} {
		if !c.portable && !labels() {
			continue
		}
		c.f() // makes the tag
		assert.LessOrEqual(t, testing.AllocsPerRun(100, c.f), c.most, c.name)
		if !labels() {
			continue
		}
		scope.Run(small, func(context.Context) {
			if c.most == 0 { // a context without a scope has to ask the goroutine
				assert.LessOrEqual(t, testing.AllocsPerRun(100, c.f), c.most, "%s on a bound goroutine", c.name)
			}
		})
	}
}

func TestGoAllocatesAtMostOnceMoreThanAGoStatement(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates")
	}
	if !labels() {
		t.Skip("gls makes a map for every goroutine")
	}
	ctx := scope.Set(t.Context(), scope.NewKey("key", 0), 1)
	done := make(chan struct{})
	f := func(context.Context) { done <- struct{}{} }
	bare := testing.AllocsPerRun(1000, func() {
		go f(ctx)
		<-done
	})
	bound := func() {
		scope.Go(ctx, f)
		<-done
	}
	bound()
	assert.LessOrEqual(t, testing.AllocsPerRun(1000, bound), bare+1, "from an unbound goroutine")
	scope.Run(ctx, func(context.Context) {
		assert.LessOrEqual(t, testing.AllocsPerRun(1000, bound), bare+1, "from one that is bound to it")
	})
}
