package httpxtest_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

func TestQueryAndHeaderAreOneOfTheValues(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		check  func(*httpxtest.Expectation)
		query  string
		header http.Header
		why    string // empty: it matches
	}{
		{"query", func(e *httpxtest.Expectation) { e.Query("q", "go") }, "q=go", nil, ""},
		{"query among others", func(e *httpxtest.Expectation) { e.Query("q", "go") }, "p=1&q=c&q=go", nil, ""},
		{"query escaped", func(e *httpxtest.Expectation) { e.Query("q", "a b&c") }, "q=a+b%26c", nil, ""},
		{"query empty", func(e *httpxtest.Expectation) { e.Query("q", "") }, "q", nil, ""},
		{"query missing", func(e *httpxtest.Expectation) { e.Query("q", "") }, "p=1", nil, `query q: want "", got none`},
		{"query other", func(e *httpxtest.Expectation) { e.Query("q", "go") }, "q=Go&q=c", nil, `query q: want "go", got "Go", "c"`},
		{"header", func(e *httpxtest.Expectation) { e.Header("Accept", "text/html") }, "",
			http.Header{"Accept": {"text/html"}}, ""},
		{"header in any case", func(e *httpxtest.Expectation) { e.Header("x-api-key", "k") }, "",
			http.Header{"X-Api-Key": {"other", "k"}}, ""},
		{"header missing", func(e *httpxtest.Expectation) { e.Header("X-Api-Key", "k") }, "", nil,
			`header X-Api-Key: want ‹redacted›, got none`},
		{"header other", func(e *httpxtest.Expectation) { e.Header("X-Api-Key", "k") }, "",
			http.Header{"X-Api-Key": {"K"}}, `header X-Api-Key: want ‹redacted›, got another ‹redacted›`},
		{"all of several", func(e *httpxtest.Expectation) { e.Query("a", "1").Query("b", "2").Header("Accept", "c") },
			"b=2&a=1", http.Header{"Accept": {"c"}}, ""},
		{"not all of several", func(e *httpxtest.Expectation) { e.Query("a", "1").Query("b", "2") },
			"a=1", nil, `query b: want "2", got none`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := rehearse(func(t testing.TB) {
				test.check(httpxtest.Mock(t, "api.github.com").Stub("GET /search"))
				req, err := http.NewRequestWithContext(scopetest.Context(t), "GET", api+"/search?"+test.query, nil)
				assert.NoError(t, err)
				for name, values := range test.header {
					req.Header[name] = values
				}
				_, err = do(req)
				assert.NoError(t, err)
			})
			assertWhy(t, f, test.why)
		})
	}
}

func TestBodies(t *testing.T) {
	t.Parallel()
	type repo struct {
		Name    string   `json:"name"`
		Private bool     `json:"private"`
		Topics  []string `json:"topics,omitempty"`
	}
	exactly := func(body string) func(*httpxtest.Expectation) {
		return func(e *httpxtest.Expectation) { e.Body(body) }
	}
	means := func(v any) func(*httpxtest.Expectation) {
		return func(e *httpxtest.Expectation) { e.JSONBody(v) }
	}
	for _, test := range []struct {
		name  string
		check func(*httpxtest.Expectation)
		body  string
		why   string // a part of it; empty: it matches
	}{
		{"exactly", exactly("a=1"), "a=1", ""},
		{"exactly nothing", exactly(""), "", ""},
		{"not exactly", exactly("a=1"), "a=1\n", "--- want"},
		{"JSON as a string", means(`{"name": "tide", "private": true}`), `{"private":true,"name":"tide"}`, ""},
		{"JSON as bytes", means([]byte(`[1, 2]`)), " [ 1,2 ] \n", ""},
		{"JSON as a raw message", means(json.RawMessage(`null`)), "null", ""},
		{"JSON as a value", means(repo{"tide", true, nil}), `{"private": true, "name": "tide"}`, ""},
		{"JSON escapes", means(`"ü/"`), `"\u00fc\/"`, ""},
		{"JSON digits are not lost", means(`9007199254740993`), "9007199254740992", `want "9007199254740993", got "9007199254740992"`},
		{"JSON order of a list", means(`[1, 2]`), "[2, 1]", "--- want"},
		{"JSON field missing", means(`{"a": null}`), "{}", `-  "a": null`},
		{"JSON field too many", means(`{}`), `{"a": null}`, `+  "a": null`},
		{"JSON type", means(`"1"`), "1", `want "\"1\"", got "1"`},
		{"not JSON", means(`{}`), "name=tide", `the body is not JSON: got "name=tide": `},
		{"no JSON", means(`{}`), "", `the body is not JSON: got "": EOF`},
		{"two JSON values", means(`{}`), "{} {}", `the body is not JSON: got "{} {}": more than one value`},
		{"JSON with a bracket too many", means(`{}`), "{}}", `the body is not JSON: got "{}}": `},
		{"JSON numbers in other words", means(`[1, 100, 0.5]`), "[1.0, 1e2, 5e-1]", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := rehearse(func(t testing.TB) {
				test.check(httpxtest.Mock(t, "api.github.com").Stub("POST /user/repos"))
				send(t, "POST", api+"/user/repos", test.body)
			})
			assertWhy(t, f, test.why)
		})
	}
}

// assertWhy asserts that a test fails for this reason, or for none.
func assertWhy(t *testing.T, f *fakeTB, why string) {
	t.Helper()
	assert.Equal(t, why != "", f.Failed(), f.text())
	if why != "" {
		assert.Contains(t, f.text(), why)
	}
}

func TestMatchReadsTheBodyAndSoDoesTheReply(t *testing.T) {
	t.Parallel()
	gh := httpxtest.Mock(t, "api.github.com")
	var seen []string
	read := func(r *http.Request) error {
		b, err := io.ReadAll(r.Body)
		seen = append(seen, string(b))
		return err
	}
	gh.Expect("POST /markdown").Match(read).Match(read).ReplyFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.NoError(t, read(r))
		w.WriteHeader(http.StatusAccepted)
	})
	assert.Equal(t, http.StatusAccepted, send(t, "POST", api+"/markdown", "# Hello").status)
	assert.Equal(t, []string{"# Hello", "# Hello", "# Hello"}, seen)
}

func TestMatchSaysWhyNot(t *testing.T) {
	t.Parallel()
	f := rehearse(func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Stub("POST /hook").Match(func(r *http.Request) error {
			if strings.HasPrefix(r.Header.Get("X-Hub-Signature-256"), "sha256=") {
				return nil
			}
			return errors.New("it is not signed")
		})
		send(t, "POST", api+"/hook", "{}")
	})
	assertWhy(t, f, "it is not signed")
}

func TestMatchThatFailsIsReportedAndDoesNotHang(t *testing.T) {
	t.Parallel()
	for name, match := range map[string]func(testing.TB) error{
		"panic":   func(testing.TB) error { panic("boom") },
		"require": func(t testing.TB) error { require.Fail(t, "boom"); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := rehearse(func(t testing.TB) {
				gh := httpxtest.Mock(t, "api.github.com")
				gh.Stub("GET /").Match(func(*http.Request) error { return match(t) })
				_, _ = try(scopetest.Context(t), "GET", api, "") // an error or an answer, but one of them
			})
			assertWhy(t, f, "boom")
		})
	}
}

func TestJSONBodyThatIsNotJSONFailsTheTest(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]any{"text": "{", "empty": "", "two": "1 2", "value": func() {}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := rehearse(func(t testing.TB) {
				httpxtest.Mock(t, "api.github.com").Stub("POST /user/repos").JSONBody(want)
				t.Error("the test goes on")
			})
			assert.True(t, f.Failed())
			assert.Contains(t, f.text(), "httpxtest: api.github.com: #1 POST /user/repos: JSONBody: ")
			assert.NotContains(t, f.text(), "the test goes on")
		})
	}
}
