package conformance

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/singleflight"

	"github.com/scopetree/scope"
)

// These are the rows of the root module's boundary table that need
// golang.org/x/sync.

var who = scope.NewKey("who", "none")

// inherited returns the value that a goroutine reads if it is started without
// package scope and its parent reads bound.
func inherited(bound string) string {
	if scope.Carrier() == "labels" {
		return bound
	}
	return "none"
}

func bound(t *testing.T, name string, f func(ctx context.Context)) {
	t.Helper()
	scope.Run(scope.Set(t.Context(), who, name), f)
}

func TestErrgroupGoInherits(t *testing.T) {
	t.Parallel()
	bound(t, "A", func(ctx context.Context) {
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(2)
		for range 10 {
			group.Go(func() error {
				if got := scope.Get(ctx, who); got != "A" {
					return fmt.Errorf("the group's context: %s", got)
				}
				if got := who.Get(); got != inherited("A") {
					return fmt.Errorf("the goroutine: %s", got)
				}
				return nil
			})
		}
		assert.NoError(t, group.Wait())
	})
}

func TestParallelErrgroupsNeverSeeEachOthers(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			name := fmt.Sprint("test ", i)
			bound(t, name, func(context.Context) {
				var group errgroup.Group
				for range 5 {
					group.Go(func() error { assert.Equal(t, inherited(name), who.Get()); return nil })
				}
				_ = group.Wait()
			})
		})
	}
	all.Wait()
}

// The leader's function answers for all callers, in the leader's scope. Scopes
// that share a flight share the values that it read.
func TestSingleflightRunsInTheLeadersScope(t *testing.T) {
	t.Parallel()
	var group singleflight.Group
	leading, finish := make(chan struct{}), make(chan struct{})
	read := func() (any, error) {
		close(leading)
		<-finish
		return who.Get(), nil
	}
	var callers sync.WaitGroup
	callers.Go(func() {
		bound(t, "A", func(context.Context) {
			v, _, _ := group.Do("key", read)
			assert.Equal(t, "A", v)
		})
	})
	<-leading
	bound(t, "B", func(context.Context) {
		joined := group.DoChan("key", func() (any, error) { assert.Fail(t, "B leads"); return nil, nil })
		close(finish)
		assert.Equal(t, "A", (<-joined).Val)
	})
	callers.Wait()
}

func TestSingleflightDoChanIsAPlainGo(t *testing.T) {
	t.Parallel()
	bound(t, "A", func(context.Context) {
		var group singleflight.Group
		got := <-group.DoChan("key", func() (any, error) { return who.Get(), nil })
		assert.Equal(t, inherited("A"), got.Val)
	})
}
