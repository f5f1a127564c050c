package readme

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The links between the pages of this repository work, and so do their anchors.
func TestLinksResolve(t *testing.T) {
	t.Parallel()
	const top = "../.."
	out, err := exec.Command("git", "-C", top, "ls-files", "--cached", "--others", "--exclude-standard", "*.md").Output()
	if err != nil {
		t.Skipf("this is no checkout: %v", err)
	}
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	for page := range strings.FieldsSeq(string(out)) {
		text, err := os.ReadFile(filepath.Join(top, page))
		require.NoError(t, err)
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			to, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(to, "://") || strings.HasPrefix(to, "mailto:") {
				continue
			}
			file := filepath.Join(top, filepath.Dir(page), to)
			if to == "" {
				file = filepath.Join(top, page)
			}
			info, err := os.Stat(file)
			if !assert.NoError(t, err, "%s: link to %s", page, m[1]) || anchor == "" || info.IsDir() {
				continue
			}
			target, err := os.ReadFile(file)
			require.NoError(t, err)
			assert.Contains(t, anchors(string(target)), anchor, "%s: link to %s", page, m[1])
		}
	}
}

// anchors returns the anchors that GitHub gives to a page's headings.
func anchors(page string) (list []string) {
	page = regexp.MustCompile("(?s)```.*?```").ReplaceAllString(page, "")
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(page, -1) {
		heading := strings.ToLower(strings.TrimSpace(m[1]))
		heading = regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(heading, "")
		list = append(list, strings.ReplaceAll(heading, " ", "-"))
	}
	return list
}
