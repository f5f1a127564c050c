package env_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/env"
	"github.com/scopetree/scope/internal/engine"
)

const canary = "c4nary"

// No value of a variable, and none of a redacted key, shows in anything that
// can be printed.
func TestNoOutputShowsAValue(t *testing.T) {
	t.Parallel()
	unparsed := env.NewKey("TOKEN", func(s string) (int, error) { return strconv.Atoi(s) }, 0, scope.Redacted())
	parsed := env.NewKey("PASSWORD", text, canary, scope.Redacted())
	ctx, end := scope.New(t.Context(), "job")
	ctx = scope.With(ctx, env.Bind("TOKEN", canary), env.Bind("PASSWORD", canary), parsed.Bind(canary))
	below, cancel := context.WithCancel(ctx)
	defer cancel()
	_, err := unparsed.Get(ctx)
	assert.Error(t, err)

	type holder struct {
		public any
		Public any
	}
	placed := env.Hide("TOKEN")
	engine.Place(&placed, 1)
	bindings := []scope.Binding{env.Bind("TOKEN", canary), placed, parsed.Bind(canary)}
	check := func(when string) {
		for _, v := range []any{
			ctx, below, bindings, bindings[0], &bindings[0], env.In(ctx), unparsed, parsed, *parsed, err,
			env.Explain(ctx, "TOKEN"), parsed.Explain(ctx), unparsed.Explain(ctx),
			invalid(func() { env.Set(ctx, "TOKEN", canary+"\x00") }),
			invalid(func() { env.Set(ctx, "TOKEN="+canary, "") }),
		} {
			for _, v := range []any{v, holder{v, v}, &holder{v, v}, map[string]any{"": v}} {
				for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
					out := fmt.Sprintf(verb, v)
					assert.NotContains(t, out, canary, "%s of %T, %s", verb, v, when)
					assert.NotContains(t, strings.ToLower(out), fmt.Sprintf("%x", canary), "%s of %T, %s", verb, v, when)
				}
				out, _ := json.Marshal(v)
				assert.NotContains(t, string(out), canary)
			}
		}
	}
	check("in a live scope")
	assert.Equal(t, canary, env.Get(ctx, "TOKEN"), "the canary is there")
	end()
	check("in an ended scope")
}

// invalid returns what f panics with.
func invalid(f func()) (p any) {
	defer func() { p = recover() }()
	f()
	return nil
}
