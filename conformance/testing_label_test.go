package conformance

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Package testing is about to set a profiler label on the goroutine of each test. It
// replaces the labels that the goroutine inherited (golang/go#75047). This test runs the
// module's own tests with a package testing that does so. That package is made from the
// installed one, with one more statement at the start of a test, a fuzz target and a
// benchmark.
func TestWithTheLabelsOfTheComingPackageTesting(t *testing.T) {
	t.Parallel()
	goroot := strings.TrimSpace(output(t, "go", "env", "GOROOT"))
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	dir := t.TempDir()
	replace := func(file, text string) {
		made := filepath.Join(dir, file)
		require.NoError(t, os.WriteFile(made, []byte(text), 0o666))
		overlay.Replace[filepath.Join(goroot, "src", "testing", file)] = made
	}
	replace("label.go", `package testing

import (
	"context"
	"runtime/pprof"
)

func labelTest(name string) {
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("test", name)))
}
`)
	for file, begins := range map[string]string{
		"testing.go":   "func tRunner(t *T, fn func(t *T)) {\n",
		"fuzz.go":      "func fRunner(f *F, fn func(*F)) {\n",
		"benchmark.go": "func (b *B) runN(n int) {\n",
	} {
		source, err := os.ReadFile(filepath.Join(goroot, "src", "testing", file))
		require.NoError(t, err)
		before, after, ok := bytes.Cut(source, []byte(begins))
		require.True(t, ok, "%s has no %q any more", file, begins)
		receiver := begins[strings.Index(begins, "(")+1:][:1]
		replace(file, string(before)+begins+"\tlabelTest("+receiver+".Name())\n"+string(after))
	}
	list := filepath.Join(dir, "overlay.json")
	text, err := json.Marshal(overlay)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(list, text, 0o666))

	out := output(t, "go", "test", "-C", "..", "-overlay", list, "-count=3", "-bench=.", "-benchtime=1x",
		"./scopetest", "./env/envtest", "./httpx/httpxtest")
	assert.Equal(t, 3, strings.Count(out, "\nok "), out)
}

func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}
