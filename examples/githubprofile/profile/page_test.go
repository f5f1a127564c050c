package profile_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/examples/githubprofile/profile"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

// complete is a user who has filled in everything.
var complete = map[string]any{
	"login": "octocat", "name": "The Octocat", "avatar_url": "https://avatars.example/1", "bio": "Eight arms.",
	"html_url": "https://github.example/octocat", "company": "@github", "location": "The Pacific",
	"blog": "octocat.example", "public_repos": 8, "followers": 12345,
}

func TestPageShowsTheProfile(t *testing.T) {
	t.Parallel()
	mock(t, httpxtest.JSON(200, complete), httpxtest.JSON(200, []map[string]any{{
		"name": "tide", "html_url": "https://github.example/octocat/tide", "description": "Comes in.",
		"language": "Go", "stargazers_count": 1482, "updated_at": "2026-03-14T23:26:53-02:00",
	}, {
		"name": "coral", "stargazers_count": 1,
	}}))
	got := ask(t, "/?username=octocat")
	require.Equal(t, http.StatusOK, got.status)
	assert.Contains(t, got.head, "<title>GitHub Profile Viewer</title>")
	for _, want := range []string{
		`<img src="https://avatars.example/1" alt="Avatar of octocat"`,
		`<h2 id="who" dir="auto">The Octocat</h2>`,
		`<a href="https://github.example/octocat">octocat</a>`,
		`<p dir="auto">Eight arms.</p>`,
		`<dt>Company</dt><dd dir="auto">@github</dd>`,
		`<dt>Location</dt><dd dir="auto">The Pacific</dd>`,
		`<dt>Website</dt><dd><a href="https://octocat.example">octocat.example</a></dd>`,
		`<dt>Public repositories</dt><dd>8</dd>`,
		`<dt>Followers</dt><dd>12,345</dd>`,
		`<a href="https://github.example/octocat/tide">tide</a>`,
		`<p dir="auto">Comes in.</p>`,
		`<span>Go</span>`,
		`<span>1,482 stars</span>`,
		`<time datetime="2026-03-15T01:26:53Z">15 March 2026</time>`,
		`<span>1 star</span>`,
	} {
		assert.Contains(t, got.body, want)
	}
}

func TestPageShowsTheLoginWhereThereIsNoName(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]any{"null": nil, "empty": "", "blank": " \t"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock(t, httpxtest.JSON(200, map[string]any{"login": "octocat", "name": value}), httpxtest.JSON(200, []any{}))
			got := ask(t, "/?username=octocat")
			assert.Equal(t, http.StatusOK, got.status)
			assert.Contains(t, got.body, `<h2 id="who"><a>octocat</a></h2>`)
			assert.Contains(t, got.body, "No public repositories yet.")
			for _, field := range []string{"<img", "Company", "Location", "Website"} {
				assert.NotContains(t, got.body, field, "fields left open are left out")
			}
		})
	}
}

func TestPageGroupsThousands(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{
		0: "0", 999: "999", 1000: "1,000", 999_999: "999,999", 1_234_567: "1,234,567", -999: "-999", -1000: "-1,000",
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			user := map[string]any{"login": "octocat", "public_repos": n, "followers": n}
			mock(t, httpxtest.JSON(200, user), httpxtest.JSON(200, []map[string]any{{"name": "tide", "stargazers_count": n}}))
			got := ask(t, "/?username=octocat")
			assert.Contains(t, got.body, `<dt>Public repositories</dt><dd>`+want+`</dd>`)
			assert.Contains(t, got.body, `<dt>Followers</dt><dd>`+want+`</dd>`)
			assert.Contains(t, got.body, `<span>`+want+` stars</span>`)
		})
	}
}

func TestPageCutsALongName(t *testing.T) {
	t.Parallel()
	fits, long := strings.Repeat("ö", 60), strings.Repeat("ö", 255)
	for name, want := range map[string]string{
		fits:                      `<h2 id="who" dir="auto">` + fits + `</h2>`,
		long:                      `<h2 id="who" dir="auto" title="` + long + `">` + strings.Repeat("ö", 59) + `…</h2>`,
		fits[:2*58] + " and more": `<h2 id="who" dir="auto" title="` + fits[:2*58] + ` and more">` + fits[:2*58] + `…</h2>`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock(t, httpxtest.JSON(200, map[string]any{"login": "octocat", "name": name}), httpxtest.JSON(200, []any{}))
			assert.Contains(t, ask(t, "/?username=octocat").body, want)
		})
	}
}

// If the field had the focus, a phone would open its keyboard over the profile. After an error, the
// reader will type again.
func TestPageFocusesTheFieldUnlessThereIsAProfile(t *testing.T) {
	t.Parallel()
	mock(t, httpxtest.JSON(200, complete), httpxtest.JSON(200, []any{}))
	assert.NotContains(t, ask(t, "/?username=octocat").body, "autofocus")
	assert.Contains(t, ask(t, "/").body, " required autofocus")
	assert.Contains(t, ask(t, "/?username=-").body, " required autofocus")
}

func TestPageEscapesWhatStrangersWrite(t *testing.T) {
	t.Parallel()
	const script = `"><script>alert(1)</script>`
	mock(t, httpxtest.JSON(200, map[string]any{
		"login": "octocat", "name": script, "bio": script, "company": script, "location": script,
		"blog": "javascript:alert(1)", "html_url": "javascript:alert(1)", "avatar_url": "javascript:alert(1)",
	}), httpxtest.JSON(200, []map[string]any{{
		"name": script, "description": script, "language": script, "html_url": "javascript:alert(1)",
	}}))
	got := ask(t, "/?username=octocat")
	assert.Equal(t, http.StatusOK, got.status)
	assert.NotContains(t, got.body, "<script")
	assert.NotContains(t, got.body, `="javascript:`)
	assert.Contains(t, got.body, "&lt;script&gt;alert(1)&lt;/script&gt;")

	got = ask(t, "/?username=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E")
	assert.Equal(t, http.StatusBadRequest, got.status)
	assert.NotContains(t, got.body, "<script")
	assert.Contains(t, got.body, `value="&#34;&gt;&lt;script&gt;`)
}

func TestPageLinksTheWebsiteAsAnAbsoluteURL(t *testing.T) {
	t.Parallel()
	for blog, href := range map[string]string{
		"octocat.example":         "https://octocat.example",
		"octocat.example:8080/me": "https://octocat.example:8080/me",
		"http://octocat.example":  "http://octocat.example",
		"https://zoe.example/ü":   "https://zoe.example/%c3%bc",
		"javascript:alert(1)":     "#ZgotmplZ", // html/template writes this in place of a URL that it refuses
	} {
		t.Run(blog, func(t *testing.T) {
			t.Parallel()
			mock(t, httpxtest.JSON(200, map[string]any{"login": "octocat", "blog": blog}), httpxtest.JSON(200, []any{}))
			assert.Contains(t, ask(t, "/?username=octocat").body, `<a href="`+href+`">`+blog+`</a>`)
		})
	}
}

func TestPageAllowsItsOwnStyleAndNothingElse(t *testing.T) {
	t.Parallel()
	header := map[string]string{
		"Cache-Control": "no-store", "Content-Type": "text/html; charset=utf-8",
		"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
	}
	style := regexp.MustCompile(`<style nonce="([A-Z2-7]{26})">`)
	nonces := map[string]bool{}
	for _, target := range []string{"/", "/", "/?username=-"} {
		got := ask(t, target)
		for name, want := range header {
			assert.Equal(t, want, got.header.Get(name), name)
		}
		found := style.FindStringSubmatch(got.head)
		require.NotNil(t, found, "no style with a nonce in %s", got.head)
		policy := got.header.Get("Content-Security-Policy")
		assert.Contains(t, policy, "default-src 'none'")
		assert.Contains(t, policy, "style-src 'nonce-"+found[1]+"'")
		assert.NotContains(t, policy, "script-src")
		assert.False(t, nonces[found[1]], "a nonce is used once")
		nonces[found[1]] = true
	}
}

func TestHeadIsGetWithoutTheBody(t *testing.T) {
	t.Parallel()
	gh := httpxtest.Mock(t, "api.github.com")
	gh.Expect("GET /users/octocat").Times(2).Reply(httpxtest.JSON(200, complete))
	gh.Expect("GET /users/octocat/repos").Times(2).Reply(httpxtest.JSON(200, []any{}))
	ctx := scopetest.Context(t)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		new(profile.Handler).ServeHTTP(w, r.WithContext(ctx))
	}))
	defer s.Close()

	get, err := s.Client().Get(s.URL + "/?username=octocat")
	require.NoError(t, err)
	defer get.Body.Close()
	page, err := io.ReadAll(get.Body)
	require.NoError(t, err)
	head, err := s.Client().Head(s.URL + "/?username=octocat")
	require.NoError(t, err)
	defer head.Body.Close()
	nothing, err := io.ReadAll(head.Body)
	require.NoError(t, err)

	assert.NotEmpty(t, page)
	assert.Empty(t, nothing)
	assert.Equal(t, get.StatusCode, head.StatusCode)
	for _, h := range []http.Header{get.Header, head.Header} {
		assert.Regexp(t, "'nonce-[A-Z2-7]{26}'", h.Get("Content-Security-Policy"))
		for _, fresh := range []string{"Date", "Content-Security-Policy"} {
			h.Del(fresh)
		}
		for _, long := range []string{"Content-Length", "Transfer-Encoding"} {
			h.Del(long) // a server may leave out what it learns only from the body (RFC 9110 section 9.3.2)
		}
	}
	assert.Equal(t, get.Header, head.Header)
}
