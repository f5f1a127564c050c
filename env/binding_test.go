package env_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/env"
	"github.com/scopetree/scope/internal/engine"
)

func TestInvalidVariablesPanicAndShowNoValue(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, value, want string }{
		{"", canary, `env: a variable with an empty name`},
		{"TOKEN=" + canary, "", `env: variable "TOKEN=…": its name has a "="`},
		{"=C:", canary, `env: variable "=…": its name has a "="`},
		{"A\x00", canary, `env: variable "A\x00": its name has a NUL`},
		{"TOKEN", canary + "\x00", `env: variable "TOKEN": its value has a NUL`},
	} {
		assert.PanicsWithValue(t, tt.want, func() { env.Set(t.Context(), tt.name, tt.value) }, "Set")
		assert.PanicsWithValue(t, tt.want, func() { env.Bind(tt.name, tt.value) }, "Bind")
		if tt.name == "TOKEN" {
			continue
		}
		assert.PanicsWithValue(t, tt.want, func() { env.Unset(t.Context(), tt.name) }, "Unset")
		assert.PanicsWithValue(t, tt.want, func() { env.Hide(tt.name) }, "Hide")
		assert.PanicsWithValue(t, tt.want, func() { env.NewKey(tt.name, text, "") }, "NewKey")
	}
	assert.NotPanics(t, func() { env.Bind("ä b.c-d(x86)", "=\n\xff") }, "all else is for the system to say")
	assert.NotPanics(t, func() { env.CheckOn("plan9", "path", "/bin\x00.") }, "Plan 9 separates lists with NUL")
	assert.Panics(t, func() { env.CheckOn("linux", "path", "/bin\x00.") })
}

func TestExplainSaysWhichScopeChangedAVariable(t *testing.T) {
	t.Parallel()
	var pc [1]uintptr
	runtime.Callers(1, pc[:])
	_, _, line, _ := runtime.Caller(0)
	ctx, end := scope.New(t.Context(), "job")
	defer end()
	mine := env.Bind(inherited, "mine")
	engine.Place(&mine, pc[0])
	ctx = scope.With(ctx, mine, env.Hide(other))
	ctx = env.Set(ctx, "ENV_TEST_LATER", "x")

	assert.Equal(t,
		fmt.Sprintf(`%s = ‹redacted›, bound in scope "job" at binding_test.go:%d; asked scope "job", from the context`, inherited, line-1),
		env.Explain(ctx, inherited), "each variable has a line of its own")
	assert.Equal(t, other+` = hidden, bound in scope "job"; asked scope "job", from the context`, env.Explain(ctx, other))
	assert.Equal(t, absent+` = not set, the default; asked scope "job", from the context`, env.Explain(ctx, absent))
	assert.Equal(t, inherited+` = ‹redacted›, the default; no scope in the context or the goroutine`, env.Explain(t.Context(), inherited))
}

func TestBindingsPrintTheName(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "TOKEN=‹redacted›", env.Bind("TOKEN", canary).String())
	assert.Equal(t, "TOKEN=‹redacted›", env.Hide("TOKEN").String())
}

// Serial: it counts what the process keeps.
func TestNamesThatNoScopeHoldsAreForgotten(t *testing.T) {
	const many = 1000
	ctx := env.Set(t.Context(), "ENV_TEST_KEPT", "kept")
	before := env.Variables()
	for i := range many {
		_ = env.Set(ctx, fmt.Sprint("ENV_TEST_PASSING_", i), "x")
	}
	require.Eventually(t, func() bool {
		runtime.GC()
		return env.Variables() <= before
	}, 20*time.Second, time.Millisecond)
	assert.Equal(t, "kept", env.Get(ctx, "ENV_TEST_KEPT"))
	assert.Contains(t, env.Explain(ctx, "ENV_TEST_KEPT"), "bound in an unnamed scope", "a key is the same while a scope holds it")
}

func TestManyGoroutinesBindOneNewName(t *testing.T) {
	t.Parallel()
	for i := range 100 {
		name := fmt.Sprint("ENV_TEST_RACE_", i)
		contexts := make(chan string)
		for range 4 {
			go func() {
				ctx := env.Set(env.Set(t.Context(), name, "first"), name, "second")
				contexts <- env.Get(ctx, name) + ", " + env.Explain(ctx, name)
			}()
		}
		for range 4 {
			assert.Contains(t, <-contexts, "second, "+name+" = ‹redacted›, bound")
		}
	}
}
