package propagation_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/propagation"
)

// whose answers with the tenant, as the context has it and as the goroutine does.
var whose = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	fmt.Fprint(w, scope.Get(r.Context(), tenant), " ", tenant.Get())
})

// serve returns what a handler answers to a request with a token, "" for none.
func serve(h http.Handler, token string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	if token != "" {
		r.Header.Set(propagation.Header, token)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestMiddlewareBindsTheRequestAndTheGoroutine(t *testing.T) {
	t.Parallel()
	p := newPropagator(t)
	h := p.Middleware(whose, propagation.Refuse)
	assert.Equal(t, "acme acme", serve(h, inject(t, p, acme(t))).Body.String())
	assert.Equal(t, "nobody nobody", serve(h, "").Body.String(), "the next on this goroutine")
}

func TestARefusedTokensRequestIsTheCallers(t *testing.T) {
	t.Parallel()
	p := newPropagator(t)
	forged := inject(t, newPropagator(t, secrets("x", "a")), acme(t))

	refused := serve(p.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the handler was called")
	}), propagation.Refuse), forged)
	assert.Equal(t, http.StatusBadRequest, refused.Code)
	assert.Equal(t, propagation.ErrUnknownSecret.Error()+"\n", refused.Body.String())

	ignored := serve(p.Middleware(whose, propagation.Ignore), forged)
	assert.Equal(t, http.StatusOK, ignored.Code)
	assert.Equal(t, "nobody nobody", ignored.Body.String())

	var seen error
	counting := p.Middleware(whose, func(_ http.ResponseWriter, _ *http.Request, err error) bool {
		seen = err
		return true
	})
	serve(counting, "garbage")
	assert.ErrorIs(t, seen, propagation.ErrMalformed)
}

func TestMiddlewarePanicsWithoutHandlerOrPolicy(t *testing.T) {
	t.Parallel()
	assert.Panics(t, func() { newPropagator(t).Middleware(whose, nil) })
	assert.Panics(t, func() { newPropagator(t).Middleware(nil, propagation.Refuse) })
}
