package httpxtest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/scopetest"
)

// A fakeTB is a test that may fail without failing the one that runs it. It keeps what it would have printed.
type fakeTB struct {
	testing.TB // nil: what is not overridden must not be called

	ctx context.Context

	mu       sync.Mutex // guards what follows
	failed   bool
	ended    bool
	messages []string // an element for each call
	late     []string // what was printed after the end, which package testing answers with a panic
	cleanups []func()
}

// rehearse runs a test and its cleanups on a goroutine of their own, and returns when they have ended.
func rehearse(test func(t testing.TB)) *fakeTB {
	ctx, cancel := context.WithCancel(context.Background())
	f := &fakeTB{ctx: ctx}
	var ended sync.WaitGroup
	ended.Go(func() {
		defer f.cleanup()
		defer cancel()
		test(f)
	})
	ended.Wait()
	return f
}

// cleanup calls the cleanups, the last one first, also those that are registered meanwhile and after a FailNow.
func (f *fakeTB) cleanup() {
	f.mu.Lock()
	last := len(f.cleanups) - 1
	if last < 0 {
		f.ended = true
		f.mu.Unlock()
		return
	}
	clean := f.cleanups[last]
	f.cleanups = f.cleanups[:last]
	f.mu.Unlock()
	defer f.cleanup()
	clean()
}

func (f *fakeTB) print(text string, fails bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failed = f.failed || fails
	if f.ended {
		f.late = append(f.late, text)
		return
	}
	f.messages = append(f.messages, strings.TrimSuffix(text, "\n"))
}

// text is what the test printed.
func (f *fakeTB) text() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.messages, "\n")
}

func (f *fakeTB) Name() string             { return "TestProfile" }
func (f *fakeTB) Helper()                  {}
func (f *fakeTB) Context() context.Context { return f.ctx }

func (f *fakeTB) Log(args ...any)                   { f.print(fmt.Sprintln(args...), false) }
func (f *fakeTB) Logf(format string, args ...any)   { f.print(fmt.Sprintf(format, args...), false) }
func (f *fakeTB) Error(args ...any)                 { f.print(fmt.Sprintln(args...), true) }
func (f *fakeTB) Errorf(format string, args ...any) { f.print(fmt.Sprintf(format, args...), true) }

func (f *fakeTB) Fatal(args ...any) {
	f.print(fmt.Sprintln(args...), true)
	runtime.Goexit()
}

func (f *fakeTB) Fatalf(format string, args ...any) {
	f.print(fmt.Sprintf(format, args...), true)
	runtime.Goexit()
}

func (f *fakeTB) Fail() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failed = true
}

func (f *fakeTB) FailNow() {
	f.Fail()
	runtime.Goexit()
}

func (f *fakeTB) Failed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.failed
}

func (f *fakeTB) Cleanup(clean func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cleanups = append(f.cleanups, clean)
}

// assertPasses asserts that a test passes and prints nothing.
func assertPasses(t *testing.T, test func(t testing.TB)) {
	t.Helper()
	f := rehearse(test)
	assert.False(t, f.Failed())
	assert.Empty(t, f.text())
	assert.Empty(t, f.late)
}

// A reply is what a client gets.
type reply struct {
	status int
	body   string
}

// get and send send a request in the test's scope, through http.DefaultClient, as code does that is handed the test's
// context: so they work with every carrier.
func get(t testing.TB, url string) reply { return send(t, http.MethodGet, url, "") }

func send(t testing.TB, method, url, body string) reply {
	r, err := try(scopetest.Context(t), method, url, body)
	require.NoError(t, err)
	return r
}

// try is send for requests that may fail, from any goroutine.
func try(ctx context.Context, method, url, body string) (reply, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	return do(req)
}

func do(req *http.Request) (reply, error) {
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return reply{}, err
	}
	b, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, string(b)}, errors.Join(err, resp.Body.Close())
}
