//go:build gc && !scope_portable

package carrier

import "unsafe"

var (
	CheckLayout = checkLayout
	ChooseBy    = chooseBy
	ReadLabels  = getLabels
)

// NameAt is how far behind a tag's key its name begins.
const NameAt = nameAt

// Strings returns the key and value of the tag's label.
func Strings(t *Tag) (key, value string) { return t.only[0].key, t.only[0].value }

// TagOf returns the tag that a label of these strings belongs to.
func TagOf(key, value string) *Tag { return tagOf(&label{key, value}) }

// GoroutineLabels returns the running goroutine's labels as key=value, in the
// order in which they are stored.
func GoroutineLabels() []string { return labelsAt(getLabels()) }

func labelsAt(p unsafe.Pointer) []string {
	if p == nil {
		return nil
	}
	var list []string
	for _, l := range (*labelSet)(p).list {
		list = append(list, l.key+"="+l.value)
	}
	return list
}
