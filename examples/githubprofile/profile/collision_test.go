package profile_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope/examples/githubprofile/github"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

// This file shows why the other tests use scopes. If a client takes its address from a global, its tests can't run in
// parallel: all requests go to the fake of the test that set the global last. That is no data race, so the race
// detector does not report it, and which test fails depends on timing. This file forces the order, so the count is the
// same on every run: with a global all requests but one reach the wrong fake, with scopes none does.

// baseURL is the global. It is atomic, which shows that a lock would not help.
var baseURL atomic.Pointer[string]

// globalName returns the name of a user. It calls the address in baseURL.
func globalName(login string) (string, error) {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(*baseURL.Load() + "/users/" + login)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var user github.User
	err = json.NewDecoder(resp.Body).Decode(&user)
	return user.Name, err
}

func TestGlobalBaseURLSendsRequestsToOtherTestsServers(t *testing.T) {
	t.Parallel()
	strays := collide(t, func(t *testing.T, fake http.Handler) {
		s := httptest.NewServer(fake)
		t.Cleanup(s.Close)
		baseURL.Store(&s.URL)
	}, func(*testing.T) (string, error) {
		return globalName("octocat")
	})
	assert.Equal(t, tests-1, strays, "all but the test that set the global last are answered by its fake")
}

func TestScopesSendEachRequestToItsOwnTestsServer(t *testing.T) {
	t.Parallel()
	strays := collide(t, func(t *testing.T, fake http.Handler) {
		httpxtest.Mock(t, "api.github.com").Expect("GET /users/octocat").Reply(fake)
	}, func(t *testing.T) (string, error) {
		user, err := new(github.Client).User(scopetest.Context(t), "octocat")
		return user.Name, err
	})
	assert.Zero(t, strays)
}

// tests is how many tests collide.
const tests = 10

// collide runs tests that overlap. Each test sets a fake of its own and waits until all tests have done so. Then it
// asks for the same user as the others, and waits until all have asked. collide returns how many tests got their
// answer from the fake of another test.
//
// The subtests don't call t.Parallel. The testing package would run only as many of them at once as there are
// processors, and the barriers would wait forever.
func collide(t *testing.T, set func(*testing.T, http.Handler), ask func(*testing.T) (string, error)) int {
	var isSet, asked, ended sync.WaitGroup
	var strays atomic.Int32
	isSet.Add(tests)
	asked.Add(tests)
	for n := range tests {
		ended.Go(func() {
			arriveSet, arriveAsked := sync.OnceFunc(isSet.Done), sync.OnceFunc(asked.Done)
			defer arriveAsked() // also if the test ends early, or -run skips it
			defer arriveSet()
			t.Run(fmt.Sprint(n), func(t *testing.T) {
				own := fmt.Sprintf("Octocat of test %d", n)
				set(t, httpxtest.JSON(http.StatusOK, github.User{Login: "octocat", Name: own}))
				arriveSet()
				isSet.Wait()
				got, err := ask(t)
				arriveAsked()
				asked.Wait()
				assert.NoError(t, err)
				if got != own {
					strays.Add(1)
				}
			})
		})
	}
	ended.Wait()
	return int(strays.Load())
}
