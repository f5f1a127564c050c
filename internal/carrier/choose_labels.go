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

// current spares the usual case the call through the interface.
func current() *Tag {
	if !byLabels {
		return chosen.Current()
	}
	s := (*labelSet)(getLabels())
	if s == nil {
		return nil
	}
	if t := aloneIn(s); t != nil {
		return t
	}
	return s.current()
}
