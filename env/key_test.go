package env_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/env"
)

func text(s string) (string, error) { return s, nil }

var delay = env.NewKey("ENV_TEST_DELAY", time.ParseDuration, time.Minute)

func value[T any](t *testing.T, ctx context.Context, k *env.Key[T]) T {
	t.Helper()
	v, err := k.Get(ctx)
	assert.NoError(t, err)
	return v
}

func TestAKeyIsBoundOrItsVariableOrItsDefault(t *testing.T) {
	t.Parallel()
	variable := env.Set(t.Context(), "ENV_TEST_DELAY", "5s")
	bound := scope.With(variable, delay.Bind(time.Second))

	assert.Equal(t, time.Minute, value(t, t.Context(), delay))
	assert.Equal(t, 5*time.Second, value(t, variable, delay))
	assert.Equal(t, time.Second, value(t, bound, delay))
	assert.Equal(t, "5s", env.Get(bound, "ENV_TEST_DELAY"), "the variable stays")
	assert.Equal(t, time.Second, value(t, env.Set(bound, "ENV_TEST_DELAY", "6s"), delay), "what is bound comes first")
	assert.Equal(t, time.Minute, value(t, env.Unset(variable, "ENV_TEST_DELAY"), delay))
	assert.Equal(t, "process's", value(t, t.Context(), env.NewKey(inherited, text, "default")))
}

// The context's variable counts also where the goroutine has another one.
func TestAKeyReadsTheVariableOfTheContextsScope(t *testing.T) {
	t.Parallel()
	ctx := env.Set(t.Context(), "ENV_TEST_DELAY", "1s")
	scope.Run(env.Set(t.Context(), "ENV_TEST_DELAY", "2s"), func(context.Context) {
		assert.Equal(t, time.Second, value(t, ctx, delay))
		assert.Equal(t, 2*time.Second, value(t, context.Background(), delay))
		assert.Equal(t, time.Minute, value(t, scope.Detach(ctx), delay))
	})
}

// Serial: it changes the process's environment.
func TestAKeyIsReadAtUse(t *testing.T) {
	parsed := 0
	key := env.NewKey("ENV_TEST_AT_USE", func(s string) (int, error) { parsed++; return strconv.Atoi(s) }, 7)
	assert.Equal(t, 7, value(t, t.Context(), key))
	assert.Zero(t, parsed)
	for i, s := range []string{"1", "2", "2"} {
		t.Setenv("ENV_TEST_AT_USE", s)
		want, _ := strconv.Atoi(s)
		assert.Equal(t, want, value(t, t.Context(), key))
		assert.Equal(t, i+1, parsed)
	}
}

func TestAnErrorNamesTheVariable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"10 parsecs": `env: ENV_TEST_DELAY="10 parsecs": time: unknown unit " parsecs" in duration "10 parsecs"`,
		"":           `env: ENV_TEST_DELAY="": time: invalid duration ""`,
	} {
		v, err := delay.Get(env.Set(t.Context(), "ENV_TEST_DELAY", text))
		assert.EqualError(t, err, want)
		assert.Zero(t, v, "neither the default nor what parsing left")
	}
	number := env.NewKey("ENV_TEST_NUMBER", strconv.Atoi, 1)
	_, err := number.Get(env.Set(t.Context(), "ENV_TEST_NUMBER", "x"))
	assert.ErrorIs(t, err, strconv.ErrSyntax)
}

func TestASecretsErrorHasNothingOfTheValue(t *testing.T) {
	t.Parallel()
	cause := errors.New("no, not " + canary)
	secret := env.NewKey("TOKEN", func(string) (string, error) { return canary, cause }, "", scope.Redacted())
	v, err := secret.Get(env.Set(t.Context(), "TOKEN", canary))
	assert.EqualError(t, err, "env: TOKEN=‹redacted›: invalid value")
	assert.NotErrorIs(t, err, cause, "who unwraps finds no secret")
	assert.Empty(t, v)
}

func TestAKeyExplains(t *testing.T) {
	t.Parallel()
	ctx := env.Set(t.Context(), "ENV_TEST_DELAY", "5s")
	assert.Equal(t, "ENV_TEST_DELAY = ‹redacted›, bound in an unnamed scope; asked an unnamed scope, from the context", delay.Explain(ctx))
	assert.Equal(t, "ENV_TEST_DELAY = 1s, bound in an unnamed scope; asked an unnamed scope, from the context",
		delay.Explain(scope.With(ctx, delay.Bind(time.Second))))
	assert.Equal(t, "ENV_TEST_DELAY", delay.Name())
	assert.Equal(t, "ENV_TEST_DELAY", delay.String())
}

func TestAKeyNeedsAFunction(t *testing.T) {
	t.Parallel()
	assert.PanicsWithValue(t, `env: NewKey("A"): nil function`, func() { env.NewKey[int]("A", nil, 0) })
}
