package httpx_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

// A seen is what a fake saw of a request's origin.
type seen struct{ Host, URI, ForwardedHost, ForwardedProto string }

func tellSeen(w http.ResponseWriter, r *http.Request) {
	json.NewEncoder(w).Encode(seen{r.Host, r.RequestURI, r.Header.Get("X-Forwarded-Host"), r.Header.Get("X-Forwarded-Proto")})
}

func TestRouteTellsTheTargetOfTheOriginalHost(t *testing.T) {
	t.Parallel()
	fake := serve(t, tellSeen)
	for _, tt := range []struct {
		name, url, host string
		route           scope.Binding
		want            seen
	}{
		{"target", "https://api.test/x", "", httpx.Route("api.test", fake.URL), seen{fake.host(), "/x", "api.test", "https"}},
		{"with a port", "http://api.test:8080/x", "", httpx.Route("api.test", fake.URL), seen{fake.host(), "/x", "api.test:8080", "http"}},
		{"virtual host", "http://api.test/x", "virtual.test", httpx.Route("api.test", fake.URL), seen{fake.host(), "/x", "virtual.test", "http"}},
		{"keep host", "https://api.test:444/x", "", httpx.Route("api.test", fake.URL, httpx.KeepHost), seen{"api.test:444", "/x", "", ""}},
		{"keep virtual host", "http://api.test/x", "virtual.test", httpx.Route("api.test", fake.URL, httpx.KeepHost), seen{"virtual.test", "/x", "", ""}},
		{"base URL", "https://api.test/x", "", httpx.BaseURL.Bind(fake.URL + "/base"), seen{fake.host(), "/base/x", "api.test", "https"}},
		{"at the target already", fake.URL + "/x", "", httpx.Route("*", fake.URL+"/base"), seen{fake.host(), "/x", "", ""}},
		{"at the target already, by a route for it", fake.URL + "/x", "", httpx.Route(fake.host(), fake.URL+"/base"), seen{fake.host(), "/x", "", ""}},
		{"handler", "https://api.test/x", "", httpx.RouteHandler("api.test", http.HandlerFunc(tellSeen)), seen{"api.test", "/x", "", ""}},
		{"handler, virtual host", "https://api.test/x", "virtual.test", httpx.RouteHandler("api.test", http.HandlerFunc(tellSeen)), seen{"virtual.test", "/x", "", ""}},
		{"transport", "http://api.test/x", "", httpx.RouteTransport("api.test", plainTo(t, fake)), seen{"api.test", "/x", "", ""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			req := request(t, scope.With(t.Context(), tt.route), http.MethodGet, tt.url, nil)
			req.Host = tt.host
			var got seen
			require.NoError(t, json.NewDecoder(do(t, wrapped(t), req).Body).Decode(&got))
			assert.Equal(t, tt.want, got)
		})
	}
}

// A gateway sets such headers about its own client.
func TestRouteKeepsTheForwardedHeadersOfTheRequest(t *testing.T) {
	t.Parallel()
	fake := serve(t, tellSeen)
	req := request(t, scope.With(t.Context(), httpx.Route("api.test", fake.URL)), http.MethodGet, "http://api.test/", nil)
	req.Header.Set("X-Forwarded-Host", "shop.example.com")
	var got seen
	require.NoError(t, json.NewDecoder(do(t, wrapped(t), req).Body).Decode(&got))
	assert.Equal(t, seen{fake.host(), "/", "shop.example.com", "http"}, got)

	req.Header.Set("X-Forwarded-Proto", "https")
	require.NoError(t, json.NewDecoder(do(t, wrapped(t), req).Body).Decode(&got))
	assert.Equal(t, seen{fake.host(), "/", "shop.example.com", "https"}, got)
}
