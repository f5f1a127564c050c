package httpmock_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/compat/httpmock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const articles = "https://api.mybiz.example/articles"

// fetch is code under test. With the gls carrier it needs the test's context.
func fetch(t testing.TB, client *http.Client, method, url string) string {
	ctx := context.Background()
	if scope.Carrier() != "labels" {
		ctx = httpmock.Context(t)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return err.Error()
	}
	resp, err := client.Do(req)
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// in runs f in a place that finds the test's responders, with every carrier.
func in(t testing.TB, f func()) {
	httpmock.Activate(t)
	scope.Run(httpmock.Context(t), func(context.Context) { f() })
}

func TestParallelTestsHaveTheirOwnResponders(t *testing.T) {
	t.Parallel()
	for i := range 200 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			in(t, func() {
				mine := fmt.Sprint("test ", i)
				httpmock.RegisterResponder("GET", articles, httpmock.NewStringResponder(200, mine))
				for range 5 {
					assert.Equal(t, mine, fetch(t, http.DefaultClient, "GET", articles))
				}
				assert.Equal(t, 5, httpmock.GetTotalCallCount())
				assert.Equal(t, 5, httpmock.GetCallCountInfo()["GET "+articles])
			})
		})
	}
}

func TestEachWayToRegister(t *testing.T) {
	t.Parallel()
	has := httpmock.HeaderExists("X-None")
	for name, register := range map[string]func(r httpmock.Responder){
		"RegisterResponder":         func(r httpmock.Responder) { httpmock.RegisterResponder("GET", articles, r) },
		"RegisterResponder, regexp": func(r httpmock.Responder) { httpmock.RegisterResponder("GET", `=~^https://api\.mybiz`, r) },
		"RegisterRegexpResponder": func(r httpmock.Responder) {
			httpmock.RegisterRegexpResponder("GET", regexp.MustCompile("articles$"), r)
		},
		"RegisterResponderWithQuery": func(r httpmock.Responder) { httpmock.RegisterResponderWithQuery("GET", articles, nil, r) },
		"RegisterMatcherResponder":   func(r httpmock.Responder) { httpmock.RegisterMatcherResponder("GET", articles, httpmock.Matcher{}, r) },
		"RegisterMatcherResponderWithQuery": func(r httpmock.Responder) {
			httpmock.RegisterMatcherResponder("GET", articles, has, httpmock.NewStringResponder(200, "the other"))
			httpmock.RegisterMatcherResponderWithQuery("GET", articles, nil, httpmock.Matcher{}, r)
		},
		"RegisterRegexpMatcherResponder": func(r httpmock.Responder) {
			httpmock.RegisterRegexpMatcherResponder("GET", regexp.MustCompile("articles$"), httpmock.Matcher{}, r)
		},
		"RegisterNoResponder": func(r httpmock.Responder) { httpmock.RegisterNoResponder(r) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in(t, func() {
				register(httpmock.NewStringResponder(200, name))
				assert.Equal(t, name, fetch(t, http.DefaultClient, "GET", articles))
			})
		})
	}
}

func TestARequestThatNobodyAnswersFailsAsInTheOriginal(t *testing.T) {
	t.Parallel()
	in(t, func() {
		httpmock.RegisterResponder("POST", articles, httpmock.NewStringResponder(200, ""))
		_, err := http.DefaultTransport.RoundTrip(must(http.NewRequestWithContext(httpmock.Context(t), "GET", articles, nil)))
		assert.ErrorContains(t, err, "no responder found")
		assert.True(t, errors.Is(err, httpmock.NoResponderFound))
		httpmock.Reset()
		assert.Contains(t, fetch(t, http.DefaultClient, "POST", articles), "no responder found")
	})
}

func must(req *http.Request, err error) *http.Request {
	if err != nil {
		panic(err)
	}
	return req
}

func TestAClientOfItsOwn(t *testing.T) {
	t.Parallel()
	in(t, func() {
		client := &http.Client{Transport: &http.Transport{}}
		httpmock.ActivateNonDefault(client)
		httpmock.RegisterResponder("GET", articles, httpmock.NewStringResponder(200, "mine"))
		assert.Equal(t, "mine", fetch(t, client, "GET", articles))
		httpmock.DeactivateNonDefault(client)
		assert.True(t, client.Transport == http.DefaultTransport)
		httpmock.ZeroCallCounters()
		assert.Zero(t, httpmock.GetTotalCallCount())
	})
}

func TestDeactivateSendsAgain(t *testing.T) {
	t.Parallel()
	in(t, func() {
		httpmock.RegisterResponder("GET", "http://127.0.0.1:1/", httpmock.NewStringResponder(200, "mine"))
		assert.Equal(t, "mine", fetch(t, http.DefaultClient, "GET", "http://127.0.0.1:1/"))
		httpmock.DeactivateAndReset()
		assert.Contains(t, fetch(t, http.DefaultClient, "GET", "http://127.0.0.1:1/"), "connection refused")
	})
}

func TestASubtestUsesItsParentsUnlessItHasItsOwn(t *testing.T) {
	t.Parallel()
	in(t, func() {
		httpmock.RegisterResponder("GET", articles, httpmock.NewStringResponder(200, "the parent's"))
		t.Run("inherits", func(t *testing.T) {
			assert.Equal(t, "the parent's", fetch(t, http.DefaultClient, "GET", articles))
		})
		t.Run("own", func(t *testing.T) {
			in(t, func() {
				httpmock.RegisterResponder("GET", articles, httpmock.NewStringResponder(200, "its own"))
				assert.Equal(t, "its own", fetch(t, http.DefaultClient, "GET", articles))
			})
		})
		assert.Equal(t, "the parent's", fetch(t, http.DefaultClient, "GET", articles))
	})
}

func TestOutsideOfATestPanicsInWords(t *testing.T) {
	t.Parallel()
	done := make(chan struct{})
	scope.Go(scope.Detach(t.Context()), func(context.Context) {
		defer close(done)
		assert.PanicsWithValue(t, "httpmock: RegisterResponder in no test that has called httpmock.Activate(t)", func() {
			httpmock.RegisterResponder("GET", articles, nil)
		})
	})
	<-done
}
