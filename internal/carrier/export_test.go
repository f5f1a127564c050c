package carrier

// NewPortable returns a carrier of its own kind where labels can't be had.
func NewPortable() Carrier { return newPortable() }
