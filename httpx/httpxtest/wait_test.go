package httpxtest_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

func TestWaitSaysWhatCameAndWhatDidNot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rehearse(func(t testing.TB) {
			s := httpxtest.Mock(t, "api.test", httpxtest.InMemory())
			login := s.Expect("POST /login").Times(2)
			s.Stub("GET /zen")
			get(t, "http://api.test/zen")
			get(t, "http://api.test/zen")
			send(t, "POST", "http://api.test/login", "")
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()

			err := login.Wait(ctx)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Regexp(t, `^httpxtest: api\.test: waiting for #1 POST /login \(wait_test\.go:\d+\): expected 2 times, got 1, 1 answered; `+
				`received: GET /zen, taken by #2 GET /zen \(wait_test\.go:\d+\) \(2 times\); POST /login, taken by #1 POST /login \(wait_test\.go:\d+\): context deadline exceeded$`, err)

			err = s.Wait(ctx, 5)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Regexp(t, `^httpxtest: api\.test: waiting for 5 requests, 3 answered; received: .*; `+
				`missing: #1 POST /login \(wait_test\.go:\d+\) expected 2 times, got 1: context deadline exceeded$`, err)
		})
	})
}

// In a bubble, a Wait that hung would be a deadlock, which fails the test.
func TestWaitOnAClosedServerReturnsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rehearse(func(t testing.TB) {
			s := httpxtest.Mock(t, "api.test", httpxtest.InMemory())
			met, unmet, stub := s.Expect("GET /met"), s.Expect("GET /unmet").Times(2), s.Stub("GET /stub")
			get(t, "http://api.test/met")
			waiting := make(chan error)
			go func() { waiting <- unmet.Wait(context.Background()) }()
			synctest.Wait()
			s.Close()

			assert.ErrorIs(t, <-waiting, http.ErrServerClosed, "it waited when the server closed")
			assert.NoError(t, met.Wait(context.Background()))
			assert.ErrorIs(t, unmet.Wait(context.Background()), http.ErrServerClosed)
			assert.ErrorIs(t, stub.Wait(context.Background()), http.ErrServerClosed)
			assert.NoError(t, s.Wait(context.Background(), 1))
			assert.ErrorIs(t, s.Wait(context.Background(), 2), http.ErrServerClosed)
		})
	})
}

func TestWaitForARequestThatMustNotComeIsAnErrorAtOnce(t *testing.T) {
	t.Parallel()
	s := httpxtest.NewServer(t)
	assert.ErrorContains(t, s.Never("GET /").Wait(t.Context()), "never, 0 answered; nothing came: it allows no request")
	assert.ErrorContains(t, s.Expect("GET /").Times(0).Wait(t.Context()), "it allows no request")
}

func TestWaitNeedsAContext(t *testing.T) {
	t.Parallel()
	s := httpxtest.NewServer(t)
	var none context.Context
	assert.ErrorContains(t, s.Wait(none, 1), "the context is nil")
	assert.ErrorContains(t, s.Stub("GET /").Wait(none), "the context is nil")
}

func TestWaitReturnsToAllWhoWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := httpxtest.Mock(t, "api.test", httpxtest.InMemory())
		twice := s.Expect("GET /twice").Times(2)
		stub := s.Stub("GET /stub")
		ctx := scopetest.Context(t)
		var waiting sync.WaitGroup
		waits := func(e *httpxtest.Expectation) {
			for range 3 {
				waiting.Go(func() { assert.NoError(t, e.Wait(ctx)) })
			}
		}
		waits(twice)
		waits(stub)
		get(t, "http://api.test/stub")
		get(t, "http://api.test/twice")
		synctest.Wait()
		get(t, "http://api.test/twice")
		waiting.Wait()
	})
}
