package conformance

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/dnaeon/go-vcr.v4/pkg/cassette"
	"gopkg.in/dnaeon/go-vcr.v4/pkg/recorder"

	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

// httpxtest_test.go has the test of go-vcr as a route's own transport.

// vcr starts a recorder.
func vcr(t *testing.T, file string, mode recorder.Mode, real http.RoundTripper) *recorder.Recorder {
	t.Helper()
	r, err := recorder.New(file, recorder.WithMode(mode), recorder.WithRealTransport(real))
	require.NoError(t, err)
	return r
}

// post sends a request with a body, and returns the answer.
func post(t *testing.T, rt http.RoundTripper, ctx context.Context, url string) (string, error) {
	t.Helper()
	req := newRequest(t, ctx, url, strings.NewReader("hello"))
	resp, err := (&http.Client{Transport: rt}).Do(req)
	if err != nil {
		return "", err
	}
	assert.Equal(t, asked, resp.Request.URL.String())
	assert.Equal(t, asked, req.URL.String())
	return text(t, resp), nil
}

// Above httpx.Wrap, a cassette has the URLs of the caller's requests. It is
// recorded from a Mock, and answers where there is no Mock.
func TestCombineVCRAboveRecordsTheURLThatWasAskedFor(t *testing.T) {
	t.Parallel()
	for i := range 10 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "octocat")
			t.Run("record", func(t *testing.T) {
				api := httpxtest.Mock(t, "api.example.com")
				api.Expect("POST /users/octocat").Body("hello").Reply(httpxtest.Text(200, file))
				r := vcr(t, file, recorder.ModeRecordOnly, httpx.Wrap(nil))
				got, err := post(t, r, scopetest.Context(t), asked)
				require.NoError(t, err)
				assert.Equal(t, file, got)
				require.NoError(t, r.Stop())
			})
			recorded, err := os.ReadFile(file + ".yaml")
			require.NoError(t, err)
			assert.Contains(t, string(recorded), "url: "+asked)
			assert.NotContains(t, string(recorded), "127.0.0.1")

			ctx := scopetest.With(t, httpx.Unrouted.Bind(httpx.Refuse))
			r := vcr(t, file, recorder.ModeReplayOnly, httpx.Wrap(nil))
			got, err := post(t, r, ctx, asked)
			require.NoError(t, err)
			assert.Equal(t, file, got)
			_, err = post(t, r, ctx, "https://api.example.com/unknown")
			assert.ErrorIs(t, err, cassette.ErrInteractionNotFound)
			require.NoError(t, r.Stop())
		})
	}
}

// Below httpx.Wrap, a cassette has the target's URLs. It answers for the same
// target, even if nobody listens there, and for no other.
func TestCombineVCRBelowRecordsTheTargetsURL(t *testing.T) {
	t.Parallel()
	for i := range 10 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "octocat")
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprint(w, file, r.URL.Path)
			}))
			target := server.URL + "/v3"
			ctx := scopetest.With(t, httpx.Route("api.example.com", target))
			r := vcr(t, file, recorder.ModeRecordOnly, server.Client().Transport)
			got, err := post(t, httpx.Wrap(r), ctx, asked)
			require.NoError(t, err)
			assert.Equal(t, file+"/v3/users/octocat", got)
			require.NoError(t, r.Stop())
			server.Close()

			recorded, err := os.ReadFile(file + ".yaml")
			require.NoError(t, err)
			assert.Contains(t, string(recorded), "url: "+target+"/users/octocat")

			r = vcr(t, file, recorder.ModeReplayOnly, nil)
			got, err = post(t, httpx.Wrap(r), ctx, asked)
			require.NoError(t, err)
			assert.Equal(t, file+"/v3/users/octocat", got)
			other := scopetest.With(t, httpx.Route("api.example.com", "http://127.0.0.1:1/v3"))
			_, err = post(t, httpx.Wrap(r), other, asked)
			assert.ErrorIs(t, err, cassette.ErrInteractionNotFound)
			require.NoError(t, r.Stop())
		})
	}
}

// A Mock takes the place of the transport below, so nothing is recorded there.
func TestCombineVCRBelowAMockRecordsNothing(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "octocat")
	api := httpxtest.Mock(t, "api.example.com")
	api.Expect("POST /users/octocat").Reply(httpxtest.Text(200, "not recorded"))
	r := vcr(t, file, recorder.ModeRecordOnly, http.DefaultTransport)
	got, err := post(t, httpx.Wrap(r), scopetest.Context(t), asked)
	require.NoError(t, err)
	assert.Equal(t, "not recorded", got)
	require.NoError(t, r.Stop())
	recorded, err := cassette.Load(file)
	require.NoError(t, err)
	assert.Empty(t, recorded.Interactions)
}

// Below httpx.Wrap, a recorder that changes its request does not change the
// caller's. The response's Request is the caller's own, replayed or not.
func TestCombineVCRBelowLeavesTheCallersRequestAlone(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "octocat")
	ctx, server := routed(t, func(http.ResponseWriter, *http.Request) {})
	for _, mode := range []recorder.Mode{recorder.ModeRecordOnly, recorder.ModeReplayOnly} {
		r := vcr(t, file, mode, server.Client().Transport)
		body := &closing{Reader: strings.NewReader("hello"), closed: make(chan struct{})}
		req := newRequest(t, ctx, asked, body)
		req.ContentLength = 5
		resp, err := httpx.Wrap(r).RoundTrip(req)
		require.NoError(t, err)
		resp.Body.Close()
		assert.Same(t, req, resp.Request)
		assert.Same(t, body, req.Body)
		require.NoError(t, r.Stop())
	}
}

// A recorder hears of a cancelled request before it answers from a cassette.
func TestCombineVCRCancelling(t *testing.T) {
	t.Parallel()
	for position, with := range positions {
		t.Run(position, func(t *testing.T) {
			t.Parallel()
			began := make(chan struct{})
			ctx, server := routed(t, func(_ http.ResponseWriter, r *http.Request) {
				io.Copy(io.Discard, r.Body) // a server notices only after this that a client is gone
				close(began)
				<-r.Context().Done()
			})
			var r *recorder.Recorder
			rt := with(func(below http.RoundTripper) http.RoundTripper {
				r = vcr(t, filepath.Join(t.TempDir(), "octocat"), recorder.ModeRecordOnly, below)
				return r
			})(server.Client().Transport)
			ctx, cancel := context.WithCancel(ctx)
			go func() { <-began; cancel() }()
			_, err := post(t, rt, ctx, asked)
			assert.ErrorIs(t, err, context.Canceled)
			require.NoError(t, r.Stop())
		})
	}
}
