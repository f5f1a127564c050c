package scopetest

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/internal/engine"
)

// around returns t.Context() with the scope around the test. Usually that is the scope of
// the goroutine. If the goroutine has lost its parent's scope (golang/go#75047), around
// looks for it by the test's name.
func around(t testing.TB) context.Context {
	ctx := t.Context()
	for name := t.Name(); ; {
		parent, ok := named(ctx, name)
		if !ok {
			return ctx
		}
		s := scope.Get(parent, bound)
		switch {
		case s == nil || s.isAround(bound.Get()):
			return ctx
		case inside(t, s.t):
			return parent
		}
		name = s.t.Name() // a sibling's scope, such as that of "a" for the test "a/b"
	}
}

// named returns ctx with the scope of the nearest test around the test with this name.
func named(ctx context.Context, test string) (context.Context, bool) {
	i := strings.LastIndexByte(test, '/')
	if i < 0 {
		return ctx, false
	}
	return engine.Named(ctx, test[:i])
}

// isAround reports whether s is inner or around it.
func (s *state) isAround(inner *state) bool {
	for ; inner != nil; inner = inner.outer {
		if inner == s {
			return true
		}
	}
	return false
}

// inside says whether t is a subtest of outer, at any depth, where its name says that
// it is. A name alone does not tell: a subtest "a/b" has a name as if it were inside
// its sibling "a".
//
// Depends on: the field parent of package testing's common, which T, B and F begin
// with, so that they have its address.
// Versions:   proved by the tests; CI runs Go 1.25 to 1.27.
// Sound:      it is read by reflection, which checks the types, and is compared only.
// It does not change after a test has been made.
// Fails:      without such a field, as with another runner's testing.TB, the name counts.
// Guarded by: TestASiblingIsNoParent, TestPackageTestingKnowsItsParents.
func inside(t, outer testing.TB) bool {
	v, want := reflect.ValueOf(t), reflect.ValueOf(outer)
	if want.Kind() != reflect.Pointer {
		return true
	}
	for range maxDepth {
		if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
			return true
		}
		v = v.Elem().FieldByName("parent")
		switch {
		case v.Kind() != reflect.Pointer:
			return true
		case v.IsNil():
			return false
		case v.Pointer() == want.Pointer():
			return true
		}
	}
	return false
}

// maxDepth is the largest depth of subtests to look at.
const maxDepth = 100
