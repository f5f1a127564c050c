package httpxtest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

// Paths with empty or dot segments are resources of their own (RFC 3986 section 3.3).
func TestPathsAreNotCleaned(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/a//b", "//lead", "/a/./b", "/a/../b", "/a/", "/a%2Fb//c", "/a//", "/.", "/a b//%20"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			m := httpxtest.Mock(t, "bucket.example.com")
			tell := func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprint(w, r.URL.EscapedPath(), " ", r.PathValue("key"))
			}
			m.Expect("GET /").ReplyFunc(tell)
			m.Expect("GET /{key...}").ReplyFunc(tell)
			m.Expect("GET " + strings.ReplaceAll(path, " ", "%20")).ReplyFunc(tell)
			escaped := strings.ReplaceAll(path, " ", "%20")
			assert.Equal(t, escaped+" ", get(t, "https://bucket.example.com"+escaped).body)
			got := get(t, "https://bucket.example.com"+escaped).body
			assert.Equal(t, escaped, strings.Split(got, " ")[0])
			assert.NotContains(t, got, "\uE000")
			assert.Equal(t, escaped+" ", get(t, "https://bucket.example.com"+escaped).body)
		})
	}
}

func TestAWildcardMayBeAPartOfASegment(t *testing.T) {
	t.Parallel()
	m := httpxtest.Mock(t, "api.example.com")
	m.Stub("GET /v1/{id}").Reply(httpxtest.Text(200, "plain"))
	m.Stub("POST /v1/{id}:batch").ReplyFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.PathValue("id")) })
	m.Stub("GET /{a}-{b}/{c}").ReplyFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.PathValue("a"), "|", r.PathValue("b"), "|", r.PathValue("c"))
	})
	assert.Equal(t, "users", send(t, "POST", "https://api.example.com/v1/users:batch", "").body)
	assert.Equal(t, "x|y|z", get(t, "https://api.example.com/x-y/z").body)
	assert.Equal(t, "plain", get(t, "https://api.example.com/v1/users").body)
	f := rehearse(func(t testing.TB) {
		httpxtest.Mock(t, "api.example.com").Expect("POST /v1/{id}:batch")
		send(t, "POST", "https://api.example.com/v1/users:other", "")
	})
	assert.Contains(t, f.text(), "but the path is /v1/users:other")
}

func TestAPatternThatIsNoneSaysHowToWriteIt(t *testing.T) {
	t.Parallel()
	const id = "{d53603cc-3f67-45ea-b310-aaa5ef6ec061}"
	f := rehearse(func(t testing.TB) { httpxtest.Mock(t, "a.test").Expect("GET /hooks/" + id) })
	assert.Contains(t, f.text(), `if the braces are literal, write "GET /hooks/%7Bd53603cc-3f67-45ea-b310-aaa5ef6ec061%7D", or use Expectation.Path`)
	m := httpxtest.Mock(t, "a.test")
	m.Expect("GET /hooks/%7Bd53603cc-3f67-45ea-b310-aaa5ef6ec061%7D")
	m.Expect("GET /").Path(regexp.MustCompile("^/hooks/" + regexp.QuoteMeta(id) + "$")).Reply(httpxtest.Text(200, "by Path"))
	get(t, "https://a.test/hooks/"+id)
	assert.Equal(t, "by Path", get(t, "https://a.test/hooks/"+id).body)
}

// Which is declared first does not matter.
func TestAHEADUsesUpNoGETThatAHEADsOwnFollows(t *testing.T) {
	t.Parallel()
	m := httpxtest.Mock(t, "files.example.com")
	m.Expect("GET /f").Reply(httpxtest.Text(200, "content"))
	m.Expect("HEAD /f")
	send(t, "HEAD", "https://files.example.com/f", "")
	assert.Equal(t, "content", get(t, "https://files.example.com/f").body)
	f := rehearse(func(t testing.TB) {
		m := httpxtest.Mock(t, "files.example.com")
		m.Expect("GET /f").Times(2)
		send(t, "HEAD", "https://files.example.com/f", "")
	})
	assert.Contains(t, f.text(), "taken by #1 GET /f, which takes HEAD too")
}

func TestACONNECTCanBeExpected(t *testing.T) {
	t.Parallel()
	m := httpxtest.Mock(t, "tunnel.example.com")
	m.Expect("CONNECT /").Reply(httpxtest.Status(http.StatusForbidden))
	req, err := http.NewRequestWithContext(scopetest.Context(t), http.MethodConnect, "http://tunnel.example.com:443", nil)
	require.NoError(t, err)
	resp, err := httpx.Client().Do(req)
	require.NoError(t, err)
	resp.Body.Close()
	assert.Equal(t, http.StatusForbidden, resp.StatusCode)
}

func TestMatchersOfForms(t *testing.T) {
	t.Parallel()
	m := httpxtest.Mock(t, "api.example.com")
	m.Expect("POST /").Form("name", "ada lovelace").Form("tag", "b").Reply(httpxtest.Text(200, "form"))
	assert.Equal(t, "form", post(t, "application/x-www-form-urlencoded", "name=ada+lovelace&tag=a&tag=b").body)

	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	form.WriteField("name", "ada")
	file, _ := form.CreateFormFile("upload", "a.txt")
	io.WriteString(file, "content")
	form.Close()
	m.Expect("POST /").Form("name", "ada").Form("upload", "content").Reply(httpxtest.Text(200, "multipart"))
	assert.Equal(t, "multipart", post(t, form.FormDataContentType(), body.String()).body)

	for contentType, want := range map[string]string{
		"application/x-www-form-urlencoded": `form field "name": want "grace", got "ada"`,
		"text/plain":                        `form field "name": want "grace", got no form: the Content-Type is "text/plain"`,
	} {
		f := rehearse(func(t testing.TB) {
			httpxtest.Mock(t, "api.example.com").Stub("POST /").Form("name", "grace")
			post(t, contentType, "name=ada")
		})
		assert.Contains(t, f.text(), want)
	}
	secret := rehearse(func(t testing.TB) {
		httpxtest.Mock(t, "api.example.com").Stub("POST /").Form("password", "c4nary")
		post(t, "text/plain", "no form")
	})
	assert.Contains(t, secret.text(), `form field "password": want ‹redacted›, got no form`)
	assert.NotContains(t, secret.text(), "c4nary")
	f := rehearse(func(t testing.TB) {
		httpxtest.Mock(t, "api.example.com").Stub("POST /").Form("title", "x")
		post(t, form.FormDataContentType(), body.String())
	})
	assert.Contains(t, f.text(), `form field "title": want "x", got none; the form is a multipart body with these parts:
    name: "ada"
    upload: file "a.txt", application/octet-stream, 7 bytes`)
}

func post(t testing.TB, contentType, body string) reply {
	req, err := http.NewRequestWithContext(scopetest.Context(t), http.MethodPost, "https://api.example.com/", strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", contentType)
	got, err := do(req)
	require.NoError(t, err)
	return got
}

func TestMatchersByExpression(t *testing.T) {
	t.Parallel()
	is := regexp.MustCompile
	for name, test := range map[string]struct {
		check func(*httpxtest.Expectation)
		why   string // empty: it matches
	}{
		"QueryMatch":          {func(e *httpxtest.Expectation) { e.QueryMatch("page", is(`^\d+$`)) }, ""},
		"QueryMatch, other":   {func(e *httpxtest.Expectation) { e.QueryMatch("page", is(`^x$`)) }, "query page: want a match for `^x$`, got \"12\""},
		"QueryMatch, none":    {func(e *httpxtest.Expectation) { e.QueryMatch("size", is(`.`)) }, "query size: want a match for `.`, got none"},
		"HeaderMatch":         {func(e *httpxtest.Expectation) { e.HeaderMatch("content-type", is(`^text/`)) }, ""},
		"HeaderMatch, other":  {func(e *httpxtest.Expectation) { e.HeaderMatch("Content-Type", is(`json`)) }, "header Content-Type: want a match for `json`, got \"text/plain\""},
		"HeaderMatch, secret": {func(e *httpxtest.Expectation) { e.HeaderMatch("Authorization", is(`^Bearer`)) }, "header Authorization: want a match for `^Bearer`, got ‹redacted›"},
		"Host":                {func(e *httpxtest.Expectation) { e.Header("Host", "api.example.com") }, ""},
		"BodyContains":        {func(e *httpxtest.Expectation) { e.BodyContains("wor") }, ""},
		"BodyContains, other": {func(e *httpxtest.Expectation) { e.BodyContains("worm") }, `the body does not contain "worm": got "hello world"`},
		"BodyMatch":           {func(e *httpxtest.Expectation) { e.BodyMatch(is(`^hello \w+$`)) }, ""},
		"BodyMatch, other":    {func(e *httpxtest.Expectation) { e.BodyMatch(is(`^bye`)) }, "the body does not match `^bye`: got \"hello world\""},
		"Path":                {func(e *httpxtest.Expectation) { e.Path(is(`^/a/b c$`)) }, ""},
		"Path, other":         {func(e *httpxtest.Expectation) { e.Path(is(`^/x`)) }, "the path, \"/a/b c\" when decoded, does not match `^/x`"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := rehearse(func(t testing.TB) {
				e := httpxtest.Mock(t, "api.example.com").Expect("POST /")
				test.check(e)
				req, err := http.NewRequestWithContext(scopetest.Context(t), http.MethodPost, "https://api.example.com/a/b%20c?page=12", strings.NewReader("hello world"))
				require.NoError(t, err)
				req.Header.Set("Content-Type", "text/plain")
				req.Header.Set("Authorization", "Basic c4nary")
				_, err = do(req)
				require.NoError(t, err)
			})
			assert.Equal(t, test.why != "", f.Failed(), f.text())
			assert.Contains(t, f.text(), test.why)
			assert.NotContains(t, f.text(), "c4nary")
		})
	}
}

// Package url drops such pairs.
func TestAQueryIsMatchedAsItCame(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{"tagged=go;test": "go;test", "tagged=100%": "100%", "tagged=a%20b": "a b"} {
		m := httpxtest.Mock(t, "api.example.com")
		m.Expect("GET /search").Query("tagged", want)
		get(t, "https://api.example.com/search?"+raw)
	}
}

func TestRepliesCompose(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s *httpxtest.Server) {
		s.Stub("/").Reply(httpxtest.WithStatus(201, httpxtest.WithHeader("Content-Type", "text/csv", httpxtest.WithHeader("X-Gone", "", httpxtest.Text(200, "a,b")))))
		s.Stub("/empty").Reply(httpxtest.WithStatus(202, httpxtest.WithHeader("X-Set", "1", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))))
		resp, err := s.Client().Do(request(t, t.Context(), s))
		require.NoError(t, err)
		assert.Equal(t, "a,b", read(t, resp))
		assert.Equal(t, 201, resp.StatusCode)
		assert.Equal(t, "text/csv", resp.Header.Get("Content-Type"))
		resp, err = s.Client().Get(s.URL + "/empty")
		require.NoError(t, err)
		read(t, resp)
		assert.Equal(t, 202, resp.StatusCode)
		assert.Equal(t, "1", resp.Header.Get("X-Set"))
	})
}

func TestErrorIsTheClientsOwn(t *testing.T) {
	t.Parallel()
	mine := errors.New("mine")
	onEach(t, func(t *testing.T, s *httpxtest.Server) {
		s.Expect("/").Reply(httpxtest.Error(mine))
		s.Expect("/").Reply(httpxtest.RoundTrip(func(r *http.Request) (*http.Response, error) { return nil, fmt.Errorf("wrapped: %w", mine) }))
		s.Expect("/").Reply(httpxtest.RoundTrip(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 418, Header: http.Header{"X-Path": {r.URL.Path}}, Body: io.NopCloser(strings.NewReader("short"))}, nil
		}))
		for range 2 {
			_, err := s.Client().Do(request(t, t.Context(), s))
			assert.ErrorIs(t, err, mine)
		}
		resp, err := s.Client().Do(request(t, t.Context(), s))
		require.NoError(t, err)
		assert.Equal(t, "short", read(t, resp))
		assert.Equal(t, 418, resp.StatusCode)
		assert.Equal(t, "/", resp.Header.Get("X-Path"))
	})
}

// Handlers ask for http.Flusher by assertion, as package http documents.
func TestAReplyHasWhatAServersWriterHas(t *testing.T) {
	t.Parallel()
	asks := func(w http.ResponseWriter, r *http.Request) {
		_, flusher := w.(http.Flusher)
		_, readerFrom := w.(io.ReaderFrom)
		_, stringWriter := w.(io.StringWriter)
		_, hijacker := w.(http.Hijacker)
		fmt.Fprint(w, flusher, readerFrom, stringWriter, hijacker)
	}
	for name, wrap := range map[string]func(http.Handler) http.Handler{
		"none":       func(h http.Handler) http.Handler { return h },
		"Delay":      func(h http.Handler) http.Handler { return httpxtest.Delay(0, h) },
		"EOFAfter":   func(h http.Handler) http.Handler { return httpxtest.EOFAfter(100, h) },
		"Drip":       func(h http.Handler) http.Handler { return httpxtest.Drip(0, h) },
		"WithStatus": func(h http.Handler) http.Handler { return httpxtest.WithStatus(200, h) },
		"WithHeader": func(h http.Handler) http.Handler { return httpxtest.WithHeader("A", "b", h) },
	} {
		s := httpxtest.NewServer(t)
		s.Stub("/").Reply(wrap(http.HandlerFunc(asks)))
		resp, err := s.Client().Get(s.URL)
		require.NoError(t, err)
		b, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		assert.Equal(t, "true true true true", string(b), name)
	}
}

type counted struct{ atomic.Int64 }

func (c *counted) Write(p []byte) (int, error) { c.Add(int64(len(p))); return len(p), nil }

// A server that refuses at once is sent no body (RFC 9110 section 10.1.1).
func TestARefusedBodyIsNotSent(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s *httpxtest.Server) {
		s.Stub("/").Reply(httpxtest.Status(http.StatusForbidden))
		var taken counted
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, s.URL, io.TeeReader(bytes.NewReader(make([]byte, 1<<20)), &taken))
		require.NoError(t, err)
		req.ContentLength = 1 << 20
		req.Header.Set("Expect", "100-continue")
		resp, err := s.Client().Do(req)
		require.NoError(t, err)
		resp.Body.Close()
		assert.Equal(t, http.StatusForbidden, resp.StatusCode)
		assert.Zero(t, taken.Load())
	})
}

func TestWaitForOneExpectation(t *testing.T) {
	t.Parallel()
	s := httpxtest.NewServer(t)
	first := s.Expect("GET /first")
	second := s.Stub("GET /second")
	read(t, must(s.Client().Get(s.URL+"/first")))
	require.NoError(t, first.Wait(t.Context()))
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	err := second.Wait(ctx)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	assert.ErrorContains(t, err, "waiting for #2 GET /second (pattern_test.go:")
	assert.ErrorContains(t, err, "received: GET /first, taken by #1 GET /first")
	err = s.Wait(ctx, 2)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	assert.ErrorContains(t, err, "waiting for 2 requests, 1 answered; received: GET /first")
	go func() { read(t, must(s.Client().Get(s.URL+"/second"))) }()
	assert.NoError(t, second.Wait(t.Context()))
}

func must(resp *http.Response, err error) *http.Response {
	if err != nil {
		panic(err)
	}
	return resp
}

func TestCloseVerifiesAtOnce(t *testing.T) {
	t.Parallel()
	f := rehearse(func(t testing.TB) {
		s := httpxtest.NewServer(t)
		s.Expect("GET /never")
		s.Close()
		s.Close()
		if !t.Failed() {
			panic("not verified yet")
		}
		_, err := s.Client().Get(s.URL)
		assert.ErrorContains(t, err, "refused")
	})
	assert.Equal(t, 1, strings.Count(f.text(), "did not receive"))
}

// There is no name to ask for, for an address (RFC 6066 section 3).
func TestTLSForAnAddress(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"10.96.0.1", "10.96.0.1:6443", "[2001:db8::1]", "[::1]:6443", "127.0.0.1:6443"} {
		for name, opts := range map[string][]httpxtest.Option{"socket": {httpxtest.TLS()}, "in memory": {httpxtest.TLS(), httpxtest.InMemory()}} {
			t.Run(host+" "+name, func(t *testing.T) {
				t.Parallel()
				httpxtest.Mock(t, host, opts...).Expect("GET /version").Reply(httpxtest.Text(200, "ok"))
				assert.Equal(t, "ok", get(t, "https://"+host+"/version").body)
			})
		}
	}
}
