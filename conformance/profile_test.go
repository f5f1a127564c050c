package conformance

import (
	"bytes"
	"context"
	"math"
	"runtime/pprof"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
)

// Other programs can read profiles that are taken while code runs in scopes.
// The profiles say in which scope each goroutine is, but not with the gls
// carrier.

func TestGoroutineProfilesNameTheScope(t *testing.T) {
	t.Parallel()
	outer, endOuter := scope.New(scope.Set(t.Context(), who, "A"), "TestCheckout")
	defer endOuter()
	inner, endInner := scope.New(outer, "card")
	defer endInner()
	gone, end := scope.New(outer, "gone")

	stop := make(chan struct{})
	defer close(stop)
	park := func(ctx context.Context, labels ...string) {
		parked := make(chan struct{})
		scope.Go(ctx, func(ctx context.Context) {
			pprof.Do(ctx, pprof.Labels(labels...), func(context.Context) {
				close(parked)
				<-stop
			})
		})
		<-parked
	}
	park(outer, "a", "1")
	park(inner, "z", "2", "a", "1")
	park(gone, "ended", "soon")
	park(scope.Detach(outer), "detached", "yes")
	park(scope.Set(t.Context(), who, "nameless"), "nameless", "yes")
	end()

	for _, debug := range []int{1, 2} {
		var text bytes.Buffer
		require.NoError(t, pprof.Lookup("goroutine").WriteTo(&text, debug))
		assert.NotEmpty(t, text)
	}
	var data bytes.Buffer
	require.NoError(t, pprof.Lookup("goroutine").WriteTo(&data, 0))
	p, err := profile.Parse(&data)
	require.NoError(t, err)
	require.NoError(t, p.CheckValid())

	named := func(name string) []string {
		if scope.Carrier() != "labels" {
			return nil
		}
		return []string{name}
	}
	for _, want := range []map[string][]string{
		{"scope": named("TestCheckout"), "a": {"1"}},
		{"scope": named("TestCheckout/card"), "a": {"1"}, "z": {"2"}},
		{"scope": named("TestCheckout/gone"), "ended": {"soon"}},
		{"scope": nil, "detached": {"yes"}},
		{"scope": named("unnamed"), "nameless": {"yes"}},
	} {
		assert.True(t, slices.ContainsFunc(p.Sample, func(s *profile.Sample) bool {
			for key, values := range want {
				if !slices.Equal(values, s.Label[key]) {
					return false
				}
			}
			return true
		}), "no goroutine with %v in\n%v", want, p)
	}
}

// This test is serial, because a process has only one CPU profile at a time.
func TestCPUProfilesNameTheScope(t *testing.T) {
	ctx, end := scope.New(t.Context(), "TestCheckout")
	defer end()
	inner, endInner := scope.New(scope.Set(ctx, who, "A"), "card")
	defer endInner()
	gone, endGone := scope.New(ctx, "gone")
	endGone()

	scopes := map[string]bool{}
	for start := time.Now(); len(scopes) < 3 && time.Since(start) < time.Minute; {
		var data bytes.Buffer
		require.NoError(t, pprof.StartCPUProfile(&data))
		for _, ctx := range []context.Context{ctx, inner, gone} {
			scope.Run(ctx, func(ctx context.Context) {
				pprof.Do(ctx, pprof.Labels("user", "1"), func(context.Context) { burn(100 * time.Millisecond) })
			})
		}
		pprof.StopCPUProfile()
		p, err := profile.Parse(&data)
		require.NoError(t, err)
		require.NoError(t, p.CheckValid())
		for _, s := range p.Sample {
			if slices.Equal(s.Label["user"], []string{"1"}) {
				scopes[slices.Concat(s.Label["scope"], []string{""})[0]] = true
			}
		}
		if scope.Carrier() != "labels" && len(scopes) > 0 {
			assert.Equal(t, map[string]bool{"": true}, scopes)
			return
		}
	}
	assert.Equal(t, map[string]bool{"TestCheckout": true, "TestCheckout/card": true, "TestCheckout/gone": true}, scopes)
}

var sink atomic.Uint64

// burn keeps the CPU busy, and reads the goroutine's scope all the time.
func burn(d time.Duration) {
	for start := time.Now(); time.Since(start) < d; {
		x := float64(len(who.Get()))
		for range 1000 {
			x = math.Sqrt(x + 1)
		}
		sink.Store(math.Float64bits(x))
	}
}
