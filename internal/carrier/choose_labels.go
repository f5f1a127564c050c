//go:build gc && !scope_portable

package carrier

import "unsafe"

func choose() Carrier { return chooseBy(getLabels) }

// chooseBy prefers labels, once it is proved that read reads them.
func chooseBy(read func() unsafe.Pointer) Carrier {
	key, err := prove(read)
	if err != nil {
		return newPortable()
	}
	pprofKey = key
	byLabels = true
	return labels{}
}

// byLabels says that chosen is labels. It is set with chosen.
var byLabels bool

// Tagged says whether the running goroutine has a tag of its own, and not by a
// test's claim.
func Tagged() bool { return byLabels && (*labelSet)(getLabels()).tag() != nil }

// current spares the usual case the call through the interface.
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
