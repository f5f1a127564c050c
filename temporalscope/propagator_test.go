package temporalscope_test

import (
	"context"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/propagation"
	"github.com/scopetree/scope/temporalscope"
)

func TestATokenIsInOneHeaderAsText(t *testing.T) {
	t.Parallel()
	h := headerOf(t, acme(t), newScopes(t, secret("a")))
	require.Equal(t, []string{"scope-context"}, slices.Collect(maps.Keys(h)))
	assert.True(t, strings.HasPrefix(tokenOf(t, h), "1.a."))
	assert.Equal(t, `"`+tokenOf(t, h)+`"`, string(h["scope-context"].Data))
}

func TestWithoutAScopeOrASecretNothingIsSent(t *testing.T) {
	t.Parallel()
	assert.Empty(t, headerOf(t, t.Context(), newScopes(t, secret("a"))))
	assert.Empty(t, headerOf(t, acme(t), newScopes(t)))
	assert.Empty(t, headerOf(t, acme(t), nil))
}

func TestTheGoroutinesScopeIsSentToo(t *testing.T) {
	t.Parallel()
	scope.Run(acme(t), func(context.Context) {
		assert.NotEmpty(t, headerOf(t, context.Background(), newScopes(t, secret("a"))))
	})
}

func TestNothingIsSentFromAScopeThatHasEnded(t *testing.T) {
	t.Parallel()
	ctx, end := scope.New(acme(t), "ended")
	end()
	h := header{}
	err := temporalscope.New(newScopes(t, secret("a")), temporalscope.Refuse).Inject(ctx, h)
	require.ErrorIs(t, err, scope.ErrEnded)
	assert.Empty(t, h)
}

func TestExtractOutsideOfActivities(t *testing.T) {
	t.Parallel()
	p := newScopes(t, secret("a"))
	scopes := temporalscope.New(p, temporalscope.Refuse)
	ctx, err := scopes.Extract(t.Context(), headerOf(t, acme(t), p))
	require.NoError(t, err)
	assert.Equal(t, "acme", scope.Get(ctx, tenant))

	ctx, err = scopes.Extract(t.Context(), header{})
	require.NoError(t, err)
	assert.Equal(t, t.Context(), ctx)

	for token, want := range badTokens(t) {
		ctx, err := scopes.Extract(t.Context(), with(t, token))
		require.ErrorIs(t, err, want)
		assert.Equal(t, t.Context(), ctx)
	}
}

func TestAPayloadThatIsNoTextIsMalformed(t *testing.T) {
	t.Parallel()
	scopes := temporalscope.New(newScopes(t, secret("a")), temporalscope.Refuse)
	plain := map[string][]byte{converter.MetadataEncoding: []byte(converter.MetadataEncodingJSON)}
	for name, payload := range map[string]*commonpb.Payload{
		"nil":            nil,
		"empty":          {},
		"no encoding":    {Data: []byte(`"1.a.b.c"`)},
		"an odd one":     {Metadata: map[string][]byte{converter.MetadataEncoding: []byte("x")}, Data: []byte(`"1.a.b.c"`)},
		"a number":       {Metadata: plain, Data: []byte("17")},
		"null":           {Metadata: plain, Data: []byte("null")},
		"not even JSON":  {Metadata: plain, Data: []byte("secret-looking")},
		"more than text": {Metadata: plain, Data: []byte(`"1.a.b.c" "1.a.b.c"`)},
	} {
		_, err := scopes.Extract(t.Context(), header{propagation.Header: payload})
		require.ErrorIs(t, err, propagation.ErrMalformed, name)
		assert.Equal(t, "temporalscope: propagation: the token is malformed", err.Error(), "nothing is quoted")
	}
}

// Temporal takes payloads of two megabytes.
//
// Serial: what is allocated is counted process-wide.
func TestALargePayloadIsNotRead(t *testing.T) {
	scopes := temporalscope.New(newScopes(t, secret("a")), temporalscope.Refuse)
	large, fits := with(t, strings.Repeat("x", 2<<20)), with(t, strings.Repeat("x", propagation.MaxToken))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := scopes.Extract(t.Context(), large)
	runtime.ReadMemStats(&after)
	require.ErrorIs(t, err, propagation.ErrTooLarge)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))

	_, err = scopes.Extract(t.Context(), fits)
	require.ErrorIs(t, err, propagation.ErrMalformed, "this one is read")
}

func TestNewWantsToKnowWhatBecomesOfARefusedToken(t *testing.T) {
	t.Parallel()
	assert.PanicsWithValue(t, "temporalscope: New needs what to do with a token that is refused: Refuse or Ignore",
		func() { temporalscope.New(nil, nil) })
}
