// Package serial tells serial tests from parallel ones.
package serial

import "testing"

// Claim makes t a test that can't become parallel, and returns false where t or a
// test around it is parallel already. Package testing does both for t.Setenv
// alone, which panics there.
func Claim(t testing.TB) (ok bool) {
	defer func() { ok = recover() == nil }()
	t.Setenv("SCOPETEST_SERIAL", "1")
	return
}
