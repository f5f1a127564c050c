//go:build !gc || scope_portable

package carrier

import "sync/atomic"

// A Tag is what a goroutine carries. It is immutable, except for its payload.
type Tag struct {
	name    string
	payload atomic.Value // a *P
}

// NewTag returns a tag with a payload and with a name for profiles. All calls of NewTag,
// [Payload] and [SetPayload] in a process must have the same P.
func NewTag[P any](name string, payload *P) *Tag {
	t := &Tag{name: name}
	t.payload.Store(payload)
	return t
}

// Payload returns the tag's payload.
func Payload[P any](t *Tag) *P { return t.payload.Load().(*P) }

// SetPayload changes the tag's payload, for every goroutine that has the tag.
func SetPayload[P any](t *Tag, payload *P) { t.payload.Store(payload) }

// Name returns the tag's name.
func (t *Tag) Name() string { return t.name }
