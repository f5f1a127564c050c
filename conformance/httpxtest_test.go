package conformance

import (
	"context"
	"io"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/dnaeon/go-vcr.v4/pkg/recorder"

	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

// A client that retries succeeds after every fault that goes away, with as many requests
// as the fake expects.
func TestARetryingClientComesThroughFaults(t *testing.T) {
	t.Parallel()
	whole := httpxtest.Text(200, "hello, world")
	for name, fault := range map[string]http.Handler{
		"Reset":     httpxtest.Reset(),
		"EOF":       httpxtest.EOF(),
		"Malformed": httpxtest.Malformed("what"),
		"503":       httpxtest.Status(503),
	} {
		for kind, opts := range map[string][]httpxtest.Option{
			"socket": nil, "TLS": {httpxtest.TLS()}, "in memory": {httpxtest.InMemory()},
		} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				api := httpxtest.Mock(t, "api.example.com", opts...)
				api.Expect("POST /").Times(2).Body("content").Reply(fault)
				api.Expect("POST /").Body("content").Reply(whole)

				status, body, err := retrying(scopetest.Context(t))

				require.NoError(t, err)
				assert.Equal(t, 200, status)
				assert.Equal(t, "hello, world", body)
			})
		}
	}
}

// A fault in the body comes after the client has decided not to retry. The client sees it
// as any other client would.
func TestARetryingClientSeesAFaultInTheBody(t *testing.T) {
	t.Parallel()
	whole := httpxtest.Text(200, "hello, world")
	for name, fault := range map[string]http.Handler{
		"ResetAfter": httpxtest.ResetAfter(5, whole),
		"EOFAfter":   httpxtest.EOFAfter(5, whole),
		"Truncated":  httpxtest.Truncated(100, "hello"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := httpxtest.Mock(t, "api.example.com")
			api.Expect("POST /").Reply(fault)

			_, _, err := retrying(scopetest.Context(t))

			assert.Error(t, err)
		})
	}
}

// If a fault lasts, the client returns its own error for it.
func TestARetryingClientGivesUpOnFaultsThatLast(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts []httpxtest.Option
		down bool
		want string
	}{
		"refused":           {nil, true, "connection refused"},
		"refused in memory": {[]httpxtest.Option{httpxtest.InMemory()}, true, "connection refused"},
		"expired":           {[]httpxtest.Option{httpxtest.ExpiredCertificate()}, false, "certificate has expired"},
		"wrong host":        {[]httpxtest.Option{httpxtest.WrongHostCertificate()}, false, "certificate is valid for wrong.host.invalid"},
		"handshake":         {[]httpxtest.Option{httpxtest.HandshakeFailure()}, false, "remote error: tls"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := httpxtest.Mock(t, "api.example.com", c.opts...)
			if c.down {
				api.Down()
			}

			_, _, err := retrying(scopetest.Context(t))

			assert.ErrorContains(t, err, c.want)
		})
	}
}

func TestARetryingClientWaitsForWhatIsSlow(t *testing.T) {
	t.Parallel()
	api := httpxtest.Mock(t, "api.example.com")
	ctx, cancel := context.WithCancel(scopetest.Context(t))
	defer cancel()
	api.Expect("POST /").Reply(httpxtest.Drip(time.Millisecond, httpxtest.Text(200, "drip")))
	api.Expect("POST /").ReplyFunc(func(w http.ResponseWriter, r *http.Request) {
		cancel()
		httpxtest.Stall().ServeHTTP(w, r)
	})

	_, body, err := retrying(ctx)
	require.NoError(t, err)
	assert.Equal(t, "drip", body)

	_, _, err = retrying(ctx)
	assert.ErrorIs(t, err, context.Canceled)
}

// retrying posts to api.example.com with an unmodified go-retryablehttp, which
// has a transport of its own.
func retrying(ctx context.Context) (status int, body string, err error) {
	client := retryablehttp.NewClient()
	client.Logger = nil
	client.RetryWaitMin, client.RetryWaitMax = time.Millisecond, time.Millisecond
	client.ErrorHandler = retryablehttp.PassthroughErrorHandler
	client.HTTPClient = httpx.Client()
	req, err := retryablehttp.NewRequestWithContext(ctx, http.MethodPost, "https://api.example.com/", []byte("content"))
	if err != nil {
		return 0, "", err
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b), err
}

// To record and replay, make go-vcr the transport of a route. It records requests to a
// fake, and answers from the cassette when the fake is gone.
func TestRecordAndReplayThroughARoute(t *testing.T) {
	t.Parallel()
	cassette := filepath.Join(t.TempDir(), "octocat")
	for _, replay := range []bool{false, true} {
		mode := recorder.ModeRecordOnly
		var real http.RoundTripper
		if replay {
			mode = recorder.ModeReplayOnly
		} else {
			fake := httpxtest.NewServer(t)
			fake.Expect("GET /users/octocat").Reply(httpxtest.Text(200, "recorded"))
			real = fake.Transport()
		}
		vcr, err := recorder.New(cassette, recorder.WithMode(mode), recorder.WithRealTransport(real))
		require.NoError(t, err)
		ctx := scopetest.With(t, httpx.RouteTransport("api.github.com", vcr))

		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://api.github.com/users/octocat", nil)
		require.NoError(t, err)
		resp, err := httpx.Client().Do(req)
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		require.NoError(t, err)
		require.NoError(t, vcr.Stop())

		assert.Equal(t, "recorded", string(body))
		assert.Same(t, req, resp.Request)
	}
}
