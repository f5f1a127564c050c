//go:build !linux

package httpxtest

// reserve does nothing here: another program may take the port between Down and Up.
func reserve(string) (release func()) { return func() {} }
