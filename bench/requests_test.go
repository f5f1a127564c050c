package bench_test

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/h2non/gock"
	"github.com/jarcoal/httpmock"
	"gopkg.in/dnaeon/go-vcr.v4/pkg/recorder"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/bench"
	"github.com/scopetree/scope/httpx"
)

// The names of the peers on a request.
const (
	bare      = "bare"
	rewriting = "rewriting_RoundTripper"
	layer     = "one_layer"           // the least for an unrouted request
	redirects = "redirecting_by_hand" // the least for a routed request

	unrouted        = "httpx_unrouted"
	unroutedInScope = "httpx_unrouted_in_scope"
	routed          = "httpx_routed"
	routedBelow     = "httpx_routed_below_a_path"
	routeHandler    = "httpx_RouteHandler" // in a scope with a lifetime, like a test's scope
	routedLoopback  = "httpx_routed_to_loopback"

	loopback = "loopback_server"
)

const (
	address = "https://api.example.com/users/ada?full=1"
	answer  = `{"login":"ada"}`
)

// requests is one client.Get whose response is read to its end. A canned response answers
// for the transports, and a handler for the servers.
func requests(tb testing.TB) bench.Row {
	tb.Helper()
	ctx := context.Background()
	server := httptest.NewServer(http.HandlerFunc(answering))
	tb.Cleanup(server.Close)
	target, err := url.Parse(server.URL)
	if err != nil {
		tb.Fatal(err)
	}
	host := target.Host

	mock := httpmock.NewMockTransport()
	mock.RegisterResponder("GET", address, httpmock.NewStringResponder(200, answer))

	gock.New("https://api.example.com").Get("/users/ada").Persist().Reply(200).BodyString(answer)
	tb.Cleanup(gock.Off)

	inRoute := scope.With(ctx, httpx.Route("api.example.com", "http://127.0.0.1:4321"))
	inRouteBelow := scope.With(ctx, httpx.Route("api.example.com", "http://127.0.0.1:4321/v3"))
	job, end := scope.New(ctx, "job")
	tb.Cleanup(end)
	inHandler := scope.With(job, httpx.RouteHandler("api.example.com", http.HandlerFunc(answering)))
	toLoopback := scope.With(ctx, httpx.Route("api.example.com", server.URL))
	wrapped := httpx.Wrap(canned{})
	return bench.Row{Name: "Request", Peers: []bench.Peer{
		get(tb, bare, ctx, canned{}, address),
		get(tb, rewriting, ctx, rewrite{canned{}, target}, address),
		get(tb, layer, ctx, &layered{canned{}}, address),
		get(tb, redirects, ctx, redirect{canned{}, target}, address),
		get(tb, unrouted, ctx, wrapped, address),
		get(tb, unroutedInScope, scope.Set(ctx, scope.NewKey("other", 0), 1), wrapped, address),
		get(tb, routed, inRoute, wrapped, address),
		get(tb, routedBelow, inRouteBelow, wrapped, address),
		get(tb, routeHandler, inHandler, wrapped, address),
		get(tb, "httpx_HandlerTransport", ctx, httpx.HandlerTransport(http.HandlerFunc(answering)), address),
		get(tb, "jarcoal_httpmock", ctx, mock, address),
		get(tb, "h2non_gock", ctx, gock.NewTransport(), address),
		get(tb, "dnaeon_go-vcr", ctx, replaying(tb), address),
		get(tb, "httptest_Recorder", ctx, recording{http.HandlerFunc(answering)}, address),
		get(tb, loopback, ctx, newTransport(tb), "http://"+host+"/users/ada?full=1"),
		get(tb, routedLoopback, toLoopback, httpx.Wrap(newTransport(tb)), address),
	}}
}

// unscoped is a request in a program without any scope.
func unscoped(tb testing.TB) bench.Row {
	tb.Helper()
	return bench.Row{Name: "RequestUnscoped", Peers: []bench.Peer{
		get(tb, bare, context.Background(), canned{}, address),
		get(tb, unrouted, context.Background(), httpx.Wrap(canned{}), address),
	}}
}

// get returns a peer that sends one request through rt.
func get(tb testing.TB, name string, ctx context.Context, rt http.RoundTripper, address string) bench.Peer {
	client := &http.Client{Transport: rt}
	return bench.Peer{Name: name, Loop: func(n int) {
		for range n {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
			if err != nil {
				tb.Fatal(err)
			}
			resp, err := client.Do(req)
			if err != nil {
				tb.Fatalf("%s: %v", name, err)
			}
			read, err := io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if err != nil || read != int64(len(answer)) {
				tb.Fatalf("%s: read %d bytes, %v", name, read, err)
			}
		}
	}}
}

func answering(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	io.WriteString(w, answer)
}

// canned answers with as little work as possible.
type canned struct{}

func (canned) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{
		Status: "200 OK", StatusCode: 200,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {"application/json"}},
		Body:          io.NopCloser(strings.NewReader(answer)),
		ContentLength: int64(len(answer)),
		Request:       req,
	}, nil
}

// rewrite is a transport as people write it by hand: it has no scope and no routes, and
// does not join paths.
type rewrite struct {
	base   http.RoundTripper
	target *url.URL
}

func (r rewrite) RoundTrip(req *http.Request) (*http.Response, error) {
	out := req.Clone(req.Context())
	out.URL.Scheme, out.URL.Host, out.Host = r.target.Scheme, r.target.Host, r.target.Host
	return r.base.RoundTrip(out)
}

// layered only passes requests on.
type layered struct{ base http.RoundTripper }

func (l *layered) RoundTrip(req *http.Request) (*http.Response, error) { return l.base.RoundTrip(req) }

// redirect does by hand everything that a route must do. It sends the request to another
// host, adds a header with the original host, and puts the caller's own request into the
// response. It looks nothing up and joins no paths.
type redirect struct {
	base   http.RoundTripper
	target *url.URL
}

func (r redirect) RoundTrip(req *http.Request) (*http.Response, error) {
	made := &struct {
		request   http.Request
		url       url.URL
		forwarded [2]string
	}{*req, *req.URL, [2]string{req.URL.Host, req.URL.Scheme}}
	out := &made.request
	out.URL, out.Host = &made.url, ""
	out.URL.Scheme, out.URL.Host = r.target.Scheme, r.target.Host
	out.Header = make(http.Header, len(req.Header)+2)
	maps.Copy(out.Header, req.Header)
	out.Header["X-Forwarded-Host"] = made.forwarded[0:1:1]
	out.Header["X-Forwarded-Proto"] = made.forwarded[1:2:2]
	resp, err := r.base.RoundTrip(out)
	if resp != nil {
		resp.Request = req
	}
	return resp, err
}

// recording calls a handler with httptest's recorder.
type recording struct{ handler http.Handler }

func (r recording) RoundTrip(req *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	r.handler.ServeHTTP(w, req)
	return w.Result(), nil
}

// replaying records one answer with go-vcr, and returns a transport that replays it.
func replaying(tb testing.TB) http.RoundTripper {
	tb.Helper()
	cassette := filepath.Join(tb.TempDir(), "cassette")
	open := func(mode recorder.Mode) *recorder.Recorder {
		r, err := recorder.New(cassette, recorder.WithMode(mode), recorder.WithRealTransport(canned{}),
			recorder.WithReplayableInteractions(true), recorder.WithSkipRequestLatency(true))
		if err != nil {
			tb.Fatal(err)
		}
		return r
	}
	r := open(recorder.ModeRecordOnly)
	get(tb, "go-vcr recording", context.Background(), r, address).Loop(1)
	if err := r.Stop(); err != nil {
		tb.Fatal(err)
	}
	if _, err := os.Stat(cassette + ".yaml"); err != nil {
		tb.Fatal(err)
	}
	return open(recorder.ModeReplayOnly)
}

func newTransport(tb testing.TB) *http.Transport {
	t := new(http.Transport)
	tb.Cleanup(t.CloseIdleConnections)
	return t
}
