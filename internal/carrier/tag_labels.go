//go:build gc && !scope_portable

package carrier

import (
	"strings"
	"sync/atomic"
	"unicode/utf8"
	"unsafe"
)

// LabelKey is the profiler label under which a scope's name shows.
const LabelKey = "scope"

// A Tag is what a goroutine carries. But for its payload it is immutable, and it
// is one allocation: the label's key and value are strings whose bytes lie inside it.
// A string keeps alive whatever it points into, so a goroutine's label keeps
// the tag, and the address of the bytes leads back to it. That needs no table
// of tags, and leaves nothing behind.
//
// The order of the fields matters to [tagOf]: self lies between the two.
type Tag struct {
	key     [8]byte        // LabelKey, padded
	self    *Tag           // the tag's own address: the mark of a tag
	payload unsafe.Pointer // atomic; a *P, with the P that all tags of a process have
	alone   labelSet       // {scope: name}, for a goroutine with no labels of its own
	only    [1]label
	size    int
	// The bytes of the name follow, in one of the types below.
}

// The tags, by the room for the name. They fill the allocator's size classes.
type (
	tagS struct {
		Tag
		name [24]byte
	}
	tagM struct {
		Tag
		name [56]byte
	}
	tagL struct {
		Tag
		name [168]byte
	}
)

// nameAt is how far behind a tag's key its name begins.
const nameAt = unsafe.Sizeof(Tag{})

// Where a tag has its own label set, and the list of that.
const (
	aloneAt = unsafe.Offsetof(Tag{}.alone)
	onlyAt  = unsafe.Offsetof(Tag{}.only)
)

// NewTag returns a tag that carries payload under a name for profiles. A name
// longer than 168 bytes is cut there. All that call NewTag, [Payload] and
// [SetPayload] in a process must agree on P, which nothing checks: so there is
// one type assertion less between a goroutine and its scope.
func NewTag[P any](name string, payload *P) *Tag {
	t := newTag(name)
	t.payload = unsafe.Pointer(payload)
	return t
}

// Payload returns what the tag carries.
func Payload[P any](t *Tag) *P { return (*P)(atomic.LoadPointer(&t.payload)) }

// SetPayload changes what the tag carries, for every goroutine that has it.
func SetPayload[P any](t *Tag, payload *P) { atomic.StorePointer(&t.payload, unsafe.Pointer(payload)) }

func newTag(name string) *Tag {
	var t *Tag
	var room []byte
	switch n := len(name); {
	case n <= len(tagS{}.name):
		s := new(tagS)
		t, room = &s.Tag, s.name[:]
	case n <= len(tagM{}.name):
		m := new(tagM)
		t, room = &m.Tag, m.name[:]
	default:
		l := new(tagL)
		t, room = &l.Tag, l.name[:]
		name = shorten(name, len(room))
	}
	copy(t.key[:], LabelKey)
	t.self = t
	t.size = copy(room, name)
	t.only[0] = label{
		key:   unsafe.String(&t.key[0], len(LabelKey)),
		value: unsafe.String(&room[0], t.size),
	}
	t.alone.list = t.only[:]
	return t
}

// Name returns the tag's name, cut as [NewTag] says.
func (t *Tag) Name() string { return t.only[0].value }

// tagOf returns the tag that a label belongs to, nil if it is somebody else's.
//
// A key alone proves nothing: code that copies labels may pair our key with a
// value of its own. The two must lie exactly as far apart as in a tag, which
// puts self in memory between two live strings, so that reading it is safe;
// and self must hold its own tag's address.
func tagOf(l *label) *Tag {
	if l.key != LabelKey {
		return nil
	}
	key := unsafe.Pointer(unsafe.StringData(l.key))
	value := unsafe.Pointer(unsafe.StringData(l.value))
	if uintptr(value)-uintptr(key) != nameAt || uintptr(key)%unsafe.Alignof(Tag{}) != 0 {
		return nil
	}
	t := (*Tag)(key)
	if t.self != t {
		return nil
	}
	return t
}

// aloneIn returns the tag whose own label set this is, nil if it is none's. It
// is tagOf for the usual case, in which the list follows the set at once, and
// the one label's key begins where a tag that has this set does. So self lies
// between the key and the set, which both live: reading it is safe.
func aloneIn(s *labelSet) *Tag {
	if len(s.list) != 1 || uintptr(unsafe.Pointer(&s.list[0])) != uintptr(unsafe.Pointer(s))+(onlyAt-aloneAt) {
		return nil
	}
	key := unsafe.Pointer(unsafe.StringData(s.list[0].key))
	if uintptr(key) != uintptr(unsafe.Pointer(s))-aloneAt {
		return nil
	}
	t := (*Tag)(key)
	if t.self != t {
		return nil
	}
	return t
}

// shorten cuts s to at most n bytes, between runes, and shows that it did.
func shorten(s string, n int) string {
	const dots = "…"
	if len(s) <= n {
		return s
	}
	n -= len(dots)
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.Clone(s[:n]) + dots
}
