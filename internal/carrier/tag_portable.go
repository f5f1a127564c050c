//go:build !gc || scope_portable

package carrier

// A Tag is what a goroutine carries. It is immutable.
type Tag struct {
	name    string
	payload any
}

// NewTag returns a tag that carries payload under a name for profiles.
func NewTag(name string, payload any) *Tag { return &Tag{name, payload} }

// Name returns the name the tag was made with.
func (t *Tag) Name() string { return t.name }

// Payload returns what the tag carries.
func (t *Tag) Payload() any { return t.payload }
