package httpxtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/stretchr/testify/assert"
)

// mostPaths is the largest number of differing paths that a report lists of a large JSON
// value.
const mostPaths = 20

// large is the number of bytes above which JSON is too long for a diff.
const large = 16 << 10

// differenceInJSON shows two decoded JSON values as a diff. If they are large, it lists
// the paths that differ. size is the length of the longer text. The result follows the
// word "differs".
func differenceInJSON(want, got any, size int) string {
	if size <= large {
		return difference(indented(want), indented(got))
	}
	var paths []string
	n := 0
	compare("", want, got, func(text string) {
		if n++; n <= mostPaths {
			paths = append(paths, text)
		}
	})
	if n > mostPaths {
		paths = append(paths, fmt.Sprintf("… and %d more paths", n-mostPaths))
	}
	return ":\n    " + strings.Join(paths, "\n    ")
}

// compare reports each path at which two values differ.
func compare(path string, want, got any, report func(string)) {
	if assert.ObjectsAreEqual(want, got) {
		return
	}
	switch want := want.(type) {
	case map[string]any:
		if got, ok := got.(map[string]any); ok {
			compareObjects(path, want, got, report)
			return
		}
	case []any:
		if got, ok := got.([]any); ok {
			if len(want) != len(got) {
				report(fmt.Sprintf("%s: want %d elements, got %d", named(path), len(want), len(got)))
			}
			for i := range min(len(want), len(got)) {
				compare(fmt.Sprintf("%s[%d]", path, i), want[i], got[i], report)
			}
			return
		}
	}
	wanted, have := compact(want), compact(got)
	at := firstDifference(wanted, have)
	report(fmt.Sprintf("%s: want %s, got %s", named(path), around(wanted, at), around(have, at)))
}

func compareObjects(path string, want, got map[string]any, report func(string)) {
	names := slices.Sorted(maps.Keys(want))
	for name := range got {
		if _, ok := want[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		at := path + "." + name
		if !token.MatchString(name) {
			at = path + "[" + strconv.Quote(name) + "]"
		}
		w, wanted := want[name]
		g, have := got[name]
		switch {
		case !have:
			report(fmt.Sprintf("%s: want %s, got no value", at, around(compact(w), 0)))
		case !wanted:
			report(fmt.Sprintf("%s: want no value, got %s", at, around(compact(g), 0)))
		default:
			compare(at, w, g, report)
		}
	}
}

// named returns a path as a report shows it. The path of the whole value is empty.
func named(path string) string {
	if path == "" {
		return "the whole"
	}
	return path
}

func compact(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

func indented(v any) string {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}
