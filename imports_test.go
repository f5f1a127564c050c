package scope_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "draw docs/imports.svg anew")

// The picture of this module's packages in CONTRIBUTING.md is drawn from what
// they import.
func TestThePictureOfImportsIsTrue(t *testing.T) {
	t.Parallel()
	const file = "docs/imports.svg"
	drawn := drawImports(sources(t))
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(drawn), 0o644))
	}
	kept, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.True(t, drawn == strings.ReplaceAll(string(kept), "\r\n", "\n"),
		"%s shows other imports: run go test -run TestThePictureOfImportsIsTrue -update .", file)
}

// drawImports draws the packages on their steps, and lines to the packages that they
// import. It leaves out a line if other lines lead to the same package.
func drawImports(dirs map[string]*source) string {
	imports := map[string]map[string]bool{}
	rows := map[int][]string{}
	for _, dir := range slices.Sorted(maps.Keys(dirs)) {
		from := drawnAs(dir)
		if imports[from] == nil { // the first is what is drawn: it comes before what is internal to it
			imports[from] = map[string]bool{}
			row, _ := step(dir)
			rows[row] = append(rows[row], from)
		}
		for _, name := range dirs[dir].imports {
			if to, ok := inModule(name); ok && drawnAs(to) != from {
				imports[from][drawnAs(to)] = true
			}
		}
	}

	const width, height, gap, boxHeight = 1000, 110, 12, 40
	type box struct{ x, y, w int }
	boxes := map[string]box{}
	var nodes strings.Builder
	last := slices.Max(slices.Collect(maps.Keys(rows)))
	for row := range last + 1 {
		y := (last-row)*height + 30
		total := 0
		for _, name := range rows[row] {
			total += labelWidth(name) + gap
		}
		x := (width - total + gap) / 2
		for _, name := range rows[row] {
			w := labelWidth(name)
			boxes[name] = box{x, y, w}
			fmt.Fprintf(&nodes, `<rect x="%d" y="%d" width="%d" height="%d" rx="6" fill="#fff" stroke="#57606a"/>`+"\n", x, y, w, boxHeight)
			fmt.Fprintf(&nodes, `<text x="%d" y="%d" text-anchor="middle">%s</text>`+"\n", x+w/2, y+25, name)
			x += w + gap
		}
	}
	var lines strings.Builder
	for _, from := range slices.Sorted(maps.Keys(imports)) {
		for _, to := range slices.Sorted(maps.Keys(imports[from])) {
			if alongOthers(imports, from, to) {
				continue
			}
			a, b := boxes[from], boxes[to]
			if a.y == b.y {
				fmt.Fprintf(&lines, `<path d="M%d %d q%d 26 %d 0"/>`+"\n", a.x+a.w/2, a.y+boxHeight, (b.x+b.w/2-a.x-a.w/2)/2, b.x+b.w/2-a.x-a.w/2)
				continue
			}
			fmt.Fprintf(&lines, `<path d="M%d %d L%d %d"/>`+"\n", a.x+a.w/2, a.y+boxHeight, b.x+b.w/2, b.y)
		}
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" font-family="ui-monospace, monospace" font-size="14">
<title>The packages of this module, and what they import</title>
<rect width="%[1]d" height="%[2]d" fill="#f6f8fa"/>
<g stroke="#8c959f" fill="none">
%[3]s</g>
<g fill="#1f2328">
%[4]s</g>
</svg>
`, width, (last+1)*height, lines.String(), nodes.String())
}

// drawnAs returns the box that a package is drawn in.
func drawnAs(dir string) string {
	switch {
	case dir == ".":
		return "scope"
	case strings.HasPrefix(dir, "examples/"):
		return "examples"
	}
	around, _, _ := strings.Cut(dir, "/internal/") // what is internal to a package is part of it
	return around
}

func labelWidth(name string) int { return 9*len(name) + 20 }

// alongOthers says whether from imports to through another of its imports as well.
func alongOthers(imports map[string]map[string]bool, from, to string) bool {
	var reaches func(dir string, seen map[string]bool) bool
	reaches = func(dir string, seen map[string]bool) bool {
		if seen[dir] {
			return false
		}
		seen[dir] = true
		return imports[dir][to] || slices.ContainsFunc(slices.Collect(maps.Keys(imports[dir])), func(next string) bool { return reaches(next, seen) })
	}
	for via := range imports[from] {
		if via != to && via != from && reaches(via, map[string]bool{from: true}) {
			return true
		}
	}
	return false
}
