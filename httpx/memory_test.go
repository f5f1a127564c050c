package httpx_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

func TestHandlerSeesTheRequestAsAServerWould(t *testing.T) {
	t.Parallel()
	var got *http.Request
	client, ctx := memory(t.Context(), func(_ http.ResponseWriter, r *http.Request) {
		got = r
		r.Header.Set("X-Changed", "by the handler")
	})
	req := request(t, ctx, http.MethodPost, "https://user:pw@api.test:444/a%2Fb?x=1#f", strings.NewReader("body"))
	req.Header["x-lower"] = []string{"1"}
	req.Header["X-Empty"] = nil
	do(t, client, req)

	assert.Equal(t, "POST", got.Method)
	assert.Equal(t, "api.test:444", got.Host)
	assert.Equal(t, "/a%2Fb?x=1", got.RequestURI)
	assert.Equal(t, "/a%2Fb?x=1", got.URL.String(), "no scheme, host, user or fragment")
	assert.Equal(t, "/a/b", got.URL.Path)
	assert.Equal(t, "HTTP/1.1", got.Proto)
	assert.Equal(t, "192.0.2.1:1234", got.RemoteAddr)
	assert.EqualValues(t, 4, got.ContentLength)
	assert.Equal(t, "4", got.Header.Get("Content-Length"))
	assert.Equal(t, "Go-http-client/1.1", got.UserAgent())
	assert.Equal(t, "1", got.Header.Get("X-Lower"))
	assert.NotContains(t, got.Header, "X-Empty")
	user, pw, _ := got.BasicAuth()
	assert.Equal(t, "user pw", user+" "+pw)
	require.NotNil(t, got.TLS)
	assert.Equal(t, "api.test", got.TLS.ServerName)
	assert.Nil(t, got.GetBody)
	assert.Nil(t, got.Response)
	assert.NotContains(t, req.Header, "X-Changed", "the client's header")
}

func TestHandlerOfAPlainRequestSeesNoTLS(t *testing.T) {
	t.Parallel()
	client, ctx := memory(t.Context(), func(w http.ResponseWriter, r *http.Request) {
		assert.Nil(t, r.TLS)
		assert.Equal(t, http.NoBody, r.Body)
		assert.Zero(t, r.ContentLength)
	})
	do(t, client, request(t, ctx, "", "http://api.test/", nil))
}

type valueKey struct{}

func TestHandlerSeesTheScopeAndNoOtherValueOfTheContext(t *testing.T) {
	t.Parallel()
	name := scope.NewKey("test.name", "the default")
	client, ctx := memory(t.Context(), func(w http.ResponseWriter, r *http.Request) {
		assert.Nil(t, r.Context().Value(valueKey{}), "a value of the client's context")
		io.WriteString(w, name.Get()+", "+scope.Get(r.Context(), name))
	})
	ctx = context.WithValue(scope.Set(ctx, name, "the scope's"), valueKey{}, "secret")
	assert.Equal(t, "the scope's, the scope's", get(ctx, client, "http://api.test/"))
	assert.Equal(t, "the default", name.Get(), "here")
}

func TestHandlersOwnRequestsFollowTheScopesRoutes(t *testing.T) {
	t.Parallel()
	real, fake := serve(t, says("real")), serve(t, says("fake"))
	client, ctx := memory(t.Context(), func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, text(http.Get(real.URL)))
	})
	ctx = scope.With(ctx, httpx.Route(real.host(), fake.URL))
	assert.Equal(t, "fake", get(ctx, client, "http://api.test/"))
}

func TestHandlerReadsTheRequestsBody(t *testing.T) {
	t.Parallel()
	var body io.ReadCloser
	client, ctx := memory(t.Context(), func(w http.ResponseWriter, r *http.Request) {
		body = r.Body
		io.CopyN(w, r.Body, 4)
		assert.NoError(t, r.Body.Close())
	})
	got := text(client.Do(request(t, ctx, http.MethodPost, "http://api.test/", strings.NewReader("body and more"))))
	assert.Equal(t, "body", got)
	_, err := body.Read(make([]byte, 1))
	assert.ErrorIs(t, err, http.ErrBodyReadAfterClose, "after the handler has returned")
}

func TestHandlerAnswersManyAtOnce(t *testing.T) {
	t.Parallel()
	client, ctx := memory(t.Context(), func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Write(body)
	})
	answers := make(chan bool)
	for i := range 100 {
		go func() {
			body := strings.Repeat(string(rune('a'+i%26)), 10_000)
			answers <- body == text(client.Do(request(t, ctx, http.MethodPost, "http://api.test/", strings.NewReader(body))))
		}()
	}
	for range 100 {
		assert.True(t, <-answers)
	}
}

func TestHandlersWriterCanDoWhatAServersCan(t *testing.T) {
	t.Parallel()
	client, ctx := memory(t.Context(), func(w http.ResponseWriter, _ *http.Request) {
		c := http.NewResponseController(w)
		assert.NoError(t, c.EnableFullDuplex())
		assert.NoError(t, c.SetReadDeadline(time.Now().Add(time.Hour)))
		assert.NoError(t, c.SetWriteDeadline(time.Now().Add(time.Hour)))
		assert.Implements(t, (*http.Flusher)(nil), w)
		assert.Implements(t, (*io.StringWriter)(nil), w)
		assert.Implements(t, (*io.ReaderFrom)(nil), w)
		conn, _, err := c.Hijack()
		if assert.NoError(t, err) {
			defer conn.Close()
			io.WriteString(conn, "HTTP/1.1 418 I'm a teapot\r\nContent-Length: 5\r\n\r\nshort")
		}
	})
	resp := do(t, client, request(t, ctx, http.MethodGet, "http://api.test/", nil))
	assert.Equal(t, http.StatusTeapot, resp.StatusCode)
	assert.Equal(t, "short", text(resp, nil))
}

func TestRequestWithoutAHeaderMapReachesTheHandler(t *testing.T) {
	t.Parallel()
	client, ctx := memory(t.Context(), says("fine"))
	req := request(t, ctx, http.MethodGet, "http://api.test/", nil)
	req.Header = nil
	assert.Equal(t, "fine", text(client.Transport.RoundTrip(req)))
	assert.Nil(t, req.Header)
}

func TestServeMuxRoutesInMemory(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("GET api.test/users/{id}", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "user "+r.PathValue("id"))
	})
	ctx := scope.With(t.Context(), httpx.RouteHandler("*", mux))
	assert.Equal(t, "user a/b", get(ctx, wrapped(t), "http://api.test/users/a%2Fb"))
	assert.Equal(t, "404 page not found\n", get(ctx, wrapped(t), "http://other.test/users/a"))
}
