package httpx_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

// A handler and its client must see the same on a socket and in memory. An imitation of
// package http's server got each of these wrong.
var alike = []struct {
	name    string
	handler http.HandlerFunc
	ask     func(client *http.Client, url string) string
	want    string
}{
	{"a body that the handler does not read is taken", says("ok"), func(client *http.Client, url string) string {
		r, w := io.Pipe()
		written := make(chan error, 1)
		go func() {
			_, err := io.WriteString(w, "a part")
			written <- err
			w.Close()
		}()
		answer := text(client.Post(url, "text/plain", r))
		return fmt.Sprint(answer, " ", <-written)
	}, "ok <nil>"},

	{"a proxy's truncated body is an error", truncatedByProxy, func(client *http.Client, url string) string {
		resp, err := client.Get(url)
		if err != nil {
			return err.Error()
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		return fmt.Sprint(string(b), " ", err)
	}, "half unexpected EOF"},

	{"temporary files of forms are removed", func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseMultipartForm(1); err != nil {
			fmt.Fprint(w, err)
			return
		}
		f, _, err := r.FormFile("file")
		if err != nil {
			fmt.Fprint(w, err)
			return
		}
		defer f.Close()
		fmt.Fprint(w, f.(*os.File).Name())
	}, func(client *http.Client, url string) string {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		part, _ := form.CreateFormFile("file", "file")
		part.Write(make([]byte, 11<<20)) // more than stays in memory
		form.Close()
		name := text(client.Post(url, form.FormDataContentType(), &body))
		if _, err := os.Stat(os.TempDir()); err != nil || !strings.Contains(name, "multipart-") {
			return "no file: " + name
		}
		for began := time.Now(); time.Since(began) < 10*time.Second; runtime.Gosched() {
			if _, err := os.Stat(name); errors.Is(err, os.ErrNotExist) {
				return "removed"
			}
		}
		return name + " is still there"
	}, "removed"},

	{"a connection can be upgraded", func(w http.ResponseWriter, r *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		line, _ := rw.ReadString('\n')
		io.WriteString(conn, "echo "+line)
	}, func(client *http.Client, url string) string {
		req, _ := http.NewRequest(http.MethodGet, url, nil)
		req.Header.Set("Connection", "Upgrade")
		req.Header.Set("Upgrade", "echo")
		resp, err := client.Do(req)
		if err != nil {
			return err.Error()
		}
		defer resp.Body.Close()
		io.WriteString(resp.Body.(io.Writer), "hello\n")
		b, err := io.ReadAll(resp.Body)
		return fmt.Sprint(resp.StatusCode, " ", string(b), err)
	}, "101 echo hello\n<nil>"},

	{"deadlines hold", func(w http.ResponseWriter, r *http.Request) {
		c := http.NewResponseController(w)
		if err := c.SetReadDeadline(time.Now().Add(-time.Second)); err != nil {
			panic(err)
		}
		_, err := io.ReadAll(r.Body)
		fmt.Fprint(w, errors.Is(err, os.ErrDeadlineExceeded))
	}, func(client *http.Client, url string) string {
		r, w := io.Pipe()
		defer w.Close()
		go io.WriteString(w, "a part")
		return text(client.Post(url, "text/plain", r))
	}, "true"},

	{"the writer and the context are a server's", func(w http.ResponseWriter, r *http.Request) {
		_, readerFrom := w.(io.ReaderFrom)
		_, closeNotifier := w.(http.CloseNotifier) //lint:ignore SA1019 old handlers ask for it
		_, server := r.Context().Value(http.ServerContextKey).(*http.Server)
		fmt.Fprint(w, readerFrom, closeNotifier, server)
	}, getText, "true true true"},

	{"line breaks in header values are taken out", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Broken", "a\r\nb")
	}, func(client *http.Client, url string) string {
		resp, err := client.Get(url)
		if err != nil {
			return err.Error()
		}
		resp.Body.Close()
		return fmt.Sprintf("%q", resp.Header["X-Broken"])
	}, `["a  b"]`},

	{"a body may not be longer than it says", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "4")
		_, err := io.WriteString(w, "longer")
		if !errors.Is(err, http.ErrContentLength) {
			panic(err)
		}
	}, getText, "unexpected EOF"},

	{"a body may not be shorter than it says", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "9")
		io.WriteString(w, "short")
	}, getText, "shortunexpected EOF"},

	{"a header has a limit", says("fine"), func(client *http.Client, url string) string {
		req, _ := http.NewRequest(http.MethodGet, url, nil)
		req.Header.Set("X-Large", strings.Repeat("x", http.DefaultMaxHeaderBytes+8192))
		resp, err := client.Do(req)
		if err != nil {
			return err.Error()
		}
		resp.Body.Close()
		return resp.Status
	}, "431 Request Header Fields Too Large"},

	{"answers before the answer have a limit", func(w http.ResponseWriter, r *http.Request) {
		for range 20 {
			w.Header().Set("Link", strings.Repeat("x", 1<<20))
			w.WriteHeader(http.StatusEarlyHints)
		}
	}, func(client *http.Client, url string) string {
		_, err := client.Get(url)
		return fmt.Sprint(err != nil)
	}, "true"},

	{"a request's body can't be read after the answer", func(w http.ResponseWriter, r *http.Request) {
		r.Body.Close()
		_, err := r.Body.Read(make([]byte, 1))
		fmt.Fprint(w, err)
	}, func(client *http.Client, url string) string {
		return text(client.Post(url, "text/plain", strings.NewReader("body")))
	}, http.ErrBodyReadAfterClose.Error()},

	{"a client that cancels gets its own error from the body", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "half")
		flush(w)
		<-r.Context().Done()
	}, func(client *http.Client, url string) string {
		ctx, cancel := context.WithCancelCause(context.Background())
		defer cancel(nil)
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		resp, err := client.Do(req)
		if err != nil {
			return err.Error()
		}
		defer resp.Body.Close()
		half := make([]byte, 4)
		io.ReadFull(resp.Body, half)
		cancel(errors.New("enough"))
		_, err = resp.Body.Read(half)
		return string(half) + " " + fmt.Sprint(err)
	}, "half enough"},
}

func getText(client *http.Client, url string) string { return text(client.Get(url)) }

// truncatedByProxy is a reverse proxy whose upstream breaks off.
func truncatedByProxy(w http.ResponseWriter, r *http.Request) {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "half")
		flush(w)
		panic(http.ErrAbortHandler)
	}))
	defer upstream.Close()
	target, _ := url.Parse(upstream.URL)
	own := new(http.Transport)
	defer own.CloseIdleConnections()
	(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }, Transport: own}).ServeHTTP(w, r)
}

func TestInMemoryIsLikeASocket(t *testing.T) {
	t.Parallel()
	for _, test := range alike {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			socket := httptest.NewServer(test.handler)
			defer socket.Close()
			assert.Equal(t, test.want, test.ask(socket.Client(), socket.URL), "on a socket")
			memory := &http.Client{Transport: httpx.HandlerTransport(test.handler)}
			assert.Equal(t, test.want, test.ask(memory, "http://api.test"), "in memory")
		})
	}
}

// A HandlerTransport may belong to the whole process. Each request has the scope of its
// own sender, whatever connection it comes over.
func TestOneHandlerTransportForAllScopes(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]httpx.RouteOption{"HTTP/1": nil, "HTTP/2": {httpx.HTTP2}} {
		client := &http.Client{Transport: httpx.HandlerTransport(http.HandlerFunc(tellTenant), opts...)}
		for i := range 200 {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				job, end := scope.New(t.Context(), "job")
				defer end()
				for n := range 5 {
					mine := fmt.Sprint(i, "/", n)
					ctx := scope.Set(job, tenant, mine)
					assert.Equal(t, mine+" "+mine, get(ctx, client, "https://api.test"))
					none := scope.Set(scope.Detach(t.Context()), tenant, mine)
					assert.Equal(t, mine+" "+mine, get(none, client, "http://api.test"))
				}
			})
		}
	}
}

func TestHTTP2InMemoryTalksBothWays(t *testing.T) {
	t.Parallel()
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Proto, " ", r.TLS != nil, "\n")
		flush(w)
		io.Copy(flushing{w}, r.Body)
	})
	ctx := scope.With(t.Context(), httpx.RouteHandler("*", echo, httpx.HTTP2))
	body, w := io.Pipe()
	resp := do(t, wrapped(t), request(t, ctx, http.MethodPost, "https://api.test/", body))
	assert.Equal(t, 2, resp.ProtoMajor)
	assert.Equal(t, "api.test", resp.TLS.ServerName)
	buf := make([]byte, len("HTTP/2.0 true\n"))
	for _, word := range []string{"", "ping", "pong"} {
		io.WriteString(w, word)
		want := word
		if word == "" {
			want = "HTTP/2.0 true\n"
		}
		n, err := io.ReadFull(resp.Body, buf[:len(want)])
		assert.NoError(t, err)
		assert.Equal(t, want, string(buf[:n]))
	}
	w.Close()
	assert.Empty(t, text(resp, nil))
}
