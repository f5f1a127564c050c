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

// This file is why the others look as they do. A client that takes its address from a global can't have tests that
// run in parallel: the requests of all go to the fake of the test that set it last. It is no data race, so no detector
// sees it, and which test fails depends on the order of the day. Here that order is forced, and the count is always
// the same: with a global all but one go astray, with scopes none does.

// baseURL is the global. It is atomic: what goes wrong is not for want of a lock.
var baseURL atomic.Pointer[string]

// globalName is a client that calls baseURL.
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

// collide runs tests that overlap: each sets a fake of its own, then, when all have, asks for the same user, and ends
// when all have asked. It returns how many were answered by the fake of another test.
//
// The tests are not parallel in the testing package's sense, which would let no more of them in than there are
// processors, and the barriers would wait forever.
func collide(t *testing.T, set func(*testing.T, http.Handler), ask func(*testing.T) (string, error)) int {
	var isSet, asked, ended sync.WaitGroup
	var strays atomic.Int32
	isSet.Add(tests)
	asked.Add(tests)
	for n := range tests {
		ended.Go(func() {
			arriveSet, arriveAsked := sync.OnceFunc(isSet.Done), sync.OnceFunc(asked.Done)
			defer arriveAsked() // of a test that ends early, or that -run leaves out
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
