package env_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/env"
	"github.com/scopetree/scope/scopetest"
)

// lookup is a variable as Lookup finds it, on one line.
func lookup(ctx context.Context, name string) string {
	v, ok := env.Lookup(ctx, name)
	return fmt.Sprintf("%q %v", v, ok)
}

func TestWithoutChangesTheProcessAnswers(t *testing.T) {
	t.Parallel()
	unrelated := scope.Set(t.Context(), scope.NewKey("unrelated", 0), 1)
	changed := env.Set(t.Context(), other, "x")
	for name, ctx := range map[string]context.Context{
		"no scope": t.Context(), "empty": scope.Detach(t.Context()), "unrelated": unrelated, "another variable": changed,
	} {
		assert.Equal(t, `"process's" true`, lookup(ctx, inherited), name)
		assert.Equal(t, `"" false`, lookup(ctx, absent), name)
		assert.Equal(t, "process's", env.Get(ctx, inherited), name)
		assert.Equal(t, "", env.Get(ctx, ""), name)
	}
	assert.Equal(t, "process's", env.Getenv(inherited))
	assert.Equal(t, "", env.Getenv(absent))
}

// Serial: it changes the process's environment.
func TestTheProcesssEnvironmentIsNotFrozen(t *testing.T) {
	const name = "ENV_TEST_LATE"
	ctx := env.Set(t.Context(), other, "x")
	assert.Equal(t, `"" false`, lookup(ctx, name))
	t.Setenv(name, "late")
	assert.Equal(t, `"late" true`, lookup(ctx, name))
	assert.Contains(t, env.Environ(ctx), name+"=late")
}

func TestSetAndUnsetChangeOneScope(t *testing.T) {
	t.Parallel()
	outer := env.Set(t.Context(), inherited, "outer")
	inner := env.Set(outer, inherited, "inner")
	hidden := env.Unset(outer, inherited)
	again := env.Set(hidden, inherited, "")

	assert.Equal(t, `"outer" true`, lookup(outer, inherited))
	assert.Equal(t, `"inner" true`, lookup(inner, inherited))
	assert.Equal(t, `"" false`, lookup(hidden, inherited), "it hides the process's and the outer scope's")
	assert.Equal(t, `"" true`, lookup(again, inherited), "an empty value is set")
	assert.Equal(t, `"process's" true`, lookup(t.Context(), inherited))
	assert.Equal(t, "process's", os.Getenv(inherited), "package os knows nothing of it")
	assert.Equal(t, `"process's" true`, lookup(scope.Detach(inner), inherited))

	assert.Equal(t, `"" false`, lookup(env.Unset(t.Context(), absent), absent))
	assert.Equal(t, `"1" true`, lookup(env.Set(t.Context(), absent, "1"), absent))
}

func TestManyChangesInOneScope(t *testing.T) {
	t.Parallel()
	ctx := scope.With(t.Context(), env.Bind(absent, "first"), env.Hide(inherited), env.Bind(absent, "second"))
	more := scope.With(ctx, env.Bind(other, "mine"))

	assert.Equal(t, `"second" true`, lookup(ctx, absent), "the later one counts")
	assert.Equal(t, `"" false`, lookup(ctx, inherited))
	assert.Equal(t, `"process's other" true`, lookup(ctx, other), "what is derived from a scope does not change it")
	assert.Equal(t, `"second" true`, lookup(more, absent))
	assert.Equal(t, `"mine" true`, lookup(more, other))
}

func TestTheContextDecidesTheGoroutineIsTheFallback(t *testing.T) {
	t.Parallel()
	goroutine, ctx := env.Set(t.Context(), inherited, "goroutine's"), env.Set(t.Context(), other, "context's")
	scope.Run(goroutine, func(context.Context) {
		assert.Equal(t, "goroutine's", env.Getenv(inherited))
		assert.Equal(t, "goroutine's", env.Get(context.Background(), inherited))
		assert.Equal(t, "goroutine's", elsewhere(func() string { return env.Getenv(inherited) }))
		assert.Equal(t, "process's", env.Get(ctx, inherited), "a context's scope is used whole")
		assert.Equal(t, "goroutine's", env.Get(env.Set(context.Background(), other, "x"), inherited), "Set starts from the goroutine's")
	})
	assert.Equal(t, "process's", env.Getenv(inherited))
}

func TestAnEndedScopesVariablesAreAbsent(t *testing.T) {
	t.Parallel()
	outer := env.Set(t.Context(), inherited, "outer")
	ctx, end := scope.New(outer, "job")
	ctx = scope.With(ctx, env.Hide(inherited), env.Bind(absent, "job's"))
	require.Equal(t, `"" false`, lookup(ctx, inherited))

	end()

	assert.Equal(t, `"outer" true`, lookup(ctx, inherited))
	assert.Equal(t, `"" false`, lookup(ctx, absent))
	assert.Equal(t, env.Environ(outer), env.Environ(ctx))
}

func TestTwoHundredTestsHaveTheirOwnEnvironment(t *testing.T) {
	t.Parallel()
	for i := range 200 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			mine, own := fmt.Sprint("test ", i), fmt.Sprint("ENV_TEST_", i)
			ctx := scopetest.With(t, env.Bind(inherited, mine), env.Bind(own, mine), env.Hide(other))
			scope.Run(ctx, func(ctx context.Context) {
				for range 20 {
					runtime.Gosched()
					assert.Equal(t, mine, env.Getenv(inherited))
					assert.Equal(t, mine, env.Get(t.Context(), own))
					assert.Equal(t, `"" false`, lookup(ctx, other))
					assert.Equal(t, `"" false`, lookup(ctx, fmt.Sprint("ENV_TEST_", i+1)), "a sibling's")
					assert.Equal(t, mine, elsewhere(func() string { return env.Getenv(inherited) }))
				}
				out := "\n" + manySubprocesses(t, env.Environ(t.Context()))
				assert.Contains(t, out, "\n"+inherited+"="+mine+"\n")
				assert.Contains(t, out, "\n"+own+"="+mine+"\n")
				assert.NotContains(t, out, "\n"+other+"=")
				assert.Equal(t, 2, strings.Count(out, "="+mine+"\n"))
			})
		})
	}
}

func TestANilContextPanics(t *testing.T) {
	t.Parallel()
	var none context.Context
	for name, f := range map[string]func(){
		"Get":     func() { env.Get(none, absent) },
		"Lookup":  func() { env.Lookup(none, absent) },
		"Set":     func() { env.Set(none, absent, "") },
		"Unset":   func() { env.Unset(none, absent) },
		"Environ": func() { env.Environ(none) },
		"Explain": func() { env.Explain(none, absent) },
		"View":    func() { env.In(none).Getenv(absent) },
	} {
		assert.PanicsWithValue(t, "scope: nil context: pass context.Background() or context.TODO()", f, name)
	}
}
