package localkey

import (
	"testing"

	"github.com/scopetree/scope"
)

func TestLocal(t *testing.T) {
	key := scope.NewKey("key", "")
	_ = scope.Set(t.Context(), key, "x")
}
