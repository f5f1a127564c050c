package discarded

import (
	"testing"

	"github.com/scopetree/scope"
)

func TestPanics(t *testing.T) {
	for _, call := range []func(){
		func() { scope.Set(nil, url, "x") },
		func() { scope.New(nil, "x") },
	} {
		defer func() { recover() }()
		call()
	}
	ctx, _ := scope.New(t.Context(), "a test's end is near")
	scope.Set(ctx, url, "x") // want `scope.Set is discarded`
	t.Run("a body with more than one statement", func(t *testing.T) {
		scope.Set(ctx, url, "x") // want `scope.Set is discarded`
		t.Log(url.Get())
	})
}

func BenchmarkSet(b *testing.B) {
	ctx := b.Context()
	for b.Loop() {
		scope.Set(ctx, url, "x")
	}
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			scope.Set(ctx, url, "x")
		}
	})
}
