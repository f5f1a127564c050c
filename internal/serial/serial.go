// Package serial tells serial tests from parallel ones.
package serial

import "testing"

// Claim makes t a test that can't become parallel. It returns false if t or a test around
// it is parallel already. Claim calls t.Setenv, which is the only method of package
// testing that does both, and panics for a parallel test.
func Claim(t testing.TB) (ok bool) {
	defer func() { ok = recover() == nil }()
	t.Setenv("SCOPETEST_SERIAL", "1")
	return
}
