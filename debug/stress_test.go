package debug_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/env"
	"github.com/scopetree/scope/httpx"
)

// For the race detector: scopes are made, derived, bound and ended, and send
// requests, while the page is rendered in both forms.
func TestThePageIsRenderedWhileScopesComeAndGo(t *testing.T) {
	t.Parallel()
	p := newPage(t)
	all, endAll := scope.New(t.Context(), t.Name())
	defer endAll()
	all = scope.With(all, httpx.RouteHandler("pay.test", http.HandlerFunc(ok)))
	pointer := scope.NewKey[*silent]("pointer", nil)
	var workers, pages sync.WaitGroup
	stop := make(chan struct{})
	for _, query := range []string{"?format=json", "?name=" + t.Name(), "?name=/7"} {
		pages.Go(func() {
			for {
				get(t, p, query)
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	for i := range 200 {
		workers.Go(func() {
			for round := range 3 {
				own := &silent{"first"}
				ctx, end := scope.New(all, fmt.Sprint(i))
				ctx = scope.With(ctx, url.Bind(fmt.Sprint(i, round)), token.Bind("c4nary"), env.Bind("SECRET", "c4nary"), pointer.Bind(own))
				scope.Run(ctx, func(ctx context.Context) {
					child, endChild := scope.New(scope.Set(ctx, url, "nearer"), "child")
					scope.Go(child, func(context.Context) { endChild() })
				})
				own.password = "changed" // what the page must not look into
				send(t, ctx, fmt.Sprintf("https://pay.test/%d", i%10))
				end()
			}
		})
	}
	workers.Wait()
	close(stop)
	pages.Wait()
	l := list(t, p, t.Name())
	assert.Equal(t, 1, l.Shown, "all but one have ended")
}

// A page more or less changes nothing for the others.
func TestPagesComeAndGo(t *testing.T) {
	t.Parallel()
	p := newPage(t)
	ctx, end := scope.New(t.Context(), t.Name())
	defer end()
	var pages sync.WaitGroup
	for range 50 {
		pages.Go(func() {
			other := newPage(t)
			_, end := scope.New(ctx, "child")
			defer end()
			other.Close()
		})
	}
	pages.Wait()
	assert.Equal(t, 1, list(t, p, t.Name()).Shown)
}
