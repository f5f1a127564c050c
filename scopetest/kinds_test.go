package scopetest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/scopetest"
)

// Benchmarks and fuzz targets have scopes as tests do.

func TestABenchmarkHasAScope(t *testing.T) {
	t.Parallel()
	rounds := 0
	testing.Benchmark(func(b *testing.B) {
		rounds++
		b.Cleanup(func() { assert.NoError(t, scope.Err(context.Background()), "from before the scope: in none") })
		inTest(b, "benchmark's", func() {
			assert.Equal(t, "benchmark's", url.Get())
			b.RunParallel(func(pb *testing.PB) {
				if labels() {
					assert.Equal(t, "benchmark's", url.Get())
				}
				for pb.Next() {
				}
			})
		})
		b.SkipNow()
	})
	assert.Positive(t, rounds)
	assert.Equal(t, "https://api.example.com", url.Get())
}

func BenchmarkGet(b *testing.B) {
	ctx := scopetest.With(b, url.Bind("benchmark's"))
	for b.Loop() {
		scope.Get(ctx, url)
	}
	if got := scope.Get(ctx, url); got != "benchmark's" {
		b.Fatal(got)
	}
}

func FuzzSet(f *testing.F) {
	f.Add("")
	f.Add("http://127.0.0.1:1234")
	f.Add("\xff\x00")
	outer := scope.NewKey("outer", "default")
	f.Cleanup(func() { // from before the scope
		assert.Equal(f, labels(), errors.Is(scope.Err(context.Background()), scope.ErrEnded))
	})
	ctx := scopetest.With(f, outer.Bind("target's"))
	assert.Equal(f, "target's", scope.Get(ctx, outer))
	f.Fuzz(func(t *testing.T, v string) {
		inTest(t, v, func() { assert.Equal(t, v, url.Get()) })
		if labels() {
			assert.Equal(t, "target's", outer.Get(), "a target's inputs inherit from it")
		}
	})
}
