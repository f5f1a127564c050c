package httpx_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

// A host can be written in several ways (RFC 5891).
func TestAHostIsTheSameInEachForm(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ route, url string }{
		{"bücher.example", "http://xn--bcher-kva.example/"},
		{"xn--bcher-kva.example", "http://bücher.example/"},
		{"BÜCHER.example", "http://bücher.example./"},
		{"bücher.example:8080", "http://xn--bcher-kva.example:8080/"},
		{"*.bücher.example", "http://www.xn--bcher-kva.example/"},
		{"*.xn--bcher-kva.example", "http://www.BÜCHER.example/"},
	} {
		ctx := scope.With(t.Context(), httpx.RouteHandler(test.route, says("fake")), httpx.Unrouted.Bind(httpx.Refuse))
		assert.Equal(t, "fake", get(ctx, wrapped(t), test.url), "%s for %s", test.route, test.url)
		assert.Contains(t, get(ctx, wrapped(t), "http://buecher.example/"), "routes: "+test.route+" → ")
	}
	sent := httpx.Wrap(roundTripper(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Body: http.NoBody, Header: http.Header{"Host": {r.URL.Host}}}, nil
	}))
	ctx := scope.With(t.Context(), httpx.Route("api.test", "http://bücher.example"), httpx.Unrouted.Bind(httpx.Refuse))
	for _, url := range []string{"http://api.test/", "http://xn--bcher-kva.example/"} {
		resp, err := (&http.Client{Transport: sent}).Do(request(t, ctx, http.MethodGet, url, nil))
		assert.NoError(t, err, url)
		assert.NoError(t, resp.Body.Close())
	}
}

func TestAHostThatIsNoneIsNamed(t *testing.T) {
	t.Parallel()
	assert.ErrorContains(t, httpx.CheckRoute("bü cher.example", "http://127.0.0.1"), `route "bü cher.example"`)
	assert.ErrorContains(t, httpx.CheckRoute("-ü.example", "http://127.0.0.1"), `route "-ü.example": not a host name: idna: `)
	assert.ErrorContains(t, httpx.CheckRoute("api.test", "http://-ü.example"), `target "http://-ü.example": not a host name: idna: `)
}
