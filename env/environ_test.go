package env_test

import (
	"context"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/env"
)

func TestEnvironIsTheProcesssWithoutChanges(t *testing.T) {
	t.Parallel()
	for _, ctx := range []context.Context{
		t.Context(), scope.Detach(t.Context()), scope.Set(t.Context(), scope.NewKey("unrelated", 0), 1),
	} {
		assert.Equal(t, os.Environ(), env.Environ(ctx))
	}
}

func TestEnvironHasTheChanges(t *testing.T) {
	t.Parallel()
	ctx := scope.With(t.Context(),
		env.Bind("ENV_TEST_B", "2"), env.Bind(inherited, "mine=x"), env.Hide(other), env.Hide(absent), env.Bind("ENV_TEST_A", ""))

	var want []string
	for _, e := range os.Environ() {
		switch e {
		case inherited + "=process's":
			want = append(want, inherited+"=mine=x") // in its place
		case other + "=process's other":
		default:
			want = append(want, e)
		}
	}
	want = append(want, "ENV_TEST_A=", "ENV_TEST_B=2") // by name

	assert.Equal(t, want, env.Environ(ctx))
	assert.Equal(t, want, env.Environ(ctx), "and once more")
	assert.Equal(t, slices.Insert(slices.Clone(want), len(want)-1, "ENV_TEST_AA=3"), env.Environ(env.Set(ctx, "ENV_TEST_AA", "3")))
	assert.Equal(t, want, env.Environ(ctx), "what is derived from a scope does not change it")
}

func TestTheSliceThatEnvironReturnsIsTheCallers(t *testing.T) {
	t.Parallel()
	ctx := env.Set(t.Context(), inherited, "mine")
	want := env.Environ(ctx)
	clear(env.Environ(ctx))
	assert.Equal(t, want, env.Environ(ctx))
}

func TestSubprocessesSeeTheScopesEnvironment(t *testing.T) {
	t.Parallel()
	ctx := scope.With(t.Context(), env.Bind(inherited, "mine\n=x"), env.Bind(absent, ""), env.Hide(other))
	got := subprocess(t, env.Environ(ctx))
	assert.Equal(t, env.Environ(ctx), got)
	assert.Contains(t, got, inherited+"=mine\n=x")
	assert.Contains(t, got, absent+"=")
	assert.NotContains(t, got, other+"=process's other")
}

// An empty Env is nothing; a nil one would be the process's.
func TestAnEnvironmentWithAllHiddenIsNotNil(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []string{}, env.ApplyOn("linux", []string{"A=1"}, "A"))
	assert.Equal(t, []string{}, env.ApplyOn("linux", []string{}, "A"))
}

// Serial: the whole package pretends to be on Windows.
func TestOnWindowsNamesThatDifferInCaseAreOneVariable(t *testing.T) {
	t.Cleanup(env.Pretend("windows"))
	ctx := scope.With(t.Context(), env.Bind("Env_Test_Case", "first"), env.Bind("ENV_TEST_CASE", "second"))
	assert.Equal(t, `"second" true`, lookup(ctx, "env_test_case"))
	assert.Equal(t, append(os.Environ(), "ENV_TEST_CASE=second"), env.Environ(ctx))
	assert.Contains(t, env.Explain(ctx, "env_test_CASE"), "bound")
	assert.Equal(t, `"" false`, lookup(env.Unset(ctx, "env_test_case"), "Env_Test_Case"))
}

func TestEnvironOnOperatingSystems(t *testing.T) {
	t.Parallel()
	windows := []string{`=C:=C:\dir`, "=ExitCode=00000000", "Path=process's", "TEMP=x"}
	for _, tt := range []struct {
		name, goos             string
		process, changes, want []string
	}{
		{"case tells names apart", "linux", []string{"Path=a", "PATH=b"}, []string{"PATH=c"}, []string{"Path=a", "PATH=c"}},
		{"and also to hide", "darwin", []string{"Path=a", "PATH=b"}, []string{"Path"}, []string{"PATH=b"}},
		{"a name that begins another", "linux", []string{"AB=1", "A=2"}, []string{"A=3"}, []string{"AB=1", "A=3"}},
		{"each name once", "linux", []string{"A=1", "B=2", "A=3"}, []string{"A=4"}, []string{"A=4", "B=2"}},
		{"entries without a name stay", "linux", []string{"", "odd", "=", "=x", "A=1"}, []string{"A", "odd"}, []string{"", "odd", "=", "=x"}},
		{"more is added by name", "linux", []string{"M=1"}, []string{"Z=1", "A=1", "B"}, []string{"M=1", "A=1", "Z=1"}},

		{"Windows ignores case", "windows", windows, []string{"PATH=mine"},
			[]string{`=C:=C:\dir`, "=ExitCode=00000000", "Path=mine", "TEMP=x"}},
		{"Windows hides in any case", "windows", windows, []string{"path", "Temp"},
			[]string{`=C:=C:\dir`, "=ExitCode=00000000"}},
		{"Windows keeps the spelling of what is added", "windows", []string{"a=1"}, []string{"MyVar=2", "B=3"}, []string{"a=1", "B=3", "MyVar=2"}},
		{"Windows, each name once", "windows", []string{"Path=1", "PATH=2"}, []string{"path=3"}, []string{"Path=3"}},
	} {
		assert.Equal(t, tt.want, env.ApplyOn(tt.goos, slices.Clone(tt.process), tt.changes...), tt.name)
	}
}
