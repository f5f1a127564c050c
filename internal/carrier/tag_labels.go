//go:build gc && !scope_portable

package carrier

import (
	"strings"
	"sync/atomic"
	"unicode/utf8"
	"unsafe"
)

// LabelKey is the key of the profiler label that has a scope's name.
const LabelKey = "scope"

// A Tag is what a goroutine carries. It is immutable, except for its payload.
//
// A Tag is one allocation, and has the bytes of its label's key and value inside. A string
// keeps alive the memory that it points into, so the goroutine's label keeps the tag
// alive. The address of the bytes leads back to the tag. Therefore no table of tags is
// needed, and no entry can stay behind.
//
// The order of the fields matters to [tagOf]: self lies between the key's bytes and the
// value's.
type Tag struct {
	key     [8]byte        // LabelKey, padded
	self    *Tag           // the tag's own address, by which a tag is recognized
	payload unsafe.Pointer // atomic; a *P, where P is the same for all tags of a process
	alone   labelSet       // {scope: name}, for a goroutine with no labels of its own
	only    [1]label
	size    int
	// The bytes of the name follow, in one of the types below.
}

// Tags with room for names of different lengths. They fill the allocator's size classes.
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

// nameAt is the distance from a tag's key to its name.
const nameAt = unsafe.Sizeof(Tag{})

// Offsets of a tag's own label set, and of the set's list.
const (
	aloneAt = unsafe.Offsetof(Tag{}.alone)
	onlyAt  = unsafe.Offsetof(Tag{}.only)
)

// NewTag returns a tag with a payload and with a name for profiles. If the name is longer
// than 168 bytes, it is cut. All calls of NewTag, [Payload] and [SetPayload] in a process
// must have the same P. This is not checked, because a type assertion would make each read
// of a scope slower.
func NewTag[P any](name string, payload *P) *Tag {
	t := newTag(name)
	t.payload = unsafe.Pointer(payload)
	return t
}

// Payload returns the tag's payload.
func Payload[P any](t *Tag) *P { return (*P)(atomic.LoadPointer(&t.payload)) }

// SetPayload changes the tag's payload, for every goroutine that has the tag.
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

// Name returns the tag's name, which [NewTag] may have cut.
func (t *Tag) Name() string { return t.only[0].value }

// tagOf returns the tag that a label belongs to, or nil if the label is not a tag's.
//
// The key alone proves nothing, because code that copies labels may pair a tag's key with
// another value. First, key and value must lie exactly as far apart as in a tag. Then
// self, which lies between these two live strings, is memory that is safe to read. Second,
// self must hold the address of its own tag.
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

// aloneIn returns the tag whose own label set s is, or nil if it is not a tag's. It is
// tagOf for the usual case. Such a set has one label, its list follows the set directly,
// and the label's key lies where the tag of this set begins. Then self lies between the
// key and the set, which are both alive, so it is safe to read.
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

// shorten cuts s between runes to at most n bytes, and then ends it with an ellipsis.
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
