package propagation_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/propagation"
)

// records are the headers of a message that may repeat, as Kafka's.
type records []struct{ key, value string }

func (r *records) Get(key string) string {
	for _, h := range *r {
		if h.key == key {
			return h.value
		}
	}
	return ""
}

func (r *records) Set(key, value string) { *r = append(*r, struct{ key, value string }{key, value}) }

func (r *records) Keys() (keys []string) {
	for _, h := range *r {
		keys = append(keys, h.key)
	}
	return keys
}

func TestCarriers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]propagation.Carrier{
		"header":  propagation.HeaderCarrier{},
		"map":     propagation.MapCarrier{},
		"records": &records{},
	} {
		p := newPropagator(t)
		c.Set("other", "x")
		ctx, err := p.Extract(t.Context(), c)
		require.NoError(t, err, name)
		assert.Equal(t, t.Context(), ctx, name)

		require.NoError(t, p.Inject(acme(t), c), name)
		assert.NotEmpty(t, c.Get(propagation.Header), name)
		assert.Len(t, c.Keys(), 2, name)
		ctx, err = p.Extract(t.Context(), c)
		require.NoError(t, err, name)
		assert.Equal(t, "acme", scope.Get(ctx, tenant), name)
	}
}

func TestSeveralTokensAreRefused(t *testing.T) {
	t.Parallel()
	p := newPropagator(t)
	token := inject(t, p, acme(t))
	other := http.CanonicalHeaderKey(propagation.Header)
	for name, c := range map[string]propagation.Carrier{
		"in a header":   propagation.HeaderCarrier{other: {token, token}},
		"empty ones":    propagation.HeaderCarrier{other: {"", ""}},
		"in two cases":  propagation.MapCarrier{propagation.Header: token, other: token},
		"in two places": &records{{propagation.Header, token}, {"x", ""}, {propagation.Header, token}},
	} {
		ctx, err := p.Extract(t.Context(), c)
		assert.ErrorIs(t, err, propagation.ErrSeveral, name)
		assert.Equal(t, t.Context(), ctx, name)
	}
}

// A bridge between two protocols may have changed it.
func TestTheHeadersCaseIsNothing(t *testing.T) {
	t.Parallel()
	p := newPropagator(t)
	for _, name := range []string{"scope-context", "Scope-Context", "SCOPE-CONTEXT"} {
		ctx, err := p.Extract(t.Context(), propagation.MapCarrier{name: inject(t, p, acme(t))})
		require.NoError(t, err)
		assert.Equal(t, "acme", scope.Get(ctx, tenant))
	}
}

func TestAnEmptyTokenIsNotNone(t *testing.T) {
	t.Parallel()
	for _, c := range []propagation.Carrier{
		propagation.HeaderCarrier{"Scope-Context": {""}},
		propagation.MapCarrier{propagation.Header: ""},
	} {
		_, err := newPropagator(t).Extract(t.Context(), c)
		assert.ErrorIs(t, err, propagation.ErrMalformed)
	}
}
