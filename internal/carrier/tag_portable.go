//go:build !gc || scope_portable

package carrier

import "sync/atomic"

// A Tag is what a goroutine carries. But for its payload it is immutable.
type Tag struct {
	name    string
	payload atomic.Value // a *P
}

// NewTag returns a tag that carries payload under a name for profiles. All that
// call NewTag, [Payload] and [SetPayload] in a process must agree on P.
func NewTag[P any](name string, payload *P) *Tag {
	t := &Tag{name: name}
	t.payload.Store(payload)
	return t
}

// Payload returns what the tag carries.
func Payload[P any](t *Tag) *P { return t.payload.Load().(*P) }

// SetPayload changes what the tag carries, for every goroutine that has it.
func SetPayload[P any](t *Tag, payload *P) { t.payload.Store(payload) }

// Name returns the name the tag was made with.
func (t *Tag) Name() string { return t.name }
