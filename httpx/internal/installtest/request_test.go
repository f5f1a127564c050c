package installtest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

// through runs f in a scope whose requests for api.test are answered by h, over
// a socket, with each of eachClient's clients.
func through(t *testing.T, h http.HandlerFunc, f func(t *testing.T, ctx context.Context, client *http.Client, url string)) {
	fake := serve(t, h)
	eachClient(t, "api.test", func(t *testing.T, client *http.Client, url string) {
		inScope(t, func(ctx context.Context) { f(t, ctx, client, url) }, httpx.Route("api.test", fake.URL, httpx.KeepHost))
	})
}

func TestRequestsArriveAsTheyWereSent(t *testing.T) {
	t.Parallel()
	var mine = func(t *testing.T, host, uri string, set func(*http.Request)) {
		arrived := make(chan *http.Request, 1)
		fake := serve(t, func(w http.ResponseWriter, r *http.Request) { arrived <- r })
		eachOf := scope.With(t.Context(), httpx.Route("*", fake.URL, httpx.KeepHost))
		direct := &http.Transport{}
		t.Cleanup(direct.CloseIdleConnections)
		for name, client := range map[string]*http.Client{
			"default": http.DefaultClient, "clone": {Transport: aClone}, "wrapped": {Transport: httpx.Wrap(direct)},
		} {
			req := request(t, eachOf, http.MethodGet, "https://"+host+uri, nil)
			set(req)
			want := req.Host
			do(t, client, req)
			got := <-arrived
			assert.Equal(t, want, got.Host, name)
			assert.Equal(t, uri, got.RequestURI, name)
			got.Header.Del("X-Forwarded-Host")
			assert.Equal(t, http.Header{
				"Accept-Encoding": {"gzip"}, "User-Agent": {"Go-http-client/1.1"}, "X-Mine": {"1", "2"}, "Forwarded": {"for=me"},
			}, got.Header, name)
		}
	}
	headers := func(r *http.Request) {
		r.Header["X-Mine"] = []string{"1", "2"}
		r.Header["Forwarded"] = []string{"for=me"}
	}
	for _, uri := range []string{"/", "/users/a%2Fb?x=1;y=%zz", "//a//b/../c", "/?", "/a%20b?q=%20+"} {
		mine(t, "API.test", uri, headers)
	}
	mine(t, "api.test:8443", "/", headers)
	mine(t, "127.0.0.1:9", "/", headers)
	mine(t, "[::1]:9", "/", headers)
	mine(t, "api.test", "/", func(r *http.Request) { headers(r); r.Host = "other.test" })
}

func TestATargetGetsTheOriginalHost(t *testing.T) {
	t.Parallel()
	fake := serve(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.URL, " ", r.Header.Get("X-Forwarded-Proto"), "://", r.Header.Get("X-Forwarded-Host"))
	})
	eachClient(t, "api.test", func(t *testing.T, client *http.Client, url string) {
		inScope(t, func(ctx context.Context) {
			assert.Equal(t, "/v3/users/x?y=1 "+url, get(ctx, client, url+"/users/x?y=1"))
		}, httpx.Route("api.test", fake.URL+"/v3"))
	})
}

func TestAnswersArriveAsTheyWereSent(t *testing.T) {
	t.Parallel()
	through(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Date"] = nil
		w.Header()["Content-Type"] = nil
		w.Header()["X-Fake"] = []string{"1", "2"}
		w.WriteHeader(http.StatusTeapot)
		io.WriteString(w, "<html>")
	}, func(t *testing.T, ctx context.Context, client *http.Client, url string) {
		req := request(t, ctx, http.MethodGet, url, nil)
		resp := do(t, client, req)
		assert.Equal(t, http.StatusTeapot, resp.StatusCode)
		assert.Equal(t, http.Header{"X-Fake": {"1", "2"}, "Content-Length": {"6"}}, resp.Header)
		assert.EqualValues(t, 6, resp.ContentLength)
		assert.Same(t, req, resp.Request)
		assert.Equal(t, "<html>", text(resp, nil))
	})
}

func TestHEADKeepsTheLength(t *testing.T) {
	t.Parallel()
	through(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000")
	}, func(t *testing.T, ctx context.Context, client *http.Client, url string) {
		resp := do(t, client, request(t, ctx, http.MethodHead, url, nil))
		assert.EqualValues(t, 1000, resp.ContentLength)
		assert.Empty(t, text(resp, nil))
	})
}

func TestGzipIsTheClientsBusiness(t *testing.T) {
	t.Parallel()
	through(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		io.WriteString(z, "plain")
		z.Close()
	}, func(t *testing.T, ctx context.Context, client *http.Client, url string) {
		resp := do(t, client, request(t, ctx, http.MethodGet, url, nil))
		assert.True(t, resp.Uncompressed)
		assert.Equal(t, "plain", text(resp, nil))
	})
}

func TestTrailersGoBothWays(t *testing.T) {
	t.Parallel()
	through(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", "X-Sum")
		body, _ := io.ReadAll(r.Body)
		w.Write(body)
		w.Header().Set("X-Sum", "back "+r.Trailer.Get("X-Sum"))
	}, func(t *testing.T, ctx context.Context, client *http.Client, url string) {
		req := request(t, ctx, http.MethodPost, url, nil)
		req.Trailer = http.Header{"X-Sum": nil}
		req.Body = io.NopCloser(io.MultiReader(strings.NewReader("body"), atEOF(func() { req.Trailer.Set("X-Sum", "42") })))
		req.ContentLength = -1
		resp := do(t, client, req)
		assert.Equal(t, "body", text(resp, nil))
		assert.Equal(t, http.Header{"X-Sum": {"back 42"}}, resp.Trailer)
	})
}

// atEOF is an empty reader that calls a function when it is read.
type atEOF func()

func (f atEOF) Read([]byte) (int, error) { f(); return 0, io.EOF }

func TestBigBodiesStreamBothWays(t *testing.T) {
	t.Parallel()
	through(t, func(w http.ResponseWriter, r *http.Request) {
		http.NewResponseController(w).EnableFullDuplex()
		io.Copy(w, r.Body)
	}, func(t *testing.T, ctx context.Context, client *http.Client, url string) {
		big := make([]byte, 5<<20)
		rand.Read(big)
		for _, body := range []io.Reader{bytes.NewReader(big), io.MultiReader(bytes.NewReader(big))} { // with a length, and chunked
			resp := do(t, client, request(t, ctx, http.MethodPost, url, body))
			h := sha256.New()
			n, err := io.Copy(h, resp.Body)
			require.NoError(t, err)
			assert.EqualValues(t, len(big), n)
			assert.Equal(t, sha256.Sum256(big), [32]byte(h.Sum(nil)))
		}
	})
}

func TestClientAndServerTalkInTurns(t *testing.T) {
	t.Parallel()
	through(t, func(w http.ResponseWriter, r *http.Request) {
		c := http.NewResponseController(w)
		c.EnableFullDuplex()
		c.Flush()
		for line := bufio.NewScanner(r.Body); line.Scan(); c.Flush() {
			fmt.Fprintln(w, "to", line.Text())
		}
	}, func(t *testing.T, ctx context.Context, client *http.Client, url string) {
		body, w := io.Pipe()
		resp := do(t, client, request(t, ctx, http.MethodPost, url, body))
		answers := bufio.NewScanner(resp.Body)
		for _, word := range []string{"a", "b"} {
			fmt.Fprintln(w, word)
			require.True(t, answers.Scan())
			assert.Equal(t, "to "+word, answers.Text())
		}
		w.Close()
		assert.False(t, answers.Scan())
		assert.NoError(t, answers.Err())
	})
}

func TestInformationalAnswersArrive(t *testing.T) {
	t.Parallel()
	through(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</style.css>")
		w.WriteHeader(http.StatusEarlyHints)
		io.WriteString(w, "<html>")
	}, func(t *testing.T, ctx context.Context, client *http.Client, url string) {
		var hints []string
		ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
			Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
				hints = append(hints, fmt.Sprint(code, h))
				return nil
			},
		})
		assert.Equal(t, "<html>", get(ctx, client, url))
		assert.Equal(t, []string{"103 map[Link:[</style.css>]]"}, hints)
	})
}

func TestExpectContinueKeepsTheBodyBack(t *testing.T) {
	t.Parallel()
	through(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/no" {
			w.WriteHeader(http.StatusExpectationFailed)
			return
		}
		io.Copy(w, r.Body)
	}, func(t *testing.T, ctx context.Context, client *http.Client, url string) {
		send := func(path string) (status int, body string, read bool) {
			req := request(t, ctx, http.MethodPost, url+path, io.MultiReader(atFirst(func() { read = true }), strings.NewReader("body")))
			req.Header.Set("Expect", "100-continue")
			resp := do(t, client, req)
			return resp.StatusCode, text(resp, nil), read
		}
		status, body, read := send("/yes")
		assert.Equal(t, []any{200, "body", true}, []any{status, body, read})
		status, body, read = send("/no")
		assert.Equal(t, []any{417, "", false}, []any{status, body, read})
	})
}

// atFirst is an empty reader that calls a function when it is read.
type atFirst func()

func (f atFirst) Read([]byte) (int, error) { f(); return 0, io.EOF }

func TestUpgradesBecomeAConnection(t *testing.T) {
	t.Parallel()
	through(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Upgrade", "echo")
		w.WriteHeader(http.StatusSwitchingProtocols)
		conn, buf, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		io.Copy(conn, buf)
	}, func(t *testing.T, ctx context.Context, client *http.Client, url string) {
		req := request(t, ctx, http.MethodGet, url, nil)
		req.Header.Set("Connection", "Upgrade")
		req.Header.Set("Upgrade", "echo")
		resp := do(t, client, req)
		require.Equal(t, http.StatusSwitchingProtocols, resp.StatusCode)
		conn := resp.Body.(io.ReadWriteCloser)
		buf := make([]byte, 4)
		for _, word := range []string{"ping", "pong"} {
			_, err := io.WriteString(conn, word)
			require.NoError(t, err)
			_, err = io.ReadFull(conn, buf)
			require.NoError(t, err)
			assert.Equal(t, word, string(buf))
		}
		assert.NoError(t, conn.Close())
	})
}

func TestRedirectsAndCookiesAreOfTheRealURL(t *testing.T) {
	t.Parallel()
	through(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			http.Redirect(w, r, "/next", http.StatusFound)
			return
		}
		io.WriteString(w, r.URL.Path+" "+r.Referer())
	}, func(t *testing.T, ctx context.Context, client *http.Client, url string) {
		resp := do(t, client, request(t, ctx, http.MethodGet, url+"/", nil))
		assert.Equal(t, url+"/next", resp.Request.URL.String())
		assert.Equal(t, "/next "+url+"/", text(resp, nil))
	})
}
