package installtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

// down is an address without a server.
const down = "http://127.0.0.1:1"

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// What Install reports before anything is sent is the same error here.
func TestErrorsBeforeAnythingIsSentAreThoseOfATransport(t *testing.T) {
	t.Parallel()
	ended, end := scope.New(t.Context(), "TestOver")
	end()
	for name, ctx := range map[string]context.Context{
		"ended":   ended,
		"target":  scope.With(t.Context(), httpx.Route("api.test", "localhost:80")),
		"host":    scope.With(t.Context(), httpx.Route("api.test/v3", down)),
		"refused": scope.With(t.Context(), httpx.Route("other.test", down), httpx.Unrouted.Bind(httpx.Refuse)),
		"remote":  scope.With(t.Context(), httpx.Unrouted.Bind(httpx.RefuseRemote)),
	} {
		eachClient(t, "api.test", func(t *testing.T, client *http.Client, url string) {
			never := roundTripper(func(*http.Request) (*http.Response, error) { return nil, errors.New("it was sent") })
			_, want := (&http.Client{Transport: httpx.Wrap(never)}).Do(request(t, ctx, http.MethodGet, url+"/x?secret", nil))
			body := &closing{}
			_, got := client.Do(request(t, ctx, http.MethodPost, url+"/x?secret", body))
			require.Error(t, want, name)
			require.Error(t, got, name)
			assert.Equal(t, strings.ReplaceAll(want.Error(), "Get", "Post"), strings.ReplaceAll(got.Error(), "POST", "GET"), name)
			assert.Equal(t, errors.Is(want, scope.ErrEnded), errors.Is(got, scope.ErrEnded))
			assert.Equal(t, errors.Is(want, httpx.ErrRefused), errors.Is(got, httpx.ErrRefused))
			assert.True(t, body.closed.Load(), "the body is closed")
		})
	}
}

func TestCONNECTToATargetCantBeRouted(t *testing.T) {
	t.Parallel()
	eachClient(t, "api.test", func(t *testing.T, client *http.Client, url string) {
		ctx := scope.With(t.Context(), httpx.Route("api.test", down))
		_, err := client.Do(request(t, ctx, http.MethodConnect, url, nil))
		assert.ErrorContains(t, err, "a CONNECT can't be routed")
	})
}

func TestACONNECTGoesToATransport(t *testing.T) {
	t.Parallel()
	eachClient(t, "api.test", func(t *testing.T, client *http.Client, url string) {
		ctx := scope.With(t.Context(), httpx.RouteTransport("api.test", roundTripper(func(req *http.Request) (*http.Response, error) {
			body := io.NopCloser(strings.NewReader(req.Method + " " + req.Host))
			return &http.Response{StatusCode: http.StatusOK, ContentLength: -1, Body: body, Request: req}, nil
		})))
		assert.Equal(t, "CONNECT api.test", text(client.Do(request(t, ctx, http.MethodConnect, url, nil))))
	})
}

type closing struct {
	strings.Reader
	closed atomic.Bool
}

func (c *closing) Close() error { c.closed.Store(true); return nil }

// A route's error is an error for the client, not an answer. Through the transport
// it is that very error, and through a clone one whose text says what it was. It is
// not sent again.
func TestARoutesErrorIsTheClients(t *testing.T) {
	t.Parallel()
	eachClient(t, "api.test", func(t *testing.T, client *http.Client, url string) {
		var sent atomic.Int32
		odd := errors.New("it broke:\r\n\tX: \"two\" lines\x00 %s é")
		broken := roundTripper(func(req *http.Request) (*http.Response, error) {
			sent.Add(1)
			return nil, odd
		})
		ok := roundTripper(func(req *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: http.NoBody, Request: req}, nil
		})
		inScope(t, func(ctx context.Context) {
			require.Empty(t, get(ctx, client, url+"/ok"), "so that the connection is used before")
			_, err := client.Do(request(t, ctx, http.MethodGet, url+"/broken", nil))
			got := fmt.Sprint(err)
			if client == http.DefaultClient {
				assert.ErrorIs(t, err, odd)
			} else {
				assert.Contains(t, got, "it broke: X:")
			}
			assert.Contains(t, got, "two")
			assert.Contains(t, got, "lines")
			assert.EqualValues(t, 1, sent.Load())
			resp, err := client.Do(request(t, ctx, http.MethodPost, url+"/broken", strings.NewReader(strings.Repeat("x", 10<<20))))
			assert.ErrorContains(t, err, "it broke", "while the client sends")
			assert.Nil(t, resp)
		}, httpx.RouteTransport("api.test", roundTripper(func(req *http.Request) (*http.Response, error) {
			if req.URL.Path == "/ok" {
				return ok(req)
			}
			return broken(req)
		})))
		inScope(t, func(ctx context.Context) {
			assert.Contains(t, get(ctx, client, url), "dial tcp 127.0.0.1:1: connect: connection refused")
		}, httpx.Route("api.test", down))
	})
}

func TestABodyThatBreaksOffIsAnError(t *testing.T) {
	t.Parallel()
	for name, length := range map[string]string{"with a length": "100", "chunked": ""} {
		through(t, func(w http.ResponseWriter, r *http.Request) {
			if length != "" {
				w.Header().Set("Content-Length", length)
			}
			io.WriteString(w, "half")
			http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, func(t *testing.T, ctx context.Context, client *http.Client, url string) {
			resp := do(t, client, request(t, ctx, http.MethodGet, url, nil))
			got, err := io.ReadAll(resp.Body)
			assert.Equal(t, "half", string(got), name)
			assert.ErrorIs(t, err, io.ErrUnexpectedEOF, name)
		})
	}
}

func TestAPanicInARouteBreaksTheConnection(t *testing.T) {
	t.Parallel()
	eachClient(t, "api.test", func(t *testing.T, client *http.Client, url string) {
		inScope(t, func(ctx context.Context) {
			assert.Contains(t, get(ctx, client, url), "handler panicked")
		}, httpx.RouteHandler("api.test", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })))
	})
}

func TestCancellationReachesTheFake(t *testing.T) {
	t.Parallel()
	eachClient(t, "api.test", func(t *testing.T, client *http.Client, url string) {
		arrived, gone := make(chan struct{}), make(chan struct{})
		fake := serve(t, func(w http.ResponseWriter, r *http.Request) {
			close(arrived)
			<-r.Context().Done()
			close(gone)
		})
		inScope(t, func(ctx context.Context) {
			ctx, cancel := context.WithCancelCause(ctx)
			go func() {
				<-arrived
				cancel(errors.New("enough"))
			}()
			_, err := client.Do(request(t, ctx, http.MethodGet, url, nil))
			assert.EqualError(t, err, fmt.Sprintf("Get %q: enough", url))
			<-gone
		}, httpx.Route("api.test", fake.URL))
	})
}

func TestTimeoutsSayWhatTheySayWithoutUs(t *testing.T) {
	t.Parallel()
	eachClient(t, "api.test", func(t *testing.T, client *http.Client, address string) {
		fake := serve(t, func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		inScope(t, func(ctx context.Context) {
			impatient := *client
			impatient.Timeout = 500 * time.Millisecond
			_, err := impatient.Do(request(t, ctx, http.MethodGet, address, nil))
			assert.EqualError(t, err, fmt.Sprintf("Get %q: context deadline exceeded (Client.Timeout exceeded while awaiting headers)", address))
			var e *url.Error
			assert.True(t, errors.As(err, &e) && e.Timeout())
		}, httpx.Route("api.test", fake.URL))
	})
}
