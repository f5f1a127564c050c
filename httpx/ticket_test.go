package httpx_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

func TestATicketStandsForItsScope(t *testing.T) {
	t.Parallel()
	job, end := scope.New(t.Context(), "Job")
	defer end()
	for name, ctx := range map[string]context.Context{
		"with a lifetime":    scope.Set(job, tenant, "mine"),
		"without a lifetime": scope.Set(scope.Detach(t.Context()), tenant, "mine"),
	} {
		ticket := httpx.TicketOf(ctx)
		assert.Equal(t, ticket, httpx.TicketOf(ctx), name)
		assert.NotEqual(t, ticket, httpx.TicketOf(scope.Set(ctx, tenant, "mine")), name)
		got, err := httpx.ScopeOf(ticket)
		require.NoError(t, err, name)
		assert.Equal(t, "mine", scope.Get(got, tenant), name)
		assert.Equal(t, scope.Name(ctx), scope.Name(got), name)
	}
	none, err := httpx.ScopeOf(httpx.TicketOf(scope.Detach(t.Context())))
	require.NoError(t, err)
	scope.Run(scope.Set(t.Context(), tenant, "the goroutine's"), func(context.Context) {
		assert.Equal(t, "none", scope.Get(none, tenant))
	})
	for _, ticket := range []string{"", "made up"} {
		_, err = httpx.ScopeOf(ticket)
		assert.Error(t, err)
	}
}

func TestATicketGoesWithItsScope(t *testing.T) {
	t.Parallel()
	job, end := scope.New(t.Context(), "Job")
	ticket := httpx.TicketOf(job)
	end()
	_, err := httpx.ScopeOf(ticket)
	assert.Error(t, err)
}

// Such as those of a server's requests, which derive a scope each.
func TestATicketIsForgottenWhenNobodyHasItsScope(t *testing.T) {
	t.Parallel()
	job, end := scope.New(t.Context(), "Job")
	defer end()
	for name, around := range map[string]context.Context{"in a lifetime": job, "in none": scope.Detach(t.Context())} {
		tickets := make([]string, 1000)
		for i := range tickets {
			tickets[i] = httpx.TicketOf(scope.With(around, httpx.RouteHandler("api.test", says(large))))
		}
		known := func() (n int) {
			for _, ticket := range tickets {
				if _, err := httpx.ScopeOf(ticket); err == nil {
					n++
				}
			}
			return n
		}
		for began := time.Now(); known() > 100 && time.Since(began) < 30*time.Second; runtime.Gosched() {
			runtime.GC()
		}
		assert.LessOrEqual(t, known(), 100, name)
	}
}
