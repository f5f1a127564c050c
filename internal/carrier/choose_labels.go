//go:build gc && !scope_portable

package carrier

import "unsafe"

func choose() Carrier { return chooseBy(getLabels) }

// chooseBy returns the labels carrier if it can prove that read reads labels right, and
// otherwise the gls carrier.
func chooseBy(read func() unsafe.Pointer) Carrier {
	key, err := prove(read)
	if err != nil {
		return newPortable()
	}
	pprofKey = key
	byLabels = true
	return labels{}
}

// byLabels is true if chosen is the labels carrier. It is set together with chosen.
var byLabels bool

// Tagged reports whether the running goroutine has a tag of its own. A tag by a test's
// claim does not count.
func Tagged() bool { return byLabels && (*labelSet)(getLabels()).tag() != nil }

// current is Current for a carrier that was chosen. For labels, which is the usual case,
// it makes no call through the interface.
func current() *Tag {
	if !byLabels {
		return chosen.Current()
	}
	s := (*labelSet)(getLabels())
	if s == nil {
		return s.current()
	}
	if t := aloneIn(s); t != nil {
		return t
	}
	return s.current()
}
