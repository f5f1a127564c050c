package installtest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/scopetest"
)

// original is http.DefaultTransport as it was before TestMain.
var original = http.DefaultTransport.(*http.Transport)

// uninstall undoes what TestMain installed. Serial tests call
// it, and install again when they are done.
var uninstall func()

// aClone is a clone that all tests share, like one in an SDK's package variable.
var aClone *http.Transport

func TestMain(m *testing.M) {
	// No test may depend on how fast the machine is.
	original.ExpectContinueTimeout, original.TLSHandshakeTimeout = time.Hour, time.Hour
	uninstall = httpx.Install()
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, "a program that only installed:", err)
		os.Exit(1)
	}
	aClone = clone()
	code := m.Run()
	uninstall()
	aClone.CloseIdleConnections()
	original.CloseIdleConnections()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// clone makes a clone as many SDKs do.
func clone() *http.Transport { return http.DefaultTransport.(*http.Transport).Clone() }

// eachClient runs f with http.DefaultClient and with a client that has a clone,
// for a host's URL with http and with https.
func eachClient(t *testing.T, host string, f func(t *testing.T, client *http.Client, url string)) {
	for name, client := range map[string]*http.Client{"default": http.DefaultClient, "clone": {Transport: aClone}} {
		for _, scheme := range []string{"http", "https"} {
			t.Run(name+"/"+scheme, func(t *testing.T) {
				t.Parallel()
				f(t, client, scheme+"://"+host)
			})
		}
	}
}

// serve starts a server for the test.
func serve(t testing.TB, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// says is a handler that answers with a word.
func says(word string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, word) }
}

// inScope runs f with its goroutine bound to a scope of the test's that has
// the bindings, whatever the carrier.
func inScope(t testing.TB, f func(ctx context.Context), b ...scope.Binding) {
	t.Helper()
	scope.Run(scopetest.With(t, b...), f)
}

// get returns what a GET answers, or the error's text.
func get(ctx context.Context, client *http.Client, url string) string {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err.Error()
	}
	return text(client.Do(req))
}

// text returns the body of a response, or the error's text.
func text(resp *http.Response, err error) string {
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return string(b) + err.Error()
	}
	return string(b)
}

// do sends a request, or ends the test. The body is closed with the test.
func do(t testing.TB, client *http.Client, req *http.Request) *http.Response {
	t.Helper()
	resp, err := client.Do(req)
	require.NoError(t, err)
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

// request returns a new request, or ends the test.
func request(t testing.TB, ctx context.Context, method, url string, body io.Reader) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	require.NoError(t, err)
	return req
}
