package conformance

import (
	"context"
	"fmt"
	"testing"

	caarlos "github.com/caarlos0/env/v11"
	koanfenv "github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/v2"
	"github.com/sethvargo/go-envconfig"
	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/env"
	"github.com/scopetree/scope/scopetest"
)

// settings has the variables that each library loads. Two of the libraries know
// its tags.
type settings struct {
	URL   string `env:"ENV_LIBRARIES_URL"`
	Token string `env:"ENV_LIBRARIES_TOKEN"`
	Port  int    `env:"ENV_LIBRARIES_PORT"`
}

// libraries load the environment of a scope from package env.
var libraries = map[string]func(ctx context.Context) (settings, error){
	"go-envconfig": func(ctx context.Context) (s settings, err error) {
		err = envconfig.ProcessWith(ctx, &envconfig.Config{Target: &s, Lookuper: env.In(ctx)})
		return s, err
	},
	"caarlos0/env": func(ctx context.Context) (settings, error) {
		return caarlos.ParseAsWithOptions[settings](caarlos.Options{Environment: caarlos.ToMap(env.Environ(ctx))})
	},
	"koanf": func(ctx context.Context) (settings, error) {
		k := koanf.New(".")
		err := k.Load(koanfenv.Provider(".", koanfenv.Opt{Prefix: "ENV_LIBRARIES_", EnvironFunc: env.In(ctx).Environ}), nil)
		return settings{k.String("ENV_LIBRARIES_URL"), k.String("ENV_LIBRARIES_TOKEN"), k.Int("ENV_LIBRARIES_PORT")}, err
	},
}

// This test is serial, because it sets a variable of the process, also for its
// parallel subtests.
func TestLibrariesLoadTheScopesEnvironment(t *testing.T) {
	t.Setenv("ENV_LIBRARIES_URL", "process's")
	t.Setenv("ENV_LIBRARIES_TOKEN", "process's")
	for name, load := range libraries {
		t.Run(name, func(t *testing.T) {
			got, err := load(t.Context())
			assert.NoError(t, err)
			assert.Equal(t, settings{"process's", "process's", 0}, got, "without changes")

			ctx := scopetest.With(t, env.Bind("ENV_LIBRARIES_URL", "mine"), env.Hide("ENV_LIBRARIES_TOKEN"), env.Bind("ENV_LIBRARIES_PORT", "8080"))
			got, err = load(ctx)
			assert.NoError(t, err)
			assert.Equal(t, settings{"mine", "", 8080}, got)

			scope.Run(ctx, func(context.Context) {
				got, err := load(context.Background())
				assert.NoError(t, err)
				assert.Equal(t, settings{"mine", "", 8080}, got, "with no context, the goroutine's")
			})
		})
	}
}

func TestLibrariesLoadInParallel(t *testing.T) {
	t.Parallel()
	for name, load := range libraries {
		for i := range 50 {
			t.Run(fmt.Sprint(name, "/", i), func(t *testing.T) {
				t.Parallel()
				mine := fmt.Sprint("test ", i)
				ctx := scopetest.With(t, env.Bind("ENV_LIBRARIES_URL", mine), env.Bind("ENV_LIBRARIES_TOKEN", mine))
				got, err := load(ctx)
				assert.NoError(t, err)
				assert.Equal(t, settings{mine, mine, 0}, got)
			})
		}
	}
}
