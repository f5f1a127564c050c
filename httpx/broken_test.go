package httpx_test

import (
	"bytes"
	"errors"
	"io"
	"log"
	"net/http"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/httpx"
)

// quits has the ways in which a handler can end without returning.
var quits = map[string]func(){
	"panics": func() { panic(http.ErrAbortHandler) },
	"exits":  runtime.Goexit,
}

func TestHandlerThatQuitsBeforeItAnswersIsEOF(t *testing.T) {
	t.Parallel()
	for name, quit := range quits {
		client, ctx := memory(t.Context(), func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusOK)
			io.WriteString(w, "not flushed")
			quit()
		})
		resp, err := client.Do(request(t, ctx, http.MethodGet, "http://api.test/", nil))
		assert.Nil(t, resp, name)
		assert.ErrorIs(t, err, io.EOF, name)
	}
}

func TestHandlerThatQuitsWithinABodyIsAnUnexpectedEOF(t *testing.T) {
	t.Parallel()
	for name, quit := range quits {
		for header, length := range map[string]string{"X-None": "", "Content-Length": "100"} {
			client, ctx := memory(t.Context(), func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set(header, length)
				io.WriteString(w, "flushed")
				flush(w)
				io.WriteString(w, "not flushed")
				quit()
			})
			resp := do(t, client, request(t, ctx, http.MethodGet, "http://api.test/", nil))
			body, err := io.ReadAll(resp.Body)
			assert.Equal(t, "flushed", string(body), name)
			assert.ErrorIs(t, err, io.ErrUnexpectedEOF, name)
		}
	}
}

func TestHandlerThatQuitsAfterAWholeBodyOfKnownLengthIsNoError(t *testing.T) {
	t.Parallel()
	for name, quit := range quits {
		client, ctx := memory(t.Context(), func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "4")
			io.WriteString(w, "body")
			flush(w)
			quit()
		})
		assert.Equal(t, "body", get(ctx, client, "http://api.test/"), name)
	}
}

func TestAHandlersPanicBreaksTheConnectionAndIsLogged(t *testing.T) {
	logged := logs(t)
	client, ctx := memory(t.Context(), func(http.ResponseWriter, *http.Request) { panic("boom") })
	_, err := client.Do(request(t, ctx, http.MethodGet, "http://user:s3cret@api.test/x?key=s3cret", nil))
	require.ErrorIs(t, err, io.EOF)
	assert.ErrorContains(t, errors.Unwrap(err), "httpx: GET http://api.test/x: handler panicked: boom: EOF")
	assert.Contains(t, logged.String(), "http: panic serving 192.0.2.1:1234: boom\n", "by package http")
	assert.Contains(t, logged.String(), "broken_test.go", "the stack")
	assert.NotContains(t, logged.String(), "s3cret")
}

func TestErrAbortHandlerIsNotLogged(t *testing.T) {
	logged := logs(t)
	client, ctx := memory(t.Context(), func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	_, err := client.Do(request(t, ctx, http.MethodGet, "http://api.test/", nil))
	require.Error(t, err)
	assert.Empty(t, logged.String())
}

// logs collects the output of package log. That output is global, so the test can't be
// parallel.
func logs(t *testing.T) *bytes.Buffer {
	t.Setenv("HTTPX_TEST_SERIAL", "1")
	var b bytes.Buffer
	earlier := log.Writer()
	log.SetOutput(&b)
	t.Cleanup(func() { log.SetOutput(earlier) })
	return &b
}

func TestHandlerTransportOfNilPanics(t *testing.T) {
	t.Parallel()
	assert.PanicsWithValue(t, "httpx: HandlerTransport of a nil handler", func() { httpx.HandlerTransport(nil) })
}

func TestBodyCannotBeReadAfterClose(t *testing.T) {
	t.Parallel()
	client, ctx := memory(t.Context(), says("body"))
	resp := do(t, client, request(t, ctx, http.MethodGet, "http://api.test/", nil))
	require.NoError(t, resp.Body.Close())
	require.NoError(t, resp.Body.Close(), "again")
	_, err := resp.Body.Read(make([]byte, 1))
	assert.ErrorContains(t, err, "read on closed response body")
}
