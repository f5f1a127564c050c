package httpxtest_test

import (
	"compress/gzip"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

// What keeps a test from reaching somebody else.

func TestServerThatIsDownDoesNotAnswerForItsPortsNextOwner(t *testing.T) {
	t.Parallel()
	s := httpxtest.NewServer(t)
	s.Down()
	l, err := net.Listen("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Skipf("somebody else has the port already, which is the point: %v", err)
	}
	sibling := &http.Server{Handler: http.NotFoundHandler()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		sibling.Serve(l)
	}()
	defer func() { sibling.Close(); <-done }()

	_, err = s.Client().Get(s.URL)

	assert.ErrorIs(t, err, syscall.ECONNREFUSED)
}

func TestUpOnATakenPortFailsTheTest(t *testing.T) {
	t.Parallel()
	free := false
	f := rehearse(func(t testing.TB) {
		s := httpxtest.NewServer(t)
		s.Down()
		l, err := net.Listen("tcp", strings.TrimPrefix(s.URL, "http://"))
		if free = err == nil; !free {
			return
		}
		defer l.Close()
		s.Up()
	})
	if !free {
		t.Skip("somebody else was faster to take the port, and may be gone again")
	}
	assert.Contains(t, f.text(), "Up: can't listen: listen tcp ")
}

func TestMockOfAMalformedHostFailsTheTest(t *testing.T) {
	t.Parallel()
	fake := rehearse(func(t testing.TB) { httpxtest.Mock(t, "https://api.github.com") })
	assert.Contains(t, fake.text(), `httpxtest: Mock: httpx: route "https://api.github.com": want a host, such as "api.example.com", not a URL`)
}

func TestPatternsWithAQueryOrAsURLsFailTheTest(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]string{
		"GET /v1?units=c":              "it has no query: use Expectation.Query",
		"GET https://api.github.com/u": "it is a method and a path, not a URL",
	} {
		fake := rehearse(func(t testing.TB) { httpxtest.NewServer(t).Stub(pattern) })
		assert.Contains(t, fake.text(), want)
	}
}

func TestLastMockDecidesWhatIsUnrouted(t *testing.T) {
	t.Parallel()
	world := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(world.Close)

	httpxtest.Mock(t, "one.example.com")
	_, err := fetchIn(t, scopetest.Context(t), world.URL)
	require.ErrorIs(t, err, httpx.ErrRefused)
	assert.ErrorContains(t, err, "to call a server of the test's own, use its srv.Client()")

	httpxtest.Mock(t, "two.example.com", httpxtest.AllowUnrouted())
	_, err = fetchIn(t, scopetest.Context(t), world.URL)
	assert.NoError(t, err)
}

func TestMockLeavesAPolicyThatRefusesAlready(t *testing.T) {
	t.Parallel()
	own := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(own.Close)
	scopetest.With(t, httpx.Unrouted.Bind(httpx.RefuseRemote))
	httpxtest.Mock(t, "one.example.com")
	_, err := fetchIn(t, scopetest.Context(t), own.URL)
	require.NoError(t, err)
	_, err = fetchIn(t, scopetest.Context(t), "http://two.example.com")
	assert.ErrorIs(t, err, httpx.ErrRefused)
}

func TestWithoutALabelMockRefusesWhatHasNoScope(t *testing.T) {
	t.Parallel()
	httpxtest.Mock(t, "api.github.com")
	if scope.Carrier() == "labels" {
		return // the goroutine is bound: every other test here shows it
	}
	_, err := http.Get("https://api.github.com/")
	assert.ErrorIs(t, err, httpx.ErrRefused)
}

func TestExplainNamesTheLineOfTheMock(t *testing.T) {
	t.Parallel()
	httpxtest.Mock(t, "api.github.com")
	assert.Regexp(t, `httpx\.unrouted = Refuse, bound in scope "[^"]+" at guard_test\.go:\d+`,
		scope.Explain(scopetest.Context(t), httpx.Unrouted))
}

func TestBodyChecksLeaveOtherRoutesTheirStreams(t *testing.T) {
	t.Parallel()
	s := httpxtest.NewServer(t)
	s.Stub("POST /json").JSONBody(`{}`)
	s.Stub("POST /stream").ReplyFunc(func(w http.ResponseWriter, r *http.Request) {
		ctl := http.NewResponseController(w)
		assert.NoError(t, ctl.EnableFullDuplex())
		assert.NoError(t, ctl.Flush())
		io.Copy(w, r.Body)
	})
	body, send := io.Pipe()

	resp, err := s.Client().Post(s.URL+"/stream", "text/plain", body) // has the header before a byte is sent
	require.NoError(t, err)
	defer resp.Body.Close()
	_, err = io.WriteString(send, "late")
	require.NoError(t, err)
	send.Close()
	got, err := io.ReadAll(resp.Body)

	require.NoError(t, err)
	assert.Equal(t, "late", string(got))
}

func TestBodyChecksSeeWhatMiddlewareMadeOfIt(t *testing.T) {
	t.Parallel()
	s := httpxtest.NewServer(t)
	s.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			unpacked, err := gzip.NewReader(r.Body)
			if !assert.NoError(t, err) {
				return
			}
			r.Body = io.NopCloser(unpacked)
			next.ServeHTTP(w, r)
		})
	})
	s.Expect("POST /").Body("hello").Match(func(r *http.Request) error {
		if b, _ := io.ReadAll(r.Body); string(b) != "hello" {
			return errors.New("no hello")
		}
		return nil
	})
	var packed strings.Builder
	z := gzip.NewWriter(&packed)
	io.WriteString(z, "hello")
	z.Close()

	resp, err := s.Client().Post(s.URL, "text/plain", strings.NewReader(packed.String()))
	require.NoError(t, err)
	resp.Body.Close()

	require.Equal(t, 200, resp.StatusCode)
	assert.Equal(t, packed.String(), string(s.Requests()[0].Body), "the journal has what came")
}

func TestJournalHasWhatMiddlewareAnswers(t *testing.T) {
	t.Parallel()
	s := httpxtest.NewServer(t)
	s.Use(func(http.Handler) http.Handler { return httpxtest.Status(204) })

	resp, err := s.Client().Get(s.URL)
	require.NoError(t, err)
	resp.Body.Close()

	require.NoError(t, s.Wait(t.Context(), 1))
	assert.Equal(t, "middleware", s.Requests()[0].Route)
}

// A clone of http.DefaultTransport with other TLS settings does not trust the certificate with which it is routed. Its
// error does not say so.
func TestTheReportNamesACloneThatDoesNotTrustTheRoute(t *testing.T) {
	t.Parallel()
	clone := http.DefaultTransport.(*http.Transport).Clone()
	clone.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	defer clone.CloseIdleConnections()
	f := rehearse(func(t testing.TB) {
		httpxtest.Mock(t, "api.test").Expect("GET /")
		req, err := http.NewRequestWithContext(scopetest.Context(t), http.MethodGet, "https://api.test/", nil)
		require.NoError(t, err)
		_, err = (&http.Client{Transport: clone}).Do(req)
		assert.ErrorContains(t, err, "x509")
	})
	assert.Contains(t, f.text(), "CONNECT https://api.test")
	assert.Contains(t, f.text(), "with a TLSClientConfig of its own\n        give the client httpx.Wrap(transport)")
}
