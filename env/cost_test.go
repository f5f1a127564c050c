package env_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/env"
)

// Serial: allocations are counted process-wide.
func TestAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	unchanged := scope.Set(t.Context(), scope.NewKey("unrelated", 0), 1)
	changed := changedMuch(t.Context())
	for _, c := range []struct {
		name    string
		f, base func()
		more    float64
	}{
		{"Lookup, no scope", func() { env.Lookup(t.Context(), inherited) }, func() { os.LookupEnv(inherited) }, 0},
		{"Lookup, unchanged", func() { env.Lookup(unchanged, inherited) }, func() { os.LookupEnv(inherited) }, 0},
		{"Lookup of another", func() { env.Lookup(changed, inherited) }, func() { os.LookupEnv(inherited) }, 0},
		{"Lookup, changed", func() { env.Lookup(changed, "ENV_TEST_7") }, func() {}, 0},
		{"Environ, no scope", func() { env.Environ(t.Context()) }, func() { os.Environ() }, 0},
		{"Environ, unchanged", func() { env.Environ(unchanged) }, func() { os.Environ() }, 0},
	} {
		got, base := testing.AllocsPerRun(100, c.f), testing.AllocsPerRun(100, c.base)
		assert.LessOrEqual(t, got-base, c.more, c.name)
	}
}

// changedMuch returns ctx with a hundred changes.
func changedMuch(ctx context.Context) context.Context {
	for i := range 100 {
		ctx = env.Set(ctx, fmt.Sprint("ENV_TEST_", i), "x")
	}
	return ctx
}

// The ratios to package os count: run these together.
func BenchmarkLookup(b *testing.B) {
	unchanged := scope.Set(b.Context(), scope.NewKey("unrelated", 0), 1)
	changed := changedMuch(b.Context())
	for _, c := range []struct {
		name string
		f    func()
	}{
		{"os", func() { os.LookupEnv(inherited) }},
		{"no scope", func() { env.Lookup(context.Background(), inherited) }},
		{"unchanged", func() { env.Lookup(unchanged, inherited) }},
		{"changes of others", func() { env.Lookup(changed, inherited) }},
		{"changed", func() { env.Lookup(changed, "ENV_TEST_7") }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.f()
			}
		})
	}
}

func BenchmarkEnviron(b *testing.B) {
	unchanged := scope.Set(b.Context(), scope.NewKey("unrelated", 0), 1)
	one, much := env.Set(b.Context(), inherited, "x"), changedMuch(b.Context())
	for _, c := range []struct {
		name string
		f    func()
	}{
		{"os", func() { os.Environ() }},
		{"unchanged", func() { env.Environ(unchanged) }},
		{"changes=1", func() { env.Environ(one) }},
		{"changes=100", func() { env.Environ(much) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.f()
			}
		})
	}
}

func BenchmarkSet(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		env.Set(context.Background(), inherited, "x")
	}
}
