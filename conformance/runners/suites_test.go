package runners

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/cucumber/godog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/suite"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

// testify's suites run SetupTest and the test on the goroutine of a subtest, and
// SetupSuite on the goroutine of its parent. So they need no extra code.
func TestTestifysSuites(t *testing.T) {
	t.Parallel()
	suite.Run(t, new(zenSuite))
}

type zenSuite struct {
	suite.Suite
	github *httpxtest.Server
}

func (s *zenSuite) SetupSuite() { scopetest.Set(s.T(), url, "the suite's") }

func (s *zenSuite) SetupTest() { s.github = httpxtest.Mock(s.T(), "api.github.com") }

func (s *zenSuite) TestOne() { s.fetches("one") }
func (s *zenSuite) TestTwo() { s.fetches("two") }

func (s *zenSuite) fetches(text string) {
	s.github.Expect("GET /zen").Reply(httpxtest.Text(200, text))
	got, err := fetch("https://api.github.com/zen")
	s.NoError(err)
	s.Equal(text, got)
	s.Equal("the suite's", url.Get())
}

// A step of godog has a context, but no testing.TB. Its fakes belong to the test that
// runs the suite. The values of a single scenario travel in the context.
func TestGodog(t *testing.T) {
	t.Parallel()
	httpxtest.Mock(t, "api.github.com").Expect("GET /zen").Times(2).Reply(httpxtest.Text(200, "the test's"))
	features := godog.TestSuite{
		ScenarioInitializer: func(sc *godog.ScenarioContext) {
			var end func()
			sc.Before(func(ctx context.Context, scenario *godog.Scenario) (context.Context, error) {
				ctx, end = scope.New(ctx, scenario.Name)
				return scope.With(ctx, url.Bind(scenario.Name), httpx.RouteHandler("mail.example",
					http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, scenario.Name) }))), nil
			})
			sc.After(func(ctx context.Context, _ *godog.Scenario, err error) (context.Context, error) {
				end()
				return ctx, err
			})
			sc.Step(`^"([^"]*)" is fetched$`, func(ctx context.Context, host string) error {
				req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+host, nil)
				if err != nil {
					return err
				}
				resp, err := http.DefaultClient.Do(req)
				if err != nil {
					return err
				}
				defer resp.Body.Close()
				b, err := io.ReadAll(resp.Body)
				if want := scope.Get(ctx, url); string(b) != want {
					return fmt.Errorf("got %q, want %q", b, want)
				}
				return err
			})
			sc.Step(`^a client without a context is the test's$`, func() error {
				got, err := fetch("https://api.github.com/zen")
				if got != "the test's" {
					return fmt.Errorf("got %q, %w", got, err)
				}
				return nil
			})
		},
		Options: &godog.Options{
			Format: "progress", Output: io.Discard, TestingT: t,
			FeatureContents: []godog.Feature{{Name: "mail.feature", Contents: []byte(`
Feature: mail
  Scenario: first
    When "mail.example" is fetched
    Then a client without a context is the test's
  Scenario: second
    When "mail.example" is fetched
    Then a client without a context is the test's
`)}},
		},
	}
	assert.Zero(t, features.Run())
}
