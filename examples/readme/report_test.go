//go:build !scope_portable

package readme

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/httpx/httpxtest"
)

// The README shows the first report that a failing test prints.
func TestTheReadmeShowsAReport(t *testing.T) {
	t.Parallel()
	f := &failing{ctx: t.Context()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		github := httpxtest.Mock(f, "api.github.com")
		github.Expect("GET /users/{login}/repos").Query("sort", "updated")
		askForRepos()
		f.end()
	}()
	<-done

	first, _, _ := strings.Cut(f.text, "\nhttpxtest: ") // the second report lists the requests that did not come
	report := regexp.MustCompile(`sent at report_test\.go:\d+`).ReplaceAllString(first, "sent at repos_test.go:17")
	report = regexp.MustCompile(`report_test\.go:\d+`).ReplaceAllString(report, "repos_test.go:14")
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	report = "    " + strings.ReplaceAll(strings.TrimSpace(report), "\n", "\n    ")
	report = regexp.MustCompile(`(?m)^ +$`).ReplaceAllString(report, "")
	assert.True(t, strings.Contains(string(readme), report), "the README has not\n%s", report)
}

// askForRepos swallows the error, as the code under test may.
func askForRepos() { _, _ = ProfileName("ada/repos?sort=created") }

// failing is a test that fails, and keeps what it prints.
type failing struct {
	testing.TB // nil, so a call of any other method panics

	ctx      context.Context
	failed   bool
	text     string
	cleanups []func()
}

func (f *failing) Name() string             { return "TestRepos" }
func (f *failing) Helper()                  {}
func (f *failing) Context() context.Context { return f.ctx }
func (f *failing) Failed() bool             { return f.failed }
func (f *failing) Cleanup(c func())         { f.cleanups = append(f.cleanups, c) }
func (f *failing) Log(args ...any)          { f.text += fmt.Sprintln(args...) }
func (f *failing) Error(args ...any)        { f.failed = true; f.Log(args...) }

func (f *failing) Errorf(format string, args ...any) { f.Error(fmt.Sprintf(format, args...)) }

func (f *failing) end() {
	for i := len(f.cleanups) - 1; i >= 0; i-- {
		f.cleanups[i]()
	}
}
