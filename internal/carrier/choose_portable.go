//go:build !gc || scope_portable

package carrier

func choose() Carrier { return newPortable() }

// Tagged reports whether the running goroutine has a tag.
func Tagged() bool { return Current() != nil }

func current() *Tag { return chosen.Current() }
