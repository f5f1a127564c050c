package httpxtest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/httpx/httpxtest"
)

func TestReplies(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "user.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"login":"ada"}`), 0o600))
	for name, c := range map[string]struct {
		reply       http.Handler
		status      int
		contentType string
		body        string
	}{
		"Status":  {httpxtest.Status(204), 204, "", ""},
		"Text":    {httpxtest.Text(418, "short and stout"), 418, "text/plain; charset=utf-8", "short and stout"},
		"JSON":    {httpxtest.JSON(201, map[string]int{"id": 1}), 201, "application/json", "{\"id\":1}\n"},
		"File":    {httpxtest.File(file), 200, "application/json", `{"login":"ada"}`},
		"Chunked": {httpxtest.Chunked(200, "one ", "two"), 200, "text/plain; charset=utf-8", "one two"},
		"SSE": {
			httpxtest.SSE(httpxtest.Event{Name: "price", ID: "7", Data: "1\r\n2"}, httpxtest.Event{Data: "end"}),
			200, "text/event-stream", "event: price\nid: 7\ndata: 1\ndata: 2\n\ndata: end\n\n",
		},
		"Delay": {httpxtest.Delay(time.Millisecond, httpxtest.Text(200, "late")), 200, "text/plain; charset=utf-8", "late"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, s *httpxtest.Server) {
				s.Expect("GET /").Reply(c.reply)

				resp, err := s.Client().Do(request(t, t.Context(), s))
				require.NoError(t, err)
				defer resp.Body.Close()
				body, err := io.ReadAll(resp.Body)
				require.NoError(t, err)

				assert.Equal(t, c.status, resp.StatusCode)
				assert.Equal(t, c.contentType, resp.Header.Get("Content-Type"))
				assert.Equal(t, c.body, string(body))
			})
		})
	}
}

func TestRedirectSendsTheClientOn(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s *httpxtest.Server) {
		s.Expect("GET /{$}").Reply(httpxtest.Redirect(302, "/next"))
		s.Expect("GET /next").Reply(httpxtest.Text(200, "here"))

		resp, err := s.Client().Do(request(t, t.Context(), s))
		require.NoError(t, err)
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)

		assert.Equal(t, "here", string(body))
		assert.Equal(t, s.URL+"/next", resp.Request.URL.String())
	})
}

func TestSequenceEndsWithItsLastReply(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s *httpxtest.Server) {
		s.Stub("/").Reply(httpxtest.Sequence(httpxtest.Status(503), httpxtest.Status(429), httpxtest.Status(200)))

		for _, want := range []int{503, 429, 200, 200} {
			resp, err := s.Client().Do(request(t, t.Context(), s))
			require.NoError(t, err)
			resp.Body.Close()
			assert.Equal(t, want, resp.StatusCode)
		}
	})
}

func TestSSESendsEachEventWhenItIsWritten(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s *httpxtest.Server) {
		s.Expect("/").ReplyFunc(func(w http.ResponseWriter, r *http.Request) {
			httpxtest.SSE(httpxtest.Event{Data: "first"}).ServeHTTP(w, r)
			<-r.Context().Done()
		})

		resp, err := s.Client().Do(request(t, t.Context(), s))
		require.NoError(t, err)
		first := make([]byte, len("data: first\n\n"))
		_, err = io.ReadFull(resp.Body, first)
		require.NoError(t, err)
		assert.Equal(t, "data: first\n\n", string(first))
		resp.Body.Close()
	})
}

func TestDelayTakesNoTimeInABubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := httpxtest.NewServer(t, httpxtest.InMemory())
		s.Expect("/").Reply(httpxtest.Delay(time.Hour, httpxtest.Text(200, "late")))

		began := time.Now()
		resp, err := s.Client().Do(request(t, t.Context(), s))
		require.NoError(t, err)
		resp.Body.Close()

		assert.Equal(t, time.Hour, time.Since(began))
	})
}

func TestRepliesThatCanNotBeMadePanicAtOnce(t *testing.T) {
	t.Parallel()
	assert.PanicsWithValue(t, "httpxtest: JSON: json: unsupported type: chan int", func() { httpxtest.JSON(200, make(chan int)) })
	assert.PanicsWithValue(t, "httpxtest: Sequence of no replies", func() { httpxtest.Sequence() })
	for name, f := range map[string]func(){
		"Sequence":   func() { httpxtest.Sequence(httpxtest.Status(200), nil) },
		"WithStatus": func() { httpxtest.WithStatus(200, nil) },
		"WithHeader": func() { httpxtest.WithHeader("A", "b", nil) },
		"Delay":      func() { httpxtest.Delay(0, nil) },
		"Drip":       func() { httpxtest.Drip(0, nil) },
		"EOFAfter":   func() { httpxtest.EOFAfter(1, nil) },
		"ResetAfter": func() { httpxtest.ResetAfter(1, nil) },
		"StallAfter": func() { httpxtest.StallAfter(1, nil) },
	} {
		assert.PanicsWithValue(t, "httpxtest: "+name+" of a nil handler", f)
	}
	assert.Panics(t, func() { httpxtest.File("no such file") })
	assert.Panics(t, func() { httpxtest.SSE(httpxtest.Event{Name: "price\ndata: 0"}) })
}

func TestTheJournalHasTheBodyThatACannedReplyWasSent(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]httpxtest.Option{
		"socket": nil, "TLS": {httpxtest.TLS()}, "HTTP/2": {httpxtest.TLS(), httpxtest.HTTP2()}, "in memory": {httpxtest.InMemory()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := httpxtest.NewServer(t, opts...)
			big := map[string]string{"text": strings.Repeat("x", 10<<10)}
			for _, reply := range []http.Handler{httpxtest.Status(200), httpxtest.JSON(200, big), httpxtest.Redirect(304, "/")} {
				s.Expect("POST /").Reply(reply)
				resp, err := s.Client().Post(s.URL, "text/plain", strings.NewReader("what came"))
				require.NoError(t, err)
				_, err = io.Copy(io.Discard, resp.Body)
				require.NoError(t, err)
				resp.Body.Close()
			}
			require.NoError(t, s.Wait(t.Context(), 3))
			for _, r := range s.Requests() {
				assert.Equal(t, "what came", string(r.Body), r.Route)
			}
		})
	}
}

// A body of unknown length comes from a pipe, or from a writer that compresses.
func TestTheJournalHasABodyOfUnknownLength(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]httpxtest.Option{"socket": nil, "TLS": {httpxtest.TLS()}, "in memory": {httpxtest.InMemory()}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := httpxtest.NewServer(t, opts...)
			s.Expect("POST /").Reply(httpxtest.JSON(200, "ok"))
			body, w := io.Pipe()
			go func() {
				_, _ = io.WriteString(w, "what ")
				_, _ = io.WriteString(w, "came")
				w.Close()
			}()
			resp, err := s.Client().Post(s.URL, "text/plain", body)
			require.NoError(t, err)
			resp.Body.Close()
			require.NoError(t, s.Wait(t.Context(), 1))
			assert.Equal(t, "what came", string(s.Requests()[0].Body))
		})
	}
}

// A client may send and receive at once, and end its body only after the answer. Package http's server waits for the
// body over HTTP/1, unless it closes the connection after the answer.
func TestCannedReplyComesBeforeTheEndOfTheBody(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]httpxtest.Option{
		"HTTP/2": {httpxtest.HTTP2()}, "HTTP/2 over TLS": {httpxtest.TLS(), httpxtest.HTTP2()},
		"HTTP/2 in memory": {httpxtest.InMemory(), httpxtest.HTTP2()},
		"close":            nil, "close in memory": {httpxtest.InMemory()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := httpxtest.NewServer(t, opts...)
			s.Expect("POST /").Reply(httpxtest.Text(200, "ok"))
			body, w := io.Pipe()
			defer w.Close()
			req, err := http.NewRequestWithContext(t.Context(), "POST", s.URL, body)
			require.NoError(t, err)
			req.Close = strings.HasPrefix(name, "close")
			resp, err := s.Client().Do(req)
			require.NoError(t, err)
			defer resp.Body.Close()
			got, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			assert.Equal(t, "ok", string(got))
		})
	}
}

// A handler may be called without a server, and then a request may have no body at all.
func TestCannedRepliesTakeARequestWithoutABody(t *testing.T) {
	t.Parallel()
	s := httpxtest.NewServer(t)
	s.Stub("GET /").Reply(httpxtest.Text(200, "ok"))
	for name, h := range map[string]http.Handler{"reply": httpxtest.Text(200, "ok"), "server": s} {
		req, err := http.NewRequest("GET", "http://api.test/", nil)
		require.NoError(t, err)
		require.Nil(t, req.Body)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, req)
		assert.Equal(t, "ok", w.Body.String(), name)
	}
}
