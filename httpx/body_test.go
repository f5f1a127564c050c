package httpx_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

// ends has the two kinds of fake that a route can lead to. Both must behave alike.
func ends(t *testing.T, h http.HandlerFunc) map[string]scope.Binding {
	return map[string]scope.Binding{
		"server":  httpx.Route("api.test", serve(t, h).URL),
		"handler": httpx.RouteHandler("api.test", h),
	}
}

// lateTrailer is a body that sets a trailer when it ends.
type lateTrailer struct {
	io.Reader
	req *http.Request
}

func (b *lateTrailer) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err == io.EOF {
		b.req.Trailer.Set("X-Sum", "42")
	}
	return n, err
}

func TestRouteSendsTrailersThatAreSetWhileTheBodyIsRead(t *testing.T) {
	t.Parallel()
	h := func(w http.ResponseWriter, r *http.Request) {
		_, announced := r.Trailer["X-Sum"]
		b, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s, announced %v, X-Sum %s", b, announced, r.Trailer.Get("X-Sum"))
	}
	for name, b := range ends(t, h) {
		req := request(t, scope.With(t.Context(), b), http.MethodPost, "http://api.test/", nil)
		req.Trailer = http.Header{"X-Sum": nil}
		req.Body = io.NopCloser(&lateTrailer{strings.NewReader("body"), req})
		req.ContentLength = -1
		assert.Equal(t, "body, announced true, X-Sum 42", text(wrapped(t).Do(req)), name)
	}
}

func TestRouteReturnsTrailers(t *testing.T) {
	t.Parallel()
	h := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Trailer", "X-Sum, X-Never")
		io.WriteString(w, "body")
		w.Header().Set("X-Sum", "42")
		w.Header().Set(http.TrailerPrefix+"X-Late", "43")
	}
	for name, b := range ends(t, h) {
		resp := do(t, wrapped(t), request(t, scope.With(t.Context(), b), http.MethodGet, "http://api.test/", nil))
		assert.Equal(t, http.Header{"X-Sum": nil, "X-Never": nil}, resp.Trailer, name)
		assert.NotContains(t, resp.Header, "Trailer", name)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err, name)
		assert.Equal(t, "body", string(body), name)
		assert.Equal(t, http.Header{"X-Sum": {"42"}, "X-Never": nil, "X-Late": {"43"}}, resp.Trailer, name)
	}
}

// A server may close a connection that the client is about to use again. The
// transport then sends the request once more, with a body from GetBody.
func TestRouteRetriesWithGetBody(t *testing.T) {
	t.Parallel()
	var seen sync.Map
	fake := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if _, used := seen.LoadOrStore(r.RemoteAddr, true); used {
			conn, _, _ := w.(http.Hijacker).Hijack()
			conn.Close()
			return
		}
		io.Copy(w, r.Body)
	})
	client := wrapped(t)
	ctx := scope.With(t.Context(), httpx.Route("api.test", fake.URL))
	for i := range 2 {
		req := request(t, ctx, http.MethodPost, "http://api.test/", strings.NewReader("body"))
		req.Header.Set("Idempotency-Key", "1") // else a POST is not repeated
		again := 0
		getBody := req.GetBody
		req.GetBody = func() (io.ReadCloser, error) { again++; return getBody() }
		assert.Equal(t, "body", text(client.Do(req)))
		assert.Equal(t, i, again, "calls of GetBody")
	}
	assert.EqualValues(t, 3, fake.requests.Load())
}

func TestRouteRepeatsTheBodyFor307(t *testing.T) {
	t.Parallel()
	h := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/first" {
			http.Redirect(w, r, "/second", http.StatusTemporaryRedirect)
			return
		}
		b, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %s", r.Method, r.URL, b)
	}
	for name, b := range ends(t, h) {
		req := request(t, scope.With(t.Context(), b), http.MethodPut, "http://api.test/first", strings.NewReader("body"))
		assert.Equal(t, "PUT /second body", text(wrapped(t).Do(req)), name)
	}
}

func TestRouteWaitsFor100Continue(t *testing.T) {
	t.Parallel()
	h := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/no" {
			w.WriteHeader(http.StatusExpectationFailed)
			return
		}
		io.Copy(w, r.Body)
	}
	for name, b := range ends(t, h) {
		tr := plain(t)
		tr.ExpectContinueTimeout = time.Hour
		client := &http.Client{Transport: httpx.Wrap(tr)}
		for path, want := range map[string]string{"/yes": "200 body, 4 bytes read", "/no": "417 , 0 bytes read"} {
			body := &countingReader{Reader: strings.NewReader("body")}
			req := request(t, scope.With(t.Context(), b), http.MethodPost, "http://api.test"+path, body)
			req.Header.Set("Expect", "100-continue")
			req.ContentLength = 4
			resp := do(t, client, req)
			assert.Equal(t, want, fmt.Sprintf("%d %s, %d bytes read", resp.StatusCode, text(resp, nil), body.n), name)
		}
	}
}

type countingReader struct {
	io.Reader
	n int
}

func (r *countingReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.n += n
	return n, err
}

func TestRouteReturnsTheConnectionOfAnUpgrade(t *testing.T) {
	t.Parallel()
	fake := serve(t, func(w http.ResponseWriter, r *http.Request) {
		conn, buf, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		line, _ := buf.ReadString('\n')
		io.WriteString(conn, strings.ToUpper(line))
	})
	req := request(t, scope.With(t.Context(), httpx.Route("api.test", fake.URL)), http.MethodGet, "http://api.test/", nil)
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "echo")
	//lint:ignore SA1019 http.Client sets it for its Timeout, and has us look after the bodies of other answers
	req.Cancel = make(chan struct{})
	resp, err := wrapped(t).Transport.RoundTrip(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusSwitchingProtocols, resp.StatusCode)
	conn, ok := resp.Body.(io.ReadWriteCloser)
	require.True(t, ok, "%T is not an io.ReadWriteCloser", resp.Body)
	io.WriteString(conn, "hello\n")
	line, err := bufio.NewReader(conn).ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, "HELLO\n", line)
}

func TestRouteTellsOfHintsBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	hinted := make(chan struct{}, 1)
	h := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "</style.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		<-hinted // no answer before the client has seen it
		w.WriteHeader(http.StatusNoContent)
	}
	for name, b := range ends(t, h) {
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
			Got1xxResponse: hint(func(status int, link string) error {
				assert.Equal(t, http.StatusEarlyHints, status, name)
				assert.Equal(t, "</style.css>; rel=preload", link, name)
				hinted <- struct{}{}
				return nil
			}),
		})
		resp := do(t, wrapped(t), request(t, scope.With(ctx, b), http.MethodGet, "http://api.test/", nil))
		assert.Equal(t, http.StatusNoContent, resp.StatusCode, name)
	}
}

func TestHintThatTheClientRejectsEndsTheRequest(t *testing.T) {
	t.Parallel()
	h := func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusEarlyHints)
		<-r.Context().Done()
	}
	for name, b := range ends(t, h) {
		rejected := errors.New("no hints")
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
			Got1xxResponse: hint(func(int, string) error { return rejected }),
		})
		_, err := wrapped(t).Do(request(t, scope.With(ctx, b), http.MethodGet, "http://api.test/", nil))
		assert.ErrorIs(t, err, rejected, name)
	}
}
