package envtest_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/env"
	"github.com/scopetree/scope/env/envtest"
	"github.com/scopetree/scope/scopetest"
)

// bound skips what binds the test's goroutine where no carrier can: there
// TestSetenvSaysWhatToUseInstead holds.
func bound(t *testing.T) {
	t.Helper()
	if scope.Carrier() != "labels" {
		t.Skip("Setenv needs the labels carrier")
	}
}

func TestSetenvInParallelTests(t *testing.T) {
	t.Parallel()
	bound(t)
	for i := range 200 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			mine := fmt.Sprint("test ", i)
			envtest.Setenv(t, inherited, mine)
			envtest.Setenv(t, absent, mine+" too")
			for range 20 {
				runtime.Gosched()
				assert.Equal(t, mine, env.Getenv(inherited))
				assert.Equal(t, mine+" too", env.Get(t.Context(), absent))
				got := make(chan string)
				go func() { got <- env.Getenv(inherited) }()
				assert.Equal(t, mine, <-got)
				assert.Contains(t, env.Environ(t.Context()), inherited+"="+mine)
			}
			assert.Equal(t, "process's", os.Getenv(inherited))
		})
	}
}

func TestSetenvAfterSetenvComposes(t *testing.T) {
	t.Parallel()
	bound(t)
	key := scope.NewKey("key", "")
	scopetest.Set(t, key, "mine")
	envtest.Setenv(t, absent, "first")
	ctx := scopetest.Context(t)
	envtest.Setenv(t, absent, "second")
	envtest.Unsetenv(t, inherited)

	_, ok := env.Lookup(t.Context(), inherited)
	assert.False(t, ok)
	assert.Equal(t, "second", env.Getenv(absent))
	assert.Equal(t, "second", env.Get(ctx, absent), "a context that was returned before is live")
	assert.Equal(t, "mine", key.Get())

	t.Run("a subtest inherits", func(t *testing.T) {
		t.Parallel()
		envtest.Setenv(t, inherited, "child's")
		assert.Equal(t, "child's", env.Getenv(inherited))
		assert.Equal(t, "second", env.Getenv(absent))
	})
}

func TestVariablesEndWithTheTest(t *testing.T) {
	t.Parallel()
	bound(t)
	t.Run("", func(t *testing.T) {
		t.Cleanup(func() { assert.Equal(t, "process's", env.Getenv(inherited), "registered before, as with t.Setenv") })
		envtest.Setenv(t, inherited, "mine")
		t.Cleanup(func() { assert.Equal(t, "mine", env.Getenv(inherited)) })
	})
	assert.Equal(t, "process's", env.Getenv(inherited))
}

func TestExplainNamesTheTestAndTheLine(t *testing.T) {
	t.Parallel()
	bound(t)
	_, _, line, _ := runtime.Caller(0)
	envtest.Setenv(t, absent, "x")
	envtest.Unsetenv(t, inherited)
	const want = `%s = %s, bound in scope "TestExplainNamesTheTestAndTheLine" at envtest_test.go:%d; `
	assert.Contains(t, env.Explain(t.Context(), absent), fmt.Sprintf(want, absent, "‹redacted›", line+1))
	assert.Contains(t, env.Explain(t.Context(), inherited), fmt.Sprintf(want, inherited, "hidden", line+2))
}

// On every carrier a context can carry the variables.
func TestWithTakesVariables(t *testing.T) {
	t.Parallel()
	ctx := scopetest.With(t, env.Bind(absent, "mine"), env.Hide(inherited))
	assert.Equal(t, "mine", env.Get(ctx, absent))
	assert.Equal(t, "", env.Get(ctx, inherited))
	scope.Run(ctx, func(context.Context) { assert.Equal(t, "mine", env.Getenv(absent)) })
}

func TestSetenvSaysWhatToUseInstead(t *testing.T) {
	t.Parallel()
	if scope.Carrier() == "labels" {
		t.Skip("Setenv works")
	}
	for what, f := range map[string]func(t testing.TB){
		"Setenv":   func(t testing.TB) { envtest.Setenv(t, "TOKEN", "c4nary") },
		"Unsetenv": func(t testing.TB) { envtest.Unsetenv(t, "TOKEN") },
	} {
		failed := &fake{TB: t}
		done := make(chan struct{})
		go func() { defer close(done); f(failed) }()
		<-done
		require.Contains(t, failed.failure, fmt.Sprintf(`envtest: %s("TOKEN") can't bind the test's goroutine with the %s carrier: `, what, scope.Carrier()))
		assert.Contains(t, failed.failure, "env.Set")
		assert.Contains(t, failed.failure, "scope.Run")
		assert.NotContains(t, failed.failure, "c4nary")
	}
}

// A fake is a test whose failure the test around it sees.
type fake struct {
	testing.TB
	failure string
}

func (f *fake) Fatalf(format string, args ...any) {
	f.failure = fmt.Sprintf(format, args...)
	runtime.Goexit()
}
