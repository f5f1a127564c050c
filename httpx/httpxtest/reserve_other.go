//go:build !linux

package httpxtest

// reserve does nothing here: another program may take the port between Down and Up.
func reserve(address string) (reserved string, release func()) { return address, func() {} }
