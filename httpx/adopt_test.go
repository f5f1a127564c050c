package httpx_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/scopetest"
)

// bearers has the ways in which a request can carry a token.
var bearers = []struct {
	header string // it is in
	put    func(h http.Header, token string)
}{
	{"Scope-Token", func(h http.Header, token string) { h.Set("Scope-Token", token) }},
	{"Cookie", func(h http.Header, token string) { h.Set("Cookie", "theme=dark; Scope-Token="+token+"; a=b") }},
	{"User-Agent", func(h http.Header, token string) { h.Set("User-Agent", "Mozilla/5.0 (X11) Scope-Token/"+token) }},
}

// bearing returns a GET request that carries a token in the i-th way.
func bearing(t testing.TB, i int, url, token string) *http.Request {
	t.Helper()
	req := request(t, scope.Detach(context.Background()), http.MethodGet, url, nil)
	bearers[i%len(bearers)].put(req.Header, token)
	return req
}

// adopted returns the answer of Adopt(h) to a request with a header.
func adopted(h http.HandlerFunc, header http.Header) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header = header
	w := httptest.NewRecorder()
	httpx.Adopt(h).ServeHTTP(w, r)
	return w
}

func TestAdoptBindsARequestToTheScopeOfItsToken(t *testing.T) {
	t.Parallel()
	real, fake := serve(t, says("real")), serve(t, says("fake"))
	ask := func() string { return text(http.Get(real.URL)) }
	ctx := scopetest.With(t, tenant.Bind("ours"), httpx.Route(real.host(), fake.URL))
	elsewhere(func() {
		for _, b := range bearers {
			h := http.Header{}
			b.put(h, httpx.Token(ctx))
			w := adopted(func(w http.ResponseWriter, r *http.Request) {
				tellTenant(w, r)
				assert.Equal(t, scope.Name(ctx), scope.Name(r.Context()), b.header)
				assert.Equal(t, httpx.Token(ctx), httpx.Token(r.Context()), b.header)
				assert.Equal(t, "fake", ask(), b.header)
				assert.Equal(t, "fake", get(r.Context(), http.DefaultClient, real.URL), b.header)
				assert.Equal(t, "fake", byScopeGo(r.Context(), ask), b.header)
				assert.Equal(t, inherited("fake"), byNestedGo(ask), b.header)
			}, h)
			assert.Equal(t, "ours ours", w.Body.String(), b.header)
			assert.Equal(t, "none", tenant.Get(), "after a request by "+b.header)
		}
	})
}

func TestAdoptKeepsTheRequestsOwnContext(t *testing.T) {
	t.Parallel()
	type key struct{}
	ctx, cancel := context.WithCancel(context.WithValue(scope.Set(t.Context(), tenant, "outer"), key{}, "value"))
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil)
	r.Header.Set("Scope-Token", httpx.Token(scopetest.With(t, tenant.Bind("token's"))))
	w := httptest.NewRecorder()
	httpx.Adopt(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tellTenant(w, r)
		assert.Equal(t, "value", r.Context().Value(key{}))
		cancel()
		<-r.Context().Done()
	})).ServeHTTP(w, r)
	assert.Equal(t, "token's token's", w.Body.String())
}

func TestAdoptPassesARequestWithoutATokenOnAsItCame(t *testing.T) {
	t.Parallel()
	for _, h := range []http.Header{
		nil,
		{"Cookie": {"theme=dark; XScope-Token=x; scope=y"}, "User-Agent": {"Mozilla/5.0 Scope-Tokens/x XScope-Token/x"}},
		{"Cookie": {""}, "User-Agent": {"Scope-Token", ""}, "X-Scope-Token": {"x"}, "Authorization": {"Scope-Token x"}},
	} {
		r := httptest.NewRequest(http.MethodGet, "/?Scope-Token=x", nil)
		r.Header = h
		var got *http.Request
		httpx.Adopt(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r })).ServeHTTP(nil, r)
		assert.Same(t, r, got, h)
	}
}

func TestAdoptTakesATokenThatCameTwice(t *testing.T) {
	t.Parallel()
	token := httpx.Token(scopetest.With(t, tenant.Bind("ours")))
	h := http.Header{}
	for _, b := range bearers {
		b.put(h, token)
	}
	assert.Equal(t, "ours ours", adopted(tellTenant, h).Body.String())
}

func TestAdoptRefusesATokenThatStandsForNothing(t *testing.T) {
	t.Parallel()
	over, end := scope.New(t.Context(), "Over")
	ended := httpx.Token(over)
	end()
	live := httpx.Token(scopetest.Context(t))
	for name, token := range map[string]string{
		"ended":         ended,
		"made too late": httpx.Token(over),
		"unknown":       strings.Repeat("A", len(live)),
		"empty":         "",
		"too short":     live[1:],
		"too long":      live + "A",
		"padded":        live + "==",
		"quoted":        `"` + live + `"`,
		"not ASCII":     "Ünbekannt",
		"control codes": "a\x01b",
		"a list":        live + "," + live,
		"huge":          strings.Repeat("A", 1<<20),
	} {
		for _, b := range bearers {
			h := http.Header{}
			b.put(h, token)
			w := adopted(func(http.ResponseWriter, *http.Request) { t.Error("the handler was called") }, h)
			assert.Equal(t, http.StatusGone, w.Code, "%s, %s", name, b.header)
			assert.Equal(t, "httpx: the token in the request's "+b.header+" header names no scope that is alive in this process: "+
				"its test, request or job is over, or another process made it; httpx.Token makes a new one\n", w.Body.String(), name)
			assert.Equal(t, "text/plain; charset=utf-8", w.Header().Get("Content-Type"))
			assert.Equal(t, "no-store", w.Header().Get("Cache-Control"))
		}
	}
}

func TestAdoptRefusesTokensThatDiffer(t *testing.T) {
	t.Parallel()
	one, other := httpx.Token(scopetest.Context(t)), httpx.Token(scope.Set(scopetest.Context(t), tenant, "other"))
	for _, test := range []struct {
		header http.Header
		want   string
	}{
		{http.Header{"Scope-Token": {one, other}}, "request's Scope-Token header has tokens that differ"},
		{http.Header{"Scope-Token": {one, ""}}, "request's Scope-Token header has tokens that differ"},
		{http.Header{"Scope-Token": {one}, "Cookie": {"Scope-Token=" + other}}, "request's Scope-Token and Cookie headers have tokens that differ"},
		{http.Header{"Cookie": {"Scope-Token=" + one, "Scope-Token=" + other}}, "request's Cookie header has tokens that differ"},
		{http.Header{"Cookie": {"Scope-Token=" + one}, "User-Agent": {"x Scope-Token/" + other}}, "request's Cookie and User-Agent headers have tokens that differ"},
		{http.Header{"User-Agent": {"Scope-Token/" + one + " Scope-Token/" + other}}, "request's User-Agent header has tokens that differ"},
	} {
		w := adopted(func(http.ResponseWriter, *http.Request) { t.Error("the handler was called") }, test.header)
		assert.Equal(t, http.StatusGone, w.Code)
		assert.Equal(t, "httpx: the "+test.want+": send one\n", w.Body.String())
	}
}

func TestAdoptBindsTheScopeAgainAfterAPanic(t *testing.T) {
	t.Parallel()
	inScope(t, func(ctx context.Context) {
		h := http.Header{"Scope-Token": {httpx.Token(scope.Set(ctx, tenant, "inner"))}}
		assert.PanicsWithValue(t, "inner", func() {
			adopted(func(http.ResponseWriter, *http.Request) { panic(tenant.Get()) }, h)
		})
		assert.Equal(t, "outer", tenant.Get())
	}, tenant.Bind("outer"))
}

// The case that Adopt exists for: 200 parallel tests ask one server, which asks
// one URL, and each gets the answer of its own fake.
func TestParallelTestsShareAServer(t *testing.T) {
	t.Parallel()
	real := serve(t, says("real"))
	ask := func() string { return text(http.Get(real.URL + "/users/same")) }
	shared := serve(t, httpx.Adopt(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s, %s, %s", ask(), byScopeGo(r.Context(), ask), byNestedGo(ask))
	})).ServeHTTP)
	client := &http.Client{Transport: plain(t)}
	for i := range 200 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			mine := fmt.Sprintf("fake %d", i)
			ctx := scopetest.With(t, httpx.RouteHandler(real.host(), says(mine)))
			want := fmt.Sprintf("%s, %s, %s", mine, mine, inherited(mine))
			assert.Equal(t, want, text(client.Do(bearing(t, i, shared.URL, httpx.Token(ctx)))))
		})
	}
}

// Parallel tests are as many as there are processors. Here all 200 are served
// at once.
func TestRequestsOfAllScopesAreServedAtOnce(t *testing.T) {
	t.Parallel()
	var arrived, done sync.WaitGroup
	arrived.Add(200)
	h := func(w http.ResponseWriter, r *http.Request) {
		arrived.Done()
		arrived.Wait()
		tellTenant(w, r)
	}
	for i := range 200 {
		ctx, end := scope.New(t.Context(), fmt.Sprint(i))
		defer end()
		header := http.Header{}
		bearers[i%len(bearers)].put(header, httpx.Token(scope.Set(ctx, tenant, fmt.Sprint(i))))
		done.Go(func() { assert.Equal(t, fmt.Sprint(i, " ", i), adopted(h, header).Body.String()) })
	}
	done.Wait()
}

func TestRequestsOfOneConnectionDoNotMixTheirScopes(t *testing.T) {
	t.Parallel()
	shared := serve(t, httpx.Adopt(http.HandlerFunc(tellTenant)).ServeHTTP)
	client := &http.Client{Transport: plain(t)}
	one := httpx.Token(scope.Set(scopetest.Context(t), tenant, "one"))
	two := httpx.Token(scope.Set(scopetest.Context(t), tenant, "two"))
	outside := scope.Detach(context.Background())
	base := text(client.Do(request(t, outside, http.MethodGet, shared.URL, nil))) // the scope that the server was started in
	for i := range 2 * len(bearers) {
		assert.Equal(t, "one one", text(client.Do(bearing(t, i, shared.URL, one))))
		assert.Equal(t, base, text(client.Do(request(t, outside, http.MethodGet, shared.URL, nil))))
		assert.Equal(t, "two two", text(client.Do(bearing(t, i, shared.URL, two))))
		assert.Contains(t, text(client.Do(bearing(t, i, shared.URL, "unknown"))), "names no scope")
	}
	assert.EqualValues(t, 1, shared.conns.Load(), "connections")
}

func TestTokenOfATestIsDeadRightAfterIt(t *testing.T) {
	t.Parallel()
	shared := serve(t, httpx.Adopt(http.HandlerFunc(tellTenant)).ServeHTTP)
	client := &http.Client{Transport: plain(t)}
	var token string
	t.Run("short", func(t *testing.T) {
		token = httpx.Token(scopetest.With(t, tenant.Bind("ours")))
		t.Cleanup(func() { // it lives in the cleanups, as the scope does
			assert.Equal(t, "ours ours", text(client.Do(bearing(t, 0, shared.URL, token))))
		})
	})
	for i, b := range bearers {
		resp := do(t, client, bearing(t, i, shared.URL, token))
		assert.Equal(t, http.StatusGone, resp.StatusCode)
		assert.Contains(t, text(resp, nil), "token in the request's "+b.header+" header")
	}
}

func TestScopeThatEndsDuringItsRequestIsAbsent(t *testing.T) {
	t.Parallel()
	real, fake := serve(t, says("real")), serve(t, says("fake"))
	ctx, end := scope.New(scope.Detach(t.Context()), "Short")
	ctx = scope.With(ctx, tenant.Bind("ours"), httpx.Route(real.host(), fake.URL))
	shared := serve(t, httpx.Adopt(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, text(http.Get(real.URL))+"\n")
		end()
		tellTenant(w, r)
		for _, err := range []string{text(http.Get(real.URL)), get(r.Context(), http.DefaultClient, real.URL)} {
			assert.Equal(t, `Get "`+real.URL+`": httpx: GET `+real.URL+`: scope "Short" has ended`, err)
		}
	})).ServeHTTP)
	client := &http.Client{Transport: plain(t)}
	assert.Equal(t, "fake\nnone none", text(client.Do(bearing(t, 0, shared.URL, httpx.Token(ctx)))))
	assert.Zero(t, real.conns.Load(), "connections to the real server")
}

func TestAdoptServesHTTP2(t *testing.T) {
	t.Parallel()
	const streams = 30
	var arrived, done sync.WaitGroup
	arrived.Add(streams)
	shared := serveHTTP2(t, httpx.Adopt(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived.Done()
		arrived.Wait() // all are open at the same time
		fmt.Fprint(w, r.Proto, " ")
		tellTenant(w, r)
	})).ServeHTTP)
	shared.Client().Transport.(*http.Transport).MaxConnsPerHost = 1
	for i := range streams {
		mine := fmt.Sprint("scope", i)
		ctx, end := scope.New(t.Context(), mine)
		defer end()
		req := bearing(t, i, shared.URL, httpx.Token(scope.Set(ctx, tenant, mine)))
		done.Go(func() {
			assert.Equal(t, "HTTP/2.0 "+mine+" "+mine, text(shared.Client().Do(req)))
		})
	}
	done.Wait()
}

func TestAdoptedHandlerStreams(t *testing.T) {
	t.Parallel()
	shared := serve(t, httpx.Adopt(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.NoError(t, http.NewResponseController(w).EnableFullDuplex())
		for lines := bufio.NewScanner(r.Body); lines.Scan(); {
			fmt.Fprintf(w, "%s: %s\n", tenant.Get(), lines.Text())
			w.(http.Flusher).Flush()
		}
	})).ServeHTTP)
	in, out := io.Pipe()
	req := request(t, t.Context(), http.MethodPost, shared.URL, in)
	req.Header.Set("Scope-Token", httpx.Token(scopetest.With(t, tenant.Bind("ours"))))
	go io.WriteString(out, "first\n")
	resp := do(t, &http.Client{Transport: plain(t)}, req)
	answers := bufio.NewScanner(resp.Body)
	require.True(t, answers.Scan())
	assert.Equal(t, "ours: first", answers.Text())
	go func() {
		io.WriteString(out, "second\n")
		out.Close()
	}()
	require.True(t, answers.Scan())
	assert.Equal(t, "ours: second", answers.Text())
	assert.False(t, answers.Scan())
}

// A goroutine that a handler starts and leaves running stays in the scope, as everywhere.
func TestAdoptedHandlerHijacks(t *testing.T) {
	t.Parallel()
	shared := serve(t, httpx.Adopt(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, both, err := http.NewResponseController(w).Hijack()
		if !assert.NoError(t, err) {
			return
		}
		scope.Go(r.Context(), func(context.Context) {
			defer conn.Close()
			fmt.Fprint(both, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
			both.Flush()
			line, _ := both.ReadString('\n')
			fmt.Fprint(both, tenant.Get(), ": ", line)
			both.Flush()
		})
	})).ServeHTTP)
	req := request(t, t.Context(), http.MethodGet, shared.URL, nil)
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "echo")
	req.Header.Set("Scope-Token", httpx.Token(scopetest.With(t, tenant.Bind("ours"))))
	resp := do(t, &http.Client{Transport: plain(t)}, req)
	require.Equal(t, http.StatusSwitchingProtocols, resp.StatusCode)
	conn := resp.Body.(io.ReadWriter)
	fmt.Fprintln(conn, "hello")
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	assert.Equal(t, "ours: hello\n", string(answer))
}

// Whatever the headers are, there are three outcomes: the request is bound to the scope
// whose token it carries, it is refused with 410, or it goes on unchanged. TOKEN stands
// for the token of a live scope, which differs from process to process.
func FuzzAdopt(f *testing.F) {
	token := httpx.Token(scopetest.With(f, tenant.Bind("ours")))
	for _, s := range []string{"", "x", "TOKEN", " TOKEN", "TOKEN;", "Scope-Token=", "Scope-Token=TOKEN",
		"a=b;Scope-Token", `Scope-Token="TOKEN"`, "Mozilla/5.0 Scope-Token/TOKEN", "Scope-Token/", "\x00\xff\r\n;=, "} {
		f.Add(s, s, s)
		f.Add(s, "", "")
		f.Add("", s, "")
		f.Add("", "", s)
	}
	live := strings.NewReplacer("TOKEN", token)
	f.Fuzz(func(t *testing.T, header, cookie, agent string) {
		header, cookie, agent = live.Replace(header), live.Replace(cookie), live.Replace(agent)
		h := http.Header{"Scope-Token": {header}, "Cookie": {cookie}, "User-Agent": {agent}}
		if header == "" {
			delete(h, "Scope-Token")
		}
		called := false
		r := httptest.NewRequestWithContext(scope.Detach(context.Background()), http.MethodGet, "/", nil)
		r.Header = h
		w := httptest.NewRecorder()
		httpx.Adopt(http.HandlerFunc(func(_ http.ResponseWriter, got *http.Request) {
			called = true
			switch scope.Get(got.Context(), tenant) {
			case "ours":
				if !strings.Contains(header+cookie+agent, token) || tenant.Get() != "ours" {
					t.Errorf("%q is in a scope whose token it does not carry", h)
				}
			default:
				if got != r {
					t.Errorf("%q has no token, and was changed", h)
				}
				if header != "" || strings.HasPrefix(cookie, "Scope-Token=") || strings.HasPrefix(agent, "Scope-Token/") {
					t.Errorf("%q has a token, and passes as if it had none", h)
				}
			}
		})).ServeHTTP(w, r)
		if called == (w.Code == http.StatusGone) {
			t.Errorf("%q: called: %t, status %d", h, called, w.Code)
		}
		if strings.Contains(w.Body.String(), token) {
			t.Errorf("the answer %q has the token", w.Body)
		}
	})
}
