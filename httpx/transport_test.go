package httpx_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

// A spyBody is a request's body that counts how many times it was closed.
type spyBody struct {
	io.Reader
	closed atomic.Int32
}

func (b *spyBody) Close() error {
	b.closed.Add(1)
	return nil
}

func TestTransportLeavesTheRequestAsItWas(t *testing.T) {
	t.Parallel()
	fake := serve(t, says("fake"))
	routes := map[string]scope.Binding{
		"target":    httpx.Route("api.test", fake.URL+"/v3"),
		"keep host": httpx.Route("api.test", fake.URL+"/v3", httpx.KeepHost),
		"handler":   httpx.RouteHandler("api.test", says("fake")),
		"transport": httpx.RouteTransport("api.test", plainTo(t, fake)),
		"base URL":  httpx.BaseURL.Bind(fake.URL),
	}
	for name, b := range routes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := scope.With(t.Context(), b)
			newRequest := func() *http.Request {
				req := request(t, ctx, http.MethodPut, "http://user:pw@api.test/a%2Fb?x=1#f", nil)
				req.Body, req.ContentLength = io.NopCloser(strings.NewReader("body")), 4
				req.Host = "virtual.test"
				req.Header = http.Header{"X-One": {"1"}, "X-Forwarded-Host": {"earlier"}}
				return req
			}
			req, want := newRequest(), newRequest()
			header, u, body := req.Header, req.URL, req.Body
			resp, err := wrapped(t).Transport.RoundTrip(req)
			require.NoError(t, err)
			defer resp.Body.Close()

			assert.Equal(t, want.URL, req.URL)
			assert.Equal(t, want.Header, req.Header)
			assert.Equal(t, want.Host, req.Host)
			assert.Equal(t, want.ContentLength, req.ContentLength)
			assert.Equal(t, want.Method, req.Method)
			assert.Equal(t, want.RequestURI, req.RequestURI)
			assert.Nil(t, req.TransferEncoding)
			assert.Nil(t, req.Trailer)
			header["X-Same-Map"] = []string{"1"}
			assert.Contains(t, req.Header, "X-Same-Map")
			assert.Same(t, u, req.URL)
			assert.Equal(t, body, req.Body)
			assert.Equal(t, ctx, req.Context())
			assert.Same(t, req, resp.Request, "the response is the caller's request's")
		})
	}
}

func TestTransportSendsAnUnroutedRequestItself(t *testing.T) {
	t.Parallel()
	answer := &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}
	var sent *http.Request
	rt := httpx.Wrap(roundTripper(func(req *http.Request) (*http.Response, error) {
		sent = req
		return answer, nil
	}))
	req := request(t, t.Context(), http.MethodGet, "http://api.test/", nil)
	resp, err := rt.RoundTrip(req)
	require.NoError(t, err)
	assert.Same(t, req, sent)
	assert.Same(t, answer, resp)
	assert.Nil(t, resp.Request, "the response is as the base returned it")
}

// A failing is a request that can't succeed, and the reason.
type failing struct {
	name   string
	routes []scope.Binding
	base   http.RoundTripper
	change func(*http.Request) *http.Request
	want   string
}

func failures(t *testing.T) []failing {
	fake := serve(t, says("fake"))
	ended, end := scope.New(context.Background(), "Ended")
	end()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	in := func(ctx context.Context) func(*http.Request) *http.Request {
		return func(req *http.Request) *http.Request { return req.WithContext(ctx) }
	}
	over := func(ctx context.Context, b ...scope.Binding) func(*http.Request) *http.Request {
		return in(scope.With(ctx, b...))
	}
	method := func(m string) func(*http.Request) *http.Request {
		return func(req *http.Request) *http.Request {
			req.Method = m
			return req
		}
	}
	opaque := func(req *http.Request) *http.Request { req.URL.Opaque = "//elsewhere.test/x"; return req }
	noURL := func(req *http.Request) *http.Request { req.URL = nil; return req }
	return []failing{
		{"ended scope", nil, nil, in(ended), `httpx: POST http://api.test/x: scope "Ended" has ended`},
		{"refused", []scope.Binding{httpx.Unrouted.Bind(httpx.Refuse)}, nil, nil, "httpx: POST http://api.test/x: refused"},
		{"malformed route", []scope.Binding{httpx.Route("other.test", "localhost:80")}, nil, nil, `httpx: POST http://api.test/x: route "other.test": target "localhost:80": missing scheme`},
		{"malformed base URL", []scope.Binding{httpx.BaseURL.Bind("ftp://x")}, nil, nil, `httpx: POST http://api.test/x: httpx.base_url: target "ftp://x": scheme "ftp" is not http or https`},
		{"CONNECT to a target", []scope.Binding{httpx.Route("*", fake.URL)}, nil, method(http.MethodConnect), "httpx: CONNECT http://api.test/x: a CONNECT can't be routed"},
		{"opaque", []scope.Binding{httpx.Route("*", fake.URL)}, nil, opaque, `httpx: POST http://api.test/x: opaque URL "//elsewhere.test/x" can't be routed`},
		{"no URL", nil, nil, noURL, "httpx: POST (no URL): nil Request.URL"},
		{"no method", []scope.Binding{httpx.Unrouted.Bind(httpx.Refuse)}, nil, method(""), "httpx: GET http://api.test/x: refused"},
		{"base transport's error", nil, roundTripper(func(req *http.Request) (*http.Response, error) {
			req.Body.Close()
			return nil, errors.New("base failed")
		}), nil, "base failed"},
		{"target is down", []scope.Binding{httpx.Route("*", down)}, nil, nil, "connection refused"},
		{"canceled before", []scope.Binding{httpx.Route("*", fake.URL)}, nil, over(canceled, httpx.Route("*", fake.URL)), "context canceled"},
		{"canceled before, in memory", nil, nil, over(canceled, httpx.RouteHandler("*", says(""))), "context canceled"},
		{"handler panics", []scope.Binding{httpx.RouteHandler("*", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			panic(http.ErrAbortHandler)
		}))}, nil, nil, "EOF"},
	}
}

func TestTransportClosesTheBodyOnEveryFailingPath(t *testing.T) {
	t.Parallel()
	for _, f := range failures(t) {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			body := &spyBody{Reader: strings.NewReader("body")}
			closed := make(chan struct{})
			req := request(t, scope.With(t.Context(), f.routes...), http.MethodPost, "http://api.test/x", closing{body, closed})
			if f.change != nil {
				req = f.change(req)
			}
			base := f.base
			if base == nil {
				base = plain(t)
			}
			resp, err := httpx.Wrap(base).RoundTrip(req)
			require.ErrorContains(t, err, f.want)
			assert.Nil(t, resp)
			<-closed // a transport may close it a little later
			assert.EqualValues(t, 1, body.closed.Load(), "times closed")
		})
	}
}

// closing tells when a body is closed for the first time.
type closing struct {
	*spyBody
	done chan struct{}
}

func (c closing) Close() error {
	if c.spyBody.Close(); c.closed.Load() == 1 {
		close(c.done)
	}
	return nil
}

func TestTransportClosesTheBodyOnSuccess(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]scope.Binding{
		"target":  httpx.Route("*", serve(t, says("")).URL),
		"handler": httpx.RouteHandler("*", says("")),
	} {
		body, closed := &spyBody{Reader: strings.NewReader("body")}, make(chan struct{})
		req := request(t, scope.With(t.Context(), b), http.MethodPost, "http://api.test/x", closing{body, closed})
		do(t, wrapped(t), req)
		<-closed
		assert.EqualValues(t, 1, body.closed.Load(), name)
	}
}

func TestTransportPassesAnUnroutedConnect(t *testing.T) {
	t.Parallel()
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Method+" "+r.Host) })
	ctx := scope.With(t.Context(), httpx.Route("other.test", proxy.URL))
	req := request(t, ctx, http.MethodConnect, proxy.URL, nil)
	req.Host = "tunnel.test:443"
	assert.Equal(t, "CONNECT tunnel.test:443", text(wrapped(t).Do(req)))
}

func TestBaseThatReturnsNothingIsThePackageHTTPsError(t *testing.T) {
	t.Parallel()
	nothing := roundTripper(func(*http.Request) (*http.Response, error) { return nil, nil })
	client := &http.Client{Transport: httpx.Wrap(nothing)}
	for _, b := range []scope.Binding{{}, httpx.Route("*", down), httpx.RouteTransport("*", nothing)} {
		got := get(scope.With(t.Context(), b), client, "http://api.test/")
		assert.Equal(t, `Get "http://api.test/": http: RoundTripper implementation (*httpx.Transport) returned a nil *Response with a nil error`, got)
	}
}

func TestErrorLeavesOutWhatMayBeSecret(t *testing.T) {
	t.Parallel()
	ctx := scope.With(t.Context(), httpx.Unrouted.Bind(httpx.Refuse))
	req := request(t, ctx, http.MethodGet, "http://user:s3cret@api.test/a%2Fb?token=s3cret#s3cret", nil)
	_, err := httpx.Wrap(nil).RoundTrip(req)
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "s3cret")
	assert.Contains(t, err.Error(), "httpx: GET http://api.test/a%2Fb: ")
}
