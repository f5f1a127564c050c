package httpxtest_test

import (
	"context"
	"io"
	"net/http"
	"runtime"
	"runtime/pprof"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

// inMemory are the servers that work in a bubble.
var inMemory = map[string][]httpxtest.Option{
	"HTTP/1.1":         {httpxtest.InMemory()},
	"TLS":              {httpxtest.InMemory(), httpxtest.TLS()},
	"HTTP/2":           {httpxtest.InMemory(), httpxtest.TLS(), httpxtest.HTTP2()},
	"cleartext HTTP/2": {httpxtest.InMemory(), httpxtest.HTTP2()},
}

// eachBubble runs f in a bubble for each kind of server, with a client that is routed
// there. The bubble fails if a goroutine is left at its end.
func eachBubble(t *testing.T, f func(t *testing.T, s *httpxtest.Server, get func(path string) (*http.Response, error))) {
	for name, opts := range inMemory {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if strings.Contains(name, "HTTP/2") {
				http2InBubbles(t)
			}
			synctest.Test(t, func(t *testing.T) {
				s := httpxtest.Mock(t, "api.test", opts...)
				client := httpx.Client()
				f(t, s, func(path string) (*http.Response, error) {
					req, err := http.NewRequestWithContext(scopetest.Context(t), http.MethodGet, "https://api.test"+path, nil)
					require.NoError(t, err)
					return client.Do(req)
				})
			})
		})
	}
}

// http2InBubbles skips what package http can't do before Go 1.26: its HTTP/2 server
// keeps channels in a pool for the process, which a bubble must not touch.
func http2InBubbles(t *testing.T) {
	t.Helper()
	if strings.HasPrefix(runtime.Version(), "go1.25") {
		t.Skip("net/http's HTTP/2 server shares channels between bubbles before Go 1.26")
	}
}

// text returns the body of a response.
func text(t *testing.T, resp *http.Response, err error) string {
	t.Helper()
	require.NoError(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(b)
}

func TestInABubbleTimeIsFake(t *testing.T) {
	t.Parallel()
	eachBubble(t, func(t *testing.T, s *httpxtest.Server, get func(path string) (*http.Response, error)) {
		s.Stub("GET /slow").Reply(httpxtest.Delay(time.Hour, httpxtest.Text(200, "at last")))
		began := time.Now()
		resp, err := get("/slow")
		assert.Equal(t, "at last", text(t, resp, err))
		assert.Equal(t, time.Hour, time.Since(began))
	})
}

func TestInABubbleRequestsTimeOutAndAreSentAgain(t *testing.T) {
	t.Parallel()
	eachBubble(t, func(t *testing.T, s *httpxtest.Server, _ func(string) (*http.Response, error)) {
		s.Expect("GET /").Reply(httpxtest.Stall())
		s.Expect("GET /").Reply(httpxtest.Text(200, "the second time"))
		client := s.Client()
		client.Timeout = time.Minute
		began := time.Now()
		_, err := client.Get(s.URL)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		time.Sleep(time.Second)
		resp, err := client.Get(s.URL)
		assert.Equal(t, "the second time", text(t, resp, err))
		assert.Equal(t, time.Minute+time.Second, time.Since(began))
	})
}

func TestInABubbleBodiesAreStreamed(t *testing.T) {
	t.Parallel()
	eachBubble(t, func(t *testing.T, s *httpxtest.Server, get func(path string) (*http.Response, error)) {
		s.Stub("GET /").Reply(httpxtest.Drip(time.Second, httpxtest.Text(200, "drops")))
		began := time.Now()
		resp, err := get("/")
		require.NoError(t, err)
		defer resp.Body.Close()
		one := make([]byte, 1)
		for i := range len("drops") {
			_, err := io.ReadFull(resp.Body, one)
			assert.NoError(t, err)
			assert.Equal(t, time.Duration(i+1)*time.Second, time.Since(began))
		}
	})
}

func TestInABubbleServersGoDownAndUp(t *testing.T) {
	t.Parallel()
	eachBubble(t, func(t *testing.T, s *httpxtest.Server, get func(path string) (*http.Response, error)) {
		s.Stub("GET /").Reply(httpxtest.Text(200, "up"))
		for range 3 {
			resp, err := get("/")
			assert.Equal(t, "up", text(t, resp, err))
			s.Down()
			_, err = get("/")
			assert.ErrorIs(t, err, syscall.ECONNREFUSED)
			s.Up()
		}
	})
}

func TestInABubbleFaultsAreThoseOfASocket(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := httpxtest.NewServer(t, httpxtest.InMemory(), httpxtest.TLS())
		s.Stub("GET /reset").Reply(httpxtest.Reset())
		s.Stub("GET /part").Reply(httpxtest.EOFAfter(4, httpxtest.Text(200, "half of it")))
		_, err := s.Client().Get(s.URL + "/reset")
		assert.ErrorIs(t, err, syscall.ECONNRESET)
		resp, err := s.Client().Get(s.URL + "/part")
		require.NoError(t, err)
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		assert.Equal(t, "half", string(b))
		assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
	})
}

// With a lifetime the connections are closed with the scope, and without one each
// with its request: a bubble ends only when all goroutines in it have.
func TestInABubbleNoHandlerLeavesAGoroutine(t *testing.T) {
	t.Parallel()
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/panic":
			panic(http.ErrAbortHandler)
		case "/stall":
			io.Copy(io.Discard, r.Body) // a server sees that the client has gone only behind the body
			<-r.Context().Done()
		default:
			io.WriteString(w, "ok")
		}
	})
	for name, opts := range map[string][]httpx.RouteOption{"HTTP/1.1": nil, "HTTP/2": {httpx.HTTP2}} {
		if name == "HTTP/2" && strings.HasPrefix(runtime.Version(), "go1.25") {
			continue // see http2InBubbles
		}
		for _, lifetime := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				ctx := scope.Detach(context.Background())
				if lifetime {
					var end func()
					ctx, end = scope.New(ctx, "job")
					defer end()
				}
				client := &http.Client{Transport: httpx.HandlerTransport(handler, opts...)}
				for path, want := range map[string]string{"/": "ok", "/panic": "error", "/stall": "error", "/unread": ""} {
					ctx, cancel := context.WithTimeout(ctx, time.Minute)
					req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://api.test"+path, strings.NewReader("body"))
					require.NoError(t, err)
					resp, err := client.Do(req)
					switch {
					case want == "error":
						assert.Error(t, err, "%s, %s", name, path)
					case want == "":
						require.NoError(t, err)
						resp.Body.Close()
					default:
						assert.Equal(t, want, text(t, resp, err))
					}
					cancel()
				}
			})
		}
	}
}

// A socket would keep the bubble's time from passing, and the test would hang.
func TestASocketInABubbleFailsTheTest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, make := range []func(testing.TB){
			func(t testing.TB) { httpxtest.NewServer(t) },
			func(t testing.TB) { httpxtest.Mock(t, "api.test", httpxtest.TLS()) },
		} {
			f := rehearse(make)
			assert.Contains(t, f.text(), "a server with a socket can't work in a bubble of testing/synctest: make it with httpxtest.InMemory()")
		}
	})
}

// Goroutines of a bubble and others must not wait for one another, and a test binary dies if they do.
func TestAFakeAndItsRequestsAreInTheSameBubble(t *testing.T) {
	t.Parallel()
	const want = "a request and the fake are not in the same bubble of testing/synctest"
	for name, opts := range map[string][]httpxtest.Option{"in memory": {httpxtest.InMemory()}, "socket": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := rehearse(func(ft testing.TB) {
				s := httpxtest.Mock(ft, "api.test", opts...)
				s.Stub("GET /")
				ctx := scopetest.Context(ft)
				outside, err := try(ctx, "GET", "http://api.test/", "")
				require.NoError(t, err)
				assert.Equal(t, 200, outside.status)
				synctest.Test(t, func(t *testing.T) {
					for range 2 {
						_, err := try(scope.Capture(ctx), "GET", "http://api.test/", "")
						assert.ErrorContains(t, err, want)
						assert.ErrorContains(t, err, "api.test, made at bubble_test.go:")
					}
				})
				outside, err = try(ctx, "GET", "http://api.test/", "")
				require.NoError(t, err)
				assert.Equal(t, 200, outside.status)
			})
			assert.Equal(t, 1, strings.Count(f.text(), want), f.text())
		})
	}
}

// Go 1.27 shows a goroutine's labels next to its bubble, and time in a bubble may pass that of the machine.
func TestABubbleIsTheSameWithOtherLabelsAndInOtherDecades(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := httpxtest.Mock(t, "api.test", httpxtest.InMemory())
		s.Stub("GET /")
		ctx := scopetest.Context(t)
		for range 4 {
			time.Sleep(10 * 365 * 24 * time.Hour)
			pprof.Do(ctx, pprof.Labels("a", "b"), func(ctx context.Context) {
				got, err := try(ctx, "GET", "http://api.test/", "")
				require.NoError(t, err)
				assert.Equal(t, 200, got.status)
			})
		}
	})
}
