package httpx_test

import (
	"context"
	"errors"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

// A scenario is a handler and a request. Both ends must see the same, whatever is between
// them.
type scenario struct {
	name    string
	handler func(w http.ResponseWriter, r *http.Request, note func(...any))
	request func(*http.Request) // changes the request, a GET of http://api.test/start
	wire    bool                // about the connection, or what is checked before it is used: not for a RouteHandler
	torn    bool                // the request breaks off: whether the handler sees any of it is chance
	errs    []string            // the client's error has one of these: which one is package http's chance
}

// An outcome is what both ends of a scenario have seen.
type outcome struct {
	Requests []exchanged
	Notes    []any // what the handler noted

	Response exchanged
	Body     string
	Trailer  http.Header
	Unpacked bool
	NoBody   bool
	Err      string // from the client, or the body
	EOF      bool
	CutOff   bool
}

// exchanged is one message as its receiver sees it.
type exchanged struct {
	Line, Host string
	Header     http.Header
	Length     int64
	Encoding   []string
	Trailer    []string // announced
	Close      bool
}

// The yardstick is net/http: an outcome is right if it is that of package http's
// transport alone.
func TestEveryWayIsAsThePackageHTTPsOwn(t *testing.T) {
	t.Parallel()
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			want := s.plain(t)
			assert.Equal(t, want, s.unrouted(t), "through Wrap, unrouted")
			assert.Equal(t, want, s.routed(t), "through a Route")
			if s.wire {
				return
			}
			got := s.inMemory(t)
			if got.EOF && want.EOF || got.CutOff && want.CutOff {
				got.Err = want.Err // ours says more than EOF
			}
			assert.Equal(t, want, got, "through a RouteHandler")
		})
	}
}

// plain has the yardstick's outcome.
func (s scenario) plain(t *testing.T) outcome {
	return s.served(t, func(tr *http.Transport, _ *server) (http.RoundTripper, scope.Binding) {
		return tr, scope.Binding{}
	})
}

func (s scenario) unrouted(t *testing.T) outcome {
	return s.served(t, func(tr *http.Transport, _ *server) (http.RoundTripper, scope.Binding) {
		return httpx.Wrap(tr), httpx.Route("other.test", down)
	})
}

func (s scenario) routed(t *testing.T) outcome {
	return s.served(t, func(_ *http.Transport, fake *server) (http.RoundTripper, scope.Binding) {
		return httpx.Wrap(plain(t)), httpx.Route("api.test", fake.URL, httpx.KeepHost)
	})
}

// served has a real server.
func (s scenario) served(t *testing.T, way func(*http.Transport, *server) (http.RoundTripper, scope.Binding)) outcome {
	var o outcome
	fake := serve(t, o.record(s))
	fake.Config.ErrorLog = log.New(io.Discard, "", 0)
	rt, b := way(plainTo(t, fake), fake)
	s.run(t, &o, rt, b)
	fake.Close() // waits for the handler
	if s.torn {
		o.Requests, o.Notes = nil, nil
	}
	if slices.ContainsFunc(s.errs, func(e string) bool { return strings.Contains(o.Err, e) }) {
		o.Err = strings.Join(s.errs, " or ")
	}
	return o
}

func (s scenario) inMemory(t *testing.T) outcome {
	var o outcome
	done := make(chan struct{}, 10)
	h := o.record(s)
	s.run(t, &o, httpx.Wrap(roundTripper(nil)), httpx.RouteHandler("api.test", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { done <- struct{}{} }()
		h(w, r)
	})))
	for range o.Requests {
		<-done
	}
	return o
}

// record is the handler's end.
func (o *outcome) record(s scenario) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		o.Requests = append(o.Requests, exchanged{
			Line: r.Method + " " + r.RequestURI + " " + r.Proto + " " + r.URL.String(),
			Host: r.Host, Header: r.Header.Clone(), Length: r.ContentLength, Encoding: r.TransferEncoding,
			Trailer: slices.Sorted(maps.Keys(r.Trailer)), Close: r.Close,
		})
		s.handler(w, r, func(v ...any) { o.Notes = append(o.Notes, v...) })
	}
}

var addresses = regexp.MustCompile(`127\.0\.0\.1:\d+`)

// run is the client's end.
func (s scenario) run(t *testing.T, o *outcome, rt http.RoundTripper, b scope.Binding) {
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	client := &http.Client{Transport: rt, Jar: jar}
	ctx := scope.With(context.Background(), b)
	req := request(t, ctx, http.MethodGet, "http://api.test/start", nil)
	if s.request != nil {
		s.request(req)
	}
	resp, err := client.Do(req)
	if err == nil {
		var body []byte
		body, err = io.ReadAll(resp.Body)
		resp.Body.Close()
		o.Body, o.Trailer, o.Unpacked, o.NoBody = string(body), resp.Trailer, resp.Uncompressed, resp.Body == http.NoBody
		if date, ok := resp.Header["Date"]; ok {
			_, invalid := http.ParseTime(date[0])
			assert.NoError(t, invalid)
			resp.Header.Set("Date", "now")
		}
		o.Response = exchanged{
			Line: resp.Proto + " " + resp.Status + " " + resp.Request.URL.String(), Header: resp.Header,
			Length: resp.ContentLength, Encoding: resp.TransferEncoding, Close: resp.Close,
		}
	}
	if err != nil {
		o.Err = addresses.ReplaceAllString(err.Error(), "ADDRESS")
		o.EOF, o.CutOff = errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF)
	}
}

func TestErrorsOfConnectingAreThePackageHTTPs(t *testing.T) {
	t.Parallel()
	host := strings.TrimPrefix(down, "http://")
	want := get(t.Context(), &http.Client{Transport: dialing(t, host)}, "http://api.test/")
	require.Contains(t, want, "connection refused")
	assert.Equal(t, want, get(t.Context(), &http.Client{Transport: httpx.Wrap(dialing(t, host))}, "http://api.test/"), "unrouted")
	assert.Equal(t, want, get(scope.With(t.Context(), httpx.Route("api.test", down)), wrapped(t), "http://api.test/"), "routed")
}

// large is more than a server buffers before it sends.
var large = strings.Repeat("0123456789abcdef", 1000)
