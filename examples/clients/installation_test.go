package clients

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/httpx"
)

// An installation is a way to reach clients that know nothing of it. A process
// has one.
type installation struct {
	name    string // of the function
	install func() (uninstall func())
}

// installations are those of package httpx. The tests run with the first; for
// the page, processes of their own observe the others.
var installations = []installation{
	{"Install", httpx.Install},
	{"InstallHooked", httpx.InstallHooked},
}

// What a process that observes is told in its environment: the installation,
// and the file to write to.
const (
	installationVariable = "CLIENTS_INSTALLATION"
	observedVariable     = "CLIENTS_OBSERVED"
)

// chosen returns the installation of this process.
func chosen() installation {
	name := os.Getenv(installationVariable)
	i := slices.IndexFunc(installations, func(i installation) bool { return i.name == name })
	return installations[max(i, 0)]
}

// observed returns how far the installation reaches, by the clients' names.
func (i installation) observed(t *testing.T) map[string]reach {
	if i.name == chosen().name {
		return observeAll(t)
	}
	file := filepath.Join(t.TempDir(), "observed.json")
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestObserve$")
	cmd.Env = append(os.Environ(), installationVariable+"="+i.name, observedVariable+"="+file)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	var seen map[string]reach
	require.NoError(t, json.Unmarshal(b, &seen))
	return seen
}

// TestObserve is what those processes run.
func TestObserve(t *testing.T) {
	file := os.Getenv(observedVariable)
	if file == "" {
		t.Skip("run by the test of the page")
	}
	b, err := json.Marshal(observeAll(t))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, b, 0o666))
}

func observeAll(t *testing.T) map[string]reach {
	seen := make(map[string]reach)
	for _, c := range clients {
		seen[c.name] = observe(t, c)
	}
	return seen
}
