package httpx_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

// memory returns a client whose requests for any host go to h, and the context to send
// them with. In a bubble of testing/synctest, a test can tell that a handler or a client
// is waiting, and that no goroutine is left.
func memory(ctx context.Context, h http.HandlerFunc) (*http.Client, context.Context) {
	return &http.Client{Transport: httpx.Wrap(roundTripper(nil))}, scope.With(ctx, httpx.RouteHandler("*", h))
}

func flush(w http.ResponseWriter) error { return http.NewResponseController(w).Flush() }

func TestClientReadsWhileTheHandlerWrites(t *testing.T) {
	t.Parallel()
	next := make(chan string)
	client, ctx := memory(t.Context(), func(w http.ResponseWriter, _ *http.Request) {
		for s := range next {
			io.WriteString(w, s)
			flush(w)
		}
	})
	go func() { next <- "first" }()
	resp := do(t, client, request(t, ctx, http.MethodGet, "http://api.test/", nil))
	buf := make([]byte, 100)
	n, err := resp.Body.Read(buf)
	require.NoError(t, err)
	assert.Equal(t, "first", string(buf[:n]))
	next <- "second" // sent after the client has read the first
	n, err = resp.Body.Read(buf)
	require.NoError(t, err)
	assert.Equal(t, "second", string(buf[:n]))
	close(next)
	_, err = resp.Body.Read(buf)
	assert.Equal(t, io.EOF, err)
}

func TestNothingArrivesBeforeAFlush(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		step := make(chan struct{})
		client, ctx := memory(t.Context(), func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "buffered, ")
			<-step
			flush(w)
			io.WriteString(w, "and more")
			<-step
		})
		var answer, body string
		go func() {
			resp, err := client.Do(request(t, ctx, http.MethodGet, "http://api.test/", nil))
			if !assert.NoError(t, err) {
				return
			}
			answer = "here"
			buf := make([]byte, 100)
			n, _ := resp.Body.Read(buf)
			body = string(buf[:n])
			body += text(resp, nil)
		}()
		synctest.Wait()
		assert.Empty(t, answer, "the client has a response, though nothing was flushed")
		step <- struct{}{}
		synctest.Wait()
		assert.Equal(t, "here", answer)
		assert.Equal(t, "buffered, ", body)
		step <- struct{}{}
		synctest.Wait()
		assert.Equal(t, "buffered, and more", body)
	})
}

func TestFlushAloneSendsTheHeader(t *testing.T) {
	t.Parallel()
	goOn := make(chan struct{})
	client, ctx := memory(t.Context(), func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-One", "1")
		w.(http.Flusher).Flush()
		<-goOn
	})
	resp := do(t, client, request(t, ctx, http.MethodGet, "http://api.test/", nil))
	assert.Equal(t, "1", resp.Header.Get("X-One"))
	close(goOn)
	assert.Empty(t, text(resp, nil))
}

func TestHandlerWaitsForASlowClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const chunk = 10_000
		written := 0
		client, ctx := memory(t.Context(), func(w http.ResponseWriter, _ *http.Request) {
			for range 100 {
				n, err := io.WriteString(w, strings.Repeat("x", chunk))
				if err != nil {
					return
				}
				written += n
			}
		})
		resp := do(t, client, request(t, ctx, http.MethodGet, "http://api.test/", nil))
		synctest.Wait()
		assert.Less(t, written, 100_000, "written before the client has read anything")
		_, err := io.CopyN(io.Discard, resp.Body, 500_000)
		require.NoError(t, err)
		synctest.Wait()
		assert.Less(t, written, 600_000)
		rest, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		assert.Len(t, rest, 500_000)
		assert.Equal(t, 1_000_000, written)
	})
}

func TestBodyOfAKnownLengthEndsBeforeTheHandlerDoes(t *testing.T) {
	t.Parallel()
	goOn := make(chan struct{})
	var later error
	job, end := scope.New(t.Context(), "job") // whose connections live on
	defer end()
	client, ctx := memory(job, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "4")
		io.WriteString(w, "body")
		flush(w)
		<-goOn
		later = r.Context().Err()
		close(goOn)
	})
	assert.Equal(t, "body", get(ctx, client, "http://api.test/"))
	goOn <- struct{}{}
	<-goOn
	assert.NoError(t, later, "the client has had all and closed: the handler is not canceled")
}

func TestClientThatGoesAwayCancelsTheHandler(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(cancel func(), resp *http.Response){
		"cancels the request": func(cancel func(), _ *http.Response) { cancel() },
		"closes the body":     func(_ func(), resp *http.Response) { resp.Body.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // fails if a goroutine is left
				var write error
				client, ctx := memory(t.Context(), func(w http.ResponseWriter, r *http.Request) {
					flush(w)
					<-r.Context().Done()
					_, write = io.WriteString(w, large)
				})
				ctx, cancel := context.WithCancel(ctx)
				defer cancel()
				resp, err := client.Do(request(t, ctx, http.MethodGet, "http://api.test/", nil))
				require.NoError(t, err)
				leave(cancel, resp)
				drained()
				assert.Error(t, write, "writing when the client has gone")
				_, err = resp.Body.Read(make([]byte, 1))
				assert.Error(t, err)
				assert.NotEqual(t, io.EOF, err)
				resp.Body.Close()
			})
		})
	}
}

func TestHandlerThatWaitsForTheBodyEndsWithTheClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		var read error
		client, ctx := memory(t.Context(), func(w http.ResponseWriter, r *http.Request) {
			http.NewResponseController(w).EnableFullDuplex()
			flush(w)
			_, read = io.ReadAll(r.Body)
		})
		go w.Write([]byte("first")) // package http sends no header before
		resp, err := client.Do(request(t, ctx, http.MethodPost, "http://api.test/", r))
		require.NoError(t, err)
		resp.Body.Close()
		drained()
		assert.Error(t, read)
		w.Write([]byte("x")) // package http notices when it has something to send
		synctest.Wait()
		_, err = w.Write([]byte("x"))
		assert.ErrorIs(t, err, io.ErrClosedPipe, "the request's body is closed")
	})
}

// drained waits until package http has given up on the rest of a response whose
// body was closed early. Since Go 1.27 it reads on for a moment.
func drained() {
	time.Sleep(time.Minute) // of the bubble's time
	synctest.Wait()
}

func TestHandlerAndClientTalkBothWays(t *testing.T) {
	t.Parallel()
	body, w := io.Pipe()
	client, ctx := memory(t.Context(), func(w http.ResponseWriter, r *http.Request) {
		assert.NoError(t, http.NewResponseController(w).EnableFullDuplex())
		flush(w)
		io.Copy(flushing{w}, r.Body)
	})
	resp := do(t, client, request(t, ctx, http.MethodPost, "http://api.test/", body))
	buf := make([]byte, 4)
	for _, word := range []string{"ping", "pong"} {
		io.WriteString(w, word)
		_, err := io.ReadFull(resp.Body, buf)
		require.NoError(t, err)
		assert.Equal(t, word, string(buf))
	}
	w.Close()
	assert.Empty(t, text(resp, nil))
}

type flushing struct{ http.ResponseWriter }

func (f flushing) Write(p []byte) (int, error) {
	n, err := f.ResponseWriter.Write(p)
	return n, errors.Join(err, flush(f.ResponseWriter))
}

func TestRouteHandlerWorksInABubbleWithFakeTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, ctx := memory(t.Context(), func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(time.Hour):
				io.WriteString(w, "slow answer")
			case <-r.Context().Done():
			}
		})
		start := time.Now()
		assert.Equal(t, "slow answer", get(ctx, client, "http://api.test/"))
		assert.Equal(t, time.Hour, time.Since(start))

		client.Timeout = time.Minute
		start = time.Now()
		assert.Equal(t, `Get "http://api.test/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
			get(ctx, client, "http://api.test/"))
		assert.Equal(t, time.Minute, time.Since(start))
	})
}

// A flush without data does not wait, however slow the client is.
func TestAFlushOfNothingDoesNotWaitForTheClient(t *testing.T) {
	t.Parallel()
	flushed := make(chan struct{})
	client := &http.Client{Transport: httpx.HandlerTransport(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Write(make([]byte, 64<<10)) // as much as goes ahead of the client
		w.(http.Flusher).Flush()
		close(flushed)
	}))}
	resp, err := client.Get("http://api.test/")
	require.NoError(t, err)
	<-flushed
	n, err := io.Copy(io.Discard, resp.Body)
	require.NoError(t, err)
	assert.EqualValues(t, 64<<10, n)
	require.NoError(t, resp.Body.Close())
}
