package httpx_test

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

// inherited is the answer for code that can only have inherited its scope: the fake's
// where goroutines inherit, and the real server's where they don't.
func inherited(fake string) string {
	if labels() {
		return fake
	}
	return "real"
}

// This is the case for which the library exists: 200 parallel tests ask the same URL, in
// every way in which work spreads, and each reaches its own fake.
func TestParallelTestsReachTheirOwnFake(t *testing.T) {
	t.Parallel()
	real := serve(t, says("real"))
	url := real.URL + "/users/same"
	ask := func() string { return text(http.Get(url)) }
	for i := range 200 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			mine := fmt.Sprintf("fake %d", i)
			fake := serve(t, says(mine))
			inScope(t, func(ctx context.Context) {
				assert.Equal(t, mine, ask(), "here")
				assert.Equal(t, mine, byScopeGo(ctx, ask), "scope.Go")
				assert.Equal(t, mine, byTimer(ctx, ask), "a wrapped timer")
				assert.Equal(t, mine, byWorker(ctx, url), "a context on a worker that inherits nothing")
				assert.Equal(t, inherited(mine), byGo(ask), "go")
				assert.Equal(t, inherited(mine), byNestedGo(ask), "go in go in go")
				assert.Equal(t, inherited(mine), byWaitGroup(ask), "WaitGroup.Go")
				assert.Equal(t, inherited(mine), byPull(ask), "iter.Pull")
				assert.Equal(t, inherited(mine), byHandler(t, ask), "a handler of a server started here")
				assert.Equal(t, "real", byWorkerWithout(ask), "a worker that inherits nothing")
			}, httpx.Route(real.host(), fake.URL))
		})
	}
}

// Only as many tests run in parallel as there are processors. So here all 200 wait for
// each other, and then ask at once.
func TestSiblingsThatAskAtOnceReachTheirOwnFake(t *testing.T) {
	t.Parallel()
	real := serve(t, says("real"))
	fakes := make([]*server, 20)
	for i := range fakes {
		fakes[i] = serve(t, says(fmt.Sprint("fake ", i)))
	}
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for i := range 200 {
		fake := i % len(fakes)
		ready.Add(1)
		done.Add(1)
		scope.Go(scope.With(t.Context(), httpx.Route(real.host(), fakes[fake].URL)), func(context.Context) {
			defer done.Done()
			ready.Done()
			<-start
			assert.Equal(t, fmt.Sprint("fake ", fake), text(http.Get(real.URL+"/users/same")))
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
}

func TestWorkThatInheritsNothingAsksTheRealServer(t *testing.T) {
	t.Parallel()
	real, fake := serve(t, says("real")), serve(t, says("fake"))
	inScope(t, func(ctx context.Context) {
		bare := make(chan string, 1)
		//scopevet:ignore that a timer has no scope is what is tested
		time.AfterFunc(0, func() { bare <- text(http.Get(real.URL)) })
		assert.Equal(t, "real", <-bare, "a timer that is not wrapped (go.dev/issue/67708)")
		assert.Equal(t, "real", get(scope.Detach(ctx), http.DefaultClient, real.URL), "a detached context")
	}, httpx.Route(real.host(), fake.URL))
}

func byGo(ask func() string) string {
	answer := make(chan string)
	go func() { answer <- ask() }()
	return <-answer
}

func byNestedGo(ask func() string) string {
	return byGo(func() string { return byGo(func() string { return byGo(ask) }) })
}

func byWaitGroup(ask func() string) (answer string) {
	var wg sync.WaitGroup
	wg.Go(func() { answer = ask() })
	wg.Wait()
	return answer
}

func byScopeGo(ctx context.Context, ask func() string) string {
	answer := make(chan string)
	scope.Go(ctx, func(context.Context) { answer <- ask() })
	return <-answer
}

func byTimer(ctx context.Context, ask func() string) string {
	answer := make(chan string)
	time.AfterFunc(0, scope.Wrap(ctx, func() { answer <- ask() }))
	return <-answer
}

func byPull(ask func() string) string {
	next, stop := iter.Pull(func(yield func(string) bool) { yield(ask()) })
	defer stop()
	answer, _ := next()
	return answer
}

// byHandler asks a server started here, whose handler asks.
func byHandler(t testing.TB, ask func() string) (answer string) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte(ask()))
	}))
	defer s.Close()
	elsewhere(func() { answer = get(context.Background(), s.Client(), s.URL) })
	return answer
}

func byWorker(ctx context.Context, url string) (answer string) {
	elsewhere(func() { answer = get(ctx, http.DefaultClient, url) })
	return answer
}

func byWorkerWithout(ask func() string) (answer string) {
	elsewhere(func() { answer = ask() })
	return answer
}
