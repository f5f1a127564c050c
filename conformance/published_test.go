package conformance

import (
	"fmt"
	"go/build"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// next is the version to tag next. All modules that people install get it together, and
// the nested ones require the root module in that version.
const next = "v0.1.0"

const root = "github.com/scopetree/scope"

// unpublished are the folders of the checkout whose modules nobody installs.
var unpublished = []string{".git", "bench", "conformance", "examples", "tools"}

// heavy are modules with dependencies that take a minute to compile. For these, it is
// enough that a stranger finds all of their packages.
var heavy = []string{root + "/temporalscope"}

// A published module is one that people install.
type published struct {
	module.Version        // as it will be tagged
	dir            string // in the checkout
	file           *modfile.File
}

// In the repository, a nested module finds the root module through a replace directive.
// The directive is ignored where another module depends on the nested one. This test
// makes such a module, with a proxy that has the checkout as if it were tagged.
func TestAStrangerCanFetchEveryModule(t *testing.T) {
	t.Parallel()
	modules := findPublished(t, "..")
	proxy := t.TempDir()
	for _, m := range modules {
		publish(t, proxy, m)
	}
	env := strangersEnv(t, proxy)

	for _, m := range modules {
		t.Run(path.Base(m.Path), func(t *testing.T) {
			t.Parallel()
			for _, r := range m.file.Require {
				if strings.HasPrefix(r.Mod.Path, root) {
					assert.Equal(t, next, r.Mod.Version, "bump the require of %s in %s/go.mod to %s",
						r.Mod.Path, strings.TrimPrefix(m.Path, root+"/"), next)
				}
			}
			// Modules of others come from the module cache. This fills it with all
			// versions that count and all packages that are used, checked by m's own
			// go.sum.
			run(t, m.dir, nil, "mod", "graph")
			run(t, m.dir, nil, "list", "-deps", ".")
			pkg, err := build.ImportDir(m.dir, 0)
			require.NoError(t, err)

			stranger := t.TempDir()
			if pkg.IsCommand() {
				run(t, stranger, append(env, "GOBIN="+stranger), "install", m.String())
				return
			}
			write(t, filepath.Join(stranger, "go.mod"), "module stranger.example\n\ngo "+m.file.Go.Version+"\n")
			write(t, filepath.Join(stranger, "stranger.go"), fmt.Sprintf("package stranger\n\nimport _ %q\n", m.Path))
			run(t, stranger, env, "get", m.String())
			if slices.Contains(heavy, m.Path) {
				run(t, stranger, env, "list", "-deps", "./...")
			} else {
				run(t, stranger, env, "build", "./...")
			}
		})
	}
}

// findPublished returns the modules in the checkout that people install.
func findPublished(t *testing.T, checkout string) []published {
	t.Helper()
	var found []published
	require.NoError(t, filepath.WalkDir(checkout, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && filepath.Dir(name) == checkout && slices.Contains(unpublished, d.Name()), d.IsDir() && d.Name() == "internal":
			return fs.SkipDir
		case d.Name() != "go.mod":
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		file, err := modfile.Parse(name, text, nil)
		if err != nil {
			return err
		}
		version := module.Version{Path: file.Module.Mod.Path, Version: next}
		found = append(found, published{version, filepath.Dir(name), file})
		return nil
	}))
	require.Greater(t, len(found), 1, "only the root is found in %s", checkout)
	return found
}

// publish puts m into proxy, in the layout of go.dev/ref/mod#goproxy-protocol.
func publish(t *testing.T, proxy string, m published) {
	t.Helper()
	escaped, err := module.EscapePath(m.Path)
	require.NoError(t, err)
	versions := filepath.Join(proxy, filepath.FromSlash(escaped), "@v")
	require.NoError(t, os.MkdirAll(versions, 0o755))

	mod, err := os.ReadFile(filepath.Join(m.dir, "go.mod"))
	require.NoError(t, err)
	write(t, filepath.Join(versions, "list"), next+"\n")
	write(t, filepath.Join(versions, next+".info"), fmt.Sprintf(`{"Version": %q}`, next))
	write(t, filepath.Join(versions, next+".mod"), string(mod))

	archive, err := os.Create(filepath.Join(versions, next+".zip"))
	require.NoError(t, err)
	assert.NoError(t, zip.CreateFromDir(archive, m.Version, m.dir)) // leaves nested modules out
	require.NoError(t, archive.Close())
}

// strangersEnv returns the environment of somebody who has no checkout and no network.
// The modules come from proxy, or from the module cache.
func strangersEnv(t *testing.T, proxy string) []string {
	t.Helper()
	cache := strings.TrimSpace(run(t, ".", nil, "env", "GOMODCACHE"))
	return []string{
		"GOENV=off",
		"GOWORK=off",
		"GOTOOLCHAIN=local",
		"GOPROXY=file://" + filepath.ToSlash(proxy) + ",file://" + filepath.ToSlash(filepath.Join(cache, "cache", "download")) + ",off",
		"GOPRIVATE=", // if this or GONOPROXY is set, a root in the cache hides nested modules: go.dev/issue/56974
		"GONOPROXY=",
		"GOSUMDB=off",                   // it is on the network
		"GOMODCACHE=" + t.TempDir(),     // keeps the untagged modules out of the user's cache
		"GOFLAGS=-modcacherw -trimpath", // files that can be removed; packages that were built in another folder count as built
	}
}

// run runs the go command in dir, and returns its output.
func run(t *testing.T, dir string, env []string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, "go %s\n%s", strings.Join(args, " "), &stderr)
	return string(out)
}

func write(t *testing.T, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
}
