package debug_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/debug"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/scopetest"
)

var (
	url   = scope.NewKey("payments.url", "")
	token = scope.NewKey("payments.token", "", scope.Redacted())
)

func TestThePageListsLiveScopes(t *testing.T) {
	t.Parallel()
	p := newPage(t)
	ctx, end := scope.New(t.Context(), t.Name())
	ctx = scope.With(ctx, url.Bind("http://127.0.0.1:1"), token.Bind("c4nary"))
	child, endChild := scope.New(ctx, "child")
	child = scope.With(child, httpx.RouteHandler("pay.test", http.HandlerFunc(ok)), httpx.RouteHandler("mail.test", http.HandlerFunc(ok)))
	send(t, child, "https://ada:c4nary@pay.test/a%2Fb?key=c4nary")
	send(t, child, "https://pay.test/a%2Fb")

	l := list(t, p, t.Name())
	assert.Equal(t, scope.Carrier(), l.Carrier)
	assert.GreaterOrEqual(t, l.Live, 2)
	assert.Equal(t, 2, l.Shown)
	require.Len(t, l.Scopes, 1)
	top := l.Scopes[0]
	assert.Equal(t, t.Name(), top.Path)
	assert.Equal(t, 2, top.Bound)
	_, err := time.ParseDuration(top.Age)
	assert.NoError(t, err)
	require.Len(t, top.Bindings, 2)
	assert.Equal(t, "payments.token", top.Bindings[0].Key)
	assert.Equal(t, "‹redacted›", top.Bindings[0].Value)
	assert.True(t, top.Bindings[0].Redacted)
	assert.Equal(t, `"http://127.0.0.1:1"`, top.Bindings[1].Value)

	require.Len(t, top.Scopes, 1)
	below := top.Scopes[0]
	assert.Equal(t, "child", below.Name)
	require.Len(t, below.Bindings, 1, "all routes, and not the last one again")
	assert.Equal(t, "mail.test → handler http.HandlerFunc, pay.test → handler http.HandlerFunc", below.Bindings[0].Value)
	require.Len(t, below.Inherited, 2)
	assert.Equal(t, t.Name(), below.Inherited[0].Scope)
	assert.Equal(t, 2, below.Routed)
	require.Len(t, below.Requests, 1)
	assert.Equal(t, "GET https://pay.test/a%2Fb → handler http.HandlerFunc", below.Requests[0].Line)
	assert.Equal(t, 2, below.Requests[0].Count)

	page := html(t, p, t.Name())
	for _, want := range []string{t.Name(), "child", "payments.token", "‹redacted›", "pay.test/a%2Fb", "2 inherited", "2 routed"} {
		assert.Contains(t, page, want)
	}
	runtime.KeepAlive(child)
	endChild()
	assert.Equal(t, 1, list(t, p, t.Name()).Shown)
	end()
	assert.Empty(t, list(t, p, t.Name()).Scopes)
	assert.Contains(t, html(t, p, t.Name()), "No live scope has")
}

func TestATestsScopeHasItsLines(t *testing.T) {
	t.Parallel()
	p := newPage(t)
	_, _, line, _ := runtime.Caller(0)
	ctx := scopetest.With(t, url.Bind("http://127.0.0.1:1"))
	l := list(t, p, t.Name())
	require.Len(t, l.Scopes, 1)
	require.Len(t, l.Scopes[0].Bindings, 1, "and none that only package scopetest has use for")
	assert.Equal(t, fmt.Sprintf("page_test.go:%d", line+1), l.Scopes[0].Bindings[0].Place)
	runtime.KeepAlive(ctx)
}

func TestTheFilterKeepsWhatIsAroundAndBelow(t *testing.T) {
	t.Parallel()
	p := newPage(t)
	ctx, end := scope.New(t.Context(), t.Name())
	defer end()
	one, _ := scope.New(ctx, "one")
	below, _ := scope.New(one, "below")
	two, _ := scope.New(ctx, "two")
	assert.Equal(t, []any{t.Name(), []any{"one", []any{"below"}, "two"}}, names(list(t, p, t.Name()).Scopes))
	assert.Equal(t, []any{t.Name(), []any{"one", []any{"below"}}}, names(list(t, p, strings.ToUpper(t.Name())+"/ONE").Scopes))
	assert.Equal(t, []any{t.Name(), []any{"two"}}, names(list(t, p, t.Name()+"/two").Scopes))
	assert.Empty(t, list(t, p, t.Name()+"/three").Scopes)
	runtime.KeepAlive([]any{below, two})
}

func TestManyScopesAreCut(t *testing.T) {
	t.Parallel()
	p := newPage(t)
	ctx, end := scope.New(t.Context(), t.Name())
	defer end()
	var kept []any
	for range 1500 {
		child, _ := scope.New(ctx, "child")
		kept = append(kept, child)
	}
	l := list(t, p, t.Name())
	assert.Equal(t, 1000, l.Shown)
	assert.Equal(t, 501, l.Omitted)
	assert.GreaterOrEqual(t, l.Live, 1501)
	assert.Contains(t, html(t, p, t.Name()), "and 501 more")
	runtime.KeepAlive(kept)
}

func TestNamesAndValuesAreEscaped(t *testing.T) {
	t.Parallel()
	const script = `"><script>alert(1)</script>`
	p := newPage(t)
	ctx, end := scope.New(t.Context(), t.Name()+script)
	defer end()
	ctx = scope.Set(ctx, scope.NewKey(script, ""), script)
	for _, page := range []string{html(t, p, t.Name()), html(t, p, "%22%3E%3Cscript%3Ealert"), html(t, p, "%22%3E%3Cscript%3Enone")} {
		assert.NotContains(t, page, "<script")
		assert.NotContains(t, page, `""`)
	}
	assert.Contains(t, html(t, p, t.Name()), "&lt;script&gt;")
	runtime.KeepAlive(ctx)
}

func TestFormats(t *testing.T) {
	t.Parallel()
	p := newPage(t)
	const page, data = "text/html; charset=utf-8", "application/json"
	for _, c := range []struct{ query, accept, want string }{
		{"", "", page},
		{"", "text/html,application/xhtml+xml,*/*;q=0.8", page},
		{"", "application/json", data},
		{"", "text/html, application/json", page},
		{"?format=json", "text/html", data},
		{"?format=html", "application/json", page},
	} {
		w := answer(p, request("/"+c.query, "Accept", c.accept))
		assert.Equal(t, http.StatusOK, w.Code)
		assert.Equal(t, c.want, w.Header().Get("Content-Type"), c)
	}
	assert.Equal(t, http.StatusBadRequest, answer(p, request("/?format=xml")).Code)
	for query, want := range map[string]string{"5": `content="5"`, "99999": `content="3600"`} {
		assert.Contains(t, get(t, p, "?refresh="+query), `http-equiv="refresh" `+want)
	}
	for _, query := range []string{"", "?refresh=x", "?refresh=-1", "?refresh=0;url=https://evil.test"} {
		assert.NotContains(t, get(t, p, query), `http-equiv="refresh"`)
	}
	post := request("/")
	post.Method = http.MethodPost
	w := answer(p, post)
	assert.Equal(t, http.StatusMethodNotAllowed, w.Code)
	assert.Equal(t, "GET, HEAD", w.Header().Get("Allow"))
}

func TestHeadersKeepThePageToItself(t *testing.T) {
	t.Parallel()
	h := answer(newPage(t), request("/")).Header()
	assert.Equal(t, "no-store", h.Get("Cache-Control"))
	assert.Equal(t, "nosniff", h.Get("X-Content-Type-Options"))
	assert.Contains(t, h.Get("Content-Security-Policy"), "default-src 'none'; style-src 'unsafe-inline'")
	assert.NotContains(t, h, "Access-Control-Allow-Origin")
}

// No resource but the page itself, so that no policy and no network can break it.
func TestThePageLoadsNothing(t *testing.T) {
	t.Parallel()
	page := html(t, newPage(t), "")
	for _, never := range []string{"<script", "src=", "<link", "@import", "url(", "onload", "http://", "https://"} {
		assert.NotContains(t, strings.Split(page, "<main>")[0], never)
	}
}

func TestAClosedPageTracksNothing(t *testing.T) {
	t.Parallel()
	p := debug.Handler()
	p.Close()
	p.Close()
	assert.Equal(t, http.StatusServiceUnavailable, answer(p, request("/")).Code)
}

func TestThePageStandsInAServer(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.Handle("/debug/scope", newPage(t))
	server := httptest.NewServer(mux)
	defer server.Close()
	resp, err := server.Client().Get(server.URL + "/debug/scope")
	require.NoError(t, err)
	defer resp.Body.Close()
	assert.Equal(t, http.StatusOK, resp.StatusCode)

	_, pattern := http.DefaultServeMux.Handler(request("/debug/scope"))
	assert.Empty(t, pattern, "nothing is registered behind the program's back")
}
