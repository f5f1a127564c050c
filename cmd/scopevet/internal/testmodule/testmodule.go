// Package testmodule makes modules to try the checks on. They import the real
// packages of this repository, and no stubs that could differ from them.
package testmodule

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// New returns the folder of a new module with these files. Its imports of the module
// github.com/scopetree/scope lead to this checkout.
//
// A workspace does this, and not a replace directive, which would need a list of
// everything that scope requires. scopevet's own go.mod can have no replace directive,
// because then go install could not install it by its version.
func New(t testing.TB, files fs.FS) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, files))
	run(t, dir, "mod", "init", "example.com/tested")
	run(t, dir, "work", "init", ".", checkout(t))
	run(t, dir, "list", "-deps", "./...") // fetches missing modules
	return dir
}

// checkout returns the folder of the repository's root module.
func checkout(t testing.TB) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOMOD").Output()
	require.NoError(t, err)
	return filepath.Join(filepath.Dir(string(out)), "../..")
}

func run(t testing.TB, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=") // uses the folder's own go.work
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "go %v: %s", args, out)
}
