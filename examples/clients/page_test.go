package clients

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"text/template"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the page anew")

const page = "../../docs/clients.md"

// A row has what the page says about a client. The code collects all of it.
type row struct {
	Name, File, Version, Hook string
	Reached                   bool
}

func TestPageSaysWhatTheTestsSee(t *testing.T) {
	var data struct {
		Rows   []row
		Report string
	}
	hooks := findHooks(t)
	require.Len(t, hooks, len(clients), "clients in the source that are not in the list, or have no hook")
	for _, c := range clients {
		data.Rows = append(data.Rows, row{
			Name: c.name, File: hooks[c.name].file, Hook: hooks[c.name].line, Version: version(t, c.module),
			Reached: observe(t, c),
		})
	}
	data.Report = indented(escapeReport(t))

	var text bytes.Buffer
	require.NoError(t, template.Must(template.ParseFiles("testdata/clients.md.tmpl")).Execute(&text, data))

	if *update {
		require.NoError(t, os.WriteFile(page, text.Bytes(), 0o666))
	}
	got, err := os.ReadFile(page)
	require.NoError(t, err)
	assert.Equal(t, text.String(), string(got), "run go test with -update to write it")
}

// version returns the version of the module that the tests are built with. It
// asks the go command, because a test's own build information has no modules.
func version(t *testing.T, module string) string {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Version}}", module).Output()
	require.NoError(t, err)
	return strings.TrimSpace(string(out))
}

var lineNumber = regexp.MustCompile(`(_test\.go):\d+`)

// indented formats a text as code in Markdown, with N in place of line numbers.
func indented(text string) string {
	text = lineNumber.ReplaceAllString(strings.TrimSuffix(text, "\n"), "$1:N")
	return strings.ReplaceAll("    "+strings.ReplaceAll(text, "\n", "\n    "), "    \n", "\n")
}
