package env_test

import (
	"context"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/env"
)

// A scope of the model is a context and what its environment should be.
type modelled struct {
	ctx  context.Context
	want map[string]string
}

// Whatever is set and hidden, and in whichever scope, the environment is the
// process's with those changes, to Lookup and to Environ.
func TestAnyChangesAreAsInAMap(t *testing.T) {
	t.Parallel()
	process := map[string]string{}
	for _, e := range os.Environ() {
		at := strings.Index(e[1:], "=") + 1 // Windows has names such as "=C:"
		process[e[:at]] = e[at+1:]
	}
	names := rapid.SampledFrom([]string{inherited, other, absent, "ENV_TEST_M", "ENV_TEST_MM"})
	rapid.Check(t, func(r *rapid.T) {
		scopes := []modelled{{scope.Detach(context.Background()), process}}
		for range rapid.IntRange(0, 20).Draw(r, "scopes") {
			from := rapid.SampledFrom(scopes).Draw(r, "from")
			want := maps.Clone(from.want)
			var b []scope.Binding
			for range rapid.IntRange(0, 4).Draw(r, "changes") {
				name := names.Draw(r, "name")
				if rapid.Bool().Draw(r, "hide") {
					delete(want, name)
					b = append(b, env.Hide(name))
				} else {
					want[name] = rapid.StringMatching("[a-c=]{0,3}").Draw(r, "value")
					b = append(b, env.Bind(name, want[name]))
				}
			}
			scopes = append(scopes, modelled{scope.With(from.ctx, b...), want})
		}
		for _, s := range scopes {
			var want []string
			for name, value := range s.want {
				want = append(want, name+"="+value)
				got, ok := env.Lookup(s.ctx, name)
				assert.True(r, ok, name)
				assert.Equal(r, value, got, name)
			}
			assert.Equal(r, slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(env.Environ(s.ctx))))
		}
	})
}
