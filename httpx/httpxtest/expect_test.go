package httpxtest_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope/httpx/httpxtest"
)

const api = "https://api.github.com"

// ask sends GET requests, or others where a path begins with a method, and returns the bodies of the answers, and
// "501" for those that no route takes.
func ask(t testing.TB, paths ...string) string {
	var answers []string
	for _, path := range paths {
		method, path, ok := strings.Cut(path, " ")
		if !ok {
			method, path = http.MethodGet, method
		}
		got := send(t, method, api+path, "")
		if got.status == http.StatusNotImplemented {
			got.body = "501"
		}
		answers = append(answers, got.body)
	}
	return strings.Join(answers, " ")
}

// Each test sends requests to a server with some declarations. It passes if and only if none of them is unexpected
// and none is missing.
func TestExpectations(t *testing.T) {
	t.Parallel()
	text := func(s string) http.Handler { return httpxtest.Text(200, s) }
	for _, test := range []struct {
		name    string
		declare func(s *httpxtest.Server)
		ask     []string
		want    string
		passes  bool
	}{
		{"expect comes once", func(s *httpxtest.Server) {
			s.Expect("GET /a").Reply(text("a"))
		}, []string{"/a"}, "a", true},
		{"expect does not come twice", func(s *httpxtest.Server) {
			s.Expect("GET /a").Reply(text("a"))
		}, []string{"/a", "/a"}, "a 501", false},
		{"expect does not stay away", func(s *httpxtest.Server) {
			s.Expect("GET /a")
		}, nil, "", false},
		{"equal patterns take turns in the order declared", func(s *httpxtest.Server) {
			s.Expect("GET /a").Reply(text("1"))
			s.Expect("GET /a").Reply(text("2"))
			s.Expect("GET /a").Reply(text("3"))
		}, []string{"/a", "/a", "/a"}, "1 2 3", true},
		{"the first declared takes a request, not the most specific", func(s *httpxtest.Server) {
			s.Expect("GET /{any}").Reply(text("any"))
			s.Expect("GET /a").Reply(text("a"))
		}, []string{"/a", "/a"}, "any a", true},
		{"different paths come in any order", func(s *httpxtest.Server) {
			s.Expect("GET /a").Reply(text("a"))
			s.Expect("GET /b").Reply(text("b"))
		}, []string{"/b", "/a"}, "b a", true},
		{"times: as many", func(s *httpxtest.Server) {
			s.Expect("GET /a").Times(3).Reply(text("a"))
		}, []string{"/a", "/a", "/a"}, "a a a", true},
		{"times: no fewer", func(s *httpxtest.Server) {
			s.Expect("GET /a").Times(3).Reply(text("a"))
		}, []string{"/a", "/a"}, "a a", false},
		{"times: no more", func(s *httpxtest.Server) {
			s.Expect("GET /a").Times(2).Reply(text("a"))
		}, []string{"/a", "/a", "/a"}, "a a 501", false},
		{"at least: no fewer", func(s *httpxtest.Server) {
			s.Expect("GET /a").AtLeast(2).Reply(text("a"))
		}, []string{"/a"}, "a", false},
		{"at least: more", func(s *httpxtest.Server) {
			s.Expect("GET /a").AtLeast(2).Reply(text("a"))
		}, []string{"/a", "/a", "/a"}, "a a a", true},
		{"at least leaves nothing for a later one", func(s *httpxtest.Server) {
			s.Expect("GET /a").AtLeast(1).Reply(text("1"))
			s.Expect("GET /a").Reply(text("2"))
		}, []string{"/a", "/a"}, "1 1", false},
		{"at most: none", func(s *httpxtest.Server) {
			s.Expect("GET /a").AtMost(2)
		}, nil, "", true},
		{"at most: fewer", func(s *httpxtest.Server) {
			s.Expect("GET /a").AtMost(2).Reply(text("a"))
		}, []string{"/a"}, "a", true},
		{"at most: no more", func(s *httpxtest.Server) {
			s.Expect("GET /a").AtMost(2).Reply(text("a"))
		}, []string{"/a", "/a", "/a"}, "a a 501", false},
		{"at least and at most: fewer", func(s *httpxtest.Server) {
			s.Expect("GET /a").AtLeast(2).AtMost(3).Reply(text("a"))
		}, []string{"/a"}, "a", false},
		{"at least and at most: between", func(s *httpxtest.Server) {
			s.Expect("GET /a").AtMost(3).AtLeast(1).Reply(text("a"))
		}, []string{"/a", "/a"}, "a a", true},
		{"at least and at most: more", func(s *httpxtest.Server) {
			s.Expect("GET /a").AtMost(2).AtLeast(1).Reply(text("a"))
		}, []string{"/a", "/a", "/a"}, "a a 501", false},
		{"times replaces both", func(s *httpxtest.Server) {
			s.Expect("GET /a").AtLeast(5).AtMost(7).Times(1).Reply(text("a"))
		}, []string{"/a"}, "a", true},
		{"zero times is never", func(s *httpxtest.Server) {
			s.Stub("/").Reply(text("stub"))
			s.Expect("GET /a").Times(0)
		}, []string{"/b", "/a"}, "stub 501", false},
		{"an expectation declared before never takes its requests", func(s *httpxtest.Server) {
			s.Expect("GET /a").Reply(text("a"))
			s.Never("GET /a")
		}, []string{"/a", "/a"}, "a 501", false},
		{"a stub may come any number of times", func(s *httpxtest.Server) {
			s.Stub("GET /a").Reply(text("a"))
			s.Stub("GET /b")
		}, []string{"/a", "/a", "/a"}, "a a a", true},
		{"a stub that must come", func(s *httpxtest.Server) {
			s.Stub("GET /a").AtLeast(1)
		}, nil, "", false},
		{"a stub answers when no expectation is left, wherever it is declared", func(s *httpxtest.Server) {
			s.Stub("GET /a").Reply(text("stub"))
			s.Expect("GET /a").Reply(text("1"))
			s.Expect("GET /{any}").Reply(text("2"))
		}, []string{"/a", "/a", "/a", "/a"}, "1 2 stub stub", true},
		{"never stays away", func(s *httpxtest.Server) {
			s.Never("DELETE /a")
		}, nil, "", true},
		{"never beats a stub declared before", func(s *httpxtest.Server) {
			s.Stub("/").Reply(text("stub"))
			s.Never("DELETE /a")
		}, []string{"/a", "DELETE /a"}, "stub 501", false},
		{"never beats a stub declared after", func(s *httpxtest.Server) {
			s.Never("DELETE /a")
			s.Stub("/").Reply(text("stub"))
		}, []string{"/a", "DELETE /a"}, "stub 501", false},
		{"never is narrowed by checks", func(s *httpxtest.Server) {
			s.Stub("/").Reply(text("stub"))
			s.Never("GET /a").Query("admin", "true")
		}, []string{"/a", "/a?admin=false", "/a?admin=true"}, "stub stub 501", false},
		{"after comes after", func(s *httpxtest.Server) {
			a := s.Expect("GET /a").Reply(text("a"))
			s.Expect("GET /b").After(a).Reply(text("b"))
		}, []string{"/a", "/b"}, "a b", true},
		{"after does not come before", func(s *httpxtest.Server) {
			a := s.Expect("GET /a").Reply(text("a"))
			s.Expect("GET /b").After(a).Reply(text("b"))
		}, []string{"/b", "/a", "/b"}, "501 a b", false},
		{"after waits for as many as must come", func(s *httpxtest.Server) {
			a := s.Expect("GET /a").Times(2).Reply(text("a"))
			s.Expect("GET /b").After(a).Reply(text("b"))
		}, []string{"/a", "/b", "/a", "/b"}, "a 501 a b", false},
		{"after waits for one of what may come", func(s *httpxtest.Server) {
			a := s.Stub("GET /a").Reply(text("a"))
			s.Expect("GET /b").After(a).Reply(text("b"))
		}, []string{"/b", "/a", "/b"}, "501 a b", false},
		{"after waits for all of several", func(s *httpxtest.Server) {
			a, b := s.Expect("GET /a").Reply(text("a")), s.Expect("GET /b").Reply(text("b"))
			s.Expect("GET /c").After(a, b).Reply(text("c"))
		}, []string{"/b", "/a", "/c"}, "b a c", true},
		{"a stub may wait too, and another answers until then", func(s *httpxtest.Server) {
			login := s.Expect("POST /login").Reply(text("welcome"))
			s.Stub("GET /user").Reply(text("nobody"))
			s.Stub("GET /user").After(login).Reply(text("octocat"))
		}, []string{"/user", "POST /login", "/user"}, "nobody welcome octocat", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got string
			f := rehearse(func(t testing.TB) {
				test.declare(httpxtest.Mock(t, "api.github.com"))
				got = ask(t, test.ask...)
			})
			assert.Equal(t, test.want, got)
			assert.Equal(t, test.passes, !f.Failed(), f.text())
		})
	}
}

func TestExpectationCountsAndAnswersWithAnEmpty200(t *testing.T) {
	t.Parallel()
	e := httpxtest.Mock(t, "api.github.com").Expect("GET /a").Times(2)
	assert.Zero(t, e.Count())
	assert.Equal(t, reply{http.StatusOK, ""}, get(t, api+"/a"))
	assert.Equal(t, 1, e.Count())
	e.Reply(httpxtest.Text(200, "changed"))
	assert.Equal(t, "changed", ask(t, "/a"))
	assert.Equal(t, 2, e.Count())
}

func TestReplySeesThePatternsWildcards(t *testing.T) {
	t.Parallel()
	gh := httpxtest.Mock(t, "api.github.com")
	gh.Expect("GET /repos/{owner}/{path...}").ReplyFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s %s", r.PathValue("owner"), r.PathValue("path"), r.Pattern)
	})
	assert.Equal(t, "octocat a/b GET /repos/{owner}/{path...}", ask(t, "/repos/octocat/a/b"))
}

func TestBadPatternFailsTheTestAndIsNamed(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"", "GET", "users", "GET users", "GET /users/{login", "GET /{a}/{a}", "GET /{x...}/y", "G@T /"} {
		t.Run(pattern, func(t *testing.T) {
			t.Parallel()
			for name, declare := range map[string]func(*httpxtest.Server, string) *httpxtest.Expectation{
				"Expect": (*httpxtest.Server).Expect, "Stub": (*httpxtest.Server).Stub, "Never": (*httpxtest.Server).Never,
			} {
				f := rehearse(func(t testing.TB) {
					declare(httpxtest.Mock(t, "api.github.com"), pattern)
					t.Error("the test goes on")
				})
				assert.True(t, f.Failed())
				assert.Contains(t, f.text(), fmt.Sprintf("httpxtest: api.github.com: pattern %q: ", pattern), name)
				assert.NotContains(t, f.text(), "the test goes on")
			}
		})
	}
}

// A login is often at another host. Both fakes have requests at once here, so that the race detector sees what After
// reads of the other fake.
func TestAfterAnExpectationOfAnotherFake(t *testing.T) {
	t.Parallel()
	auth, api := httpxtest.Mock(t, "auth.test"), httpxtest.Mock(t, "api.test")
	login := auth.Expect("POST /login").AtLeast(1)
	user := api.Stub("GET /user").After(login)
	auth.Stub("GET /keys").After(user)

	send(t, "POST", "https://auth.test/login", "")
	get(t, "https://api.test/user")
	var all sync.WaitGroup
	for range 20 {
		for _, request := range []string{"POST https://auth.test/login", "GET https://api.test/user", "GET https://auth.test/keys"} {
			method, url, _ := strings.Cut(request, " ")
			all.Go(func() { assert.Equal(t, 200, send(t, method, url, "").status, request) })
		}
	}
	all.Wait()
}

func TestReportNamesTheOtherFakeThatARouteWaitsFor(t *testing.T) {
	t.Parallel()
	f := rehearse(func(t testing.TB) {
		login := httpxtest.Mock(t, "auth.test").Stub("POST /login")
		httpxtest.Mock(t, "api.test").Stub("GET /user").After(login)
		get(t, "https://api.test/user")
	})
	assert.Contains(t, f.text(), "but it must come after #1 POST /login of auth.test, which is not done yet: stub, got 0\n")
	assert.Contains(t, f.text(), "    #1 GET /user, after #1 of auth.test  stub, got 0  ")
}
