package attach

import (
	"testing"

	"github.com/scopetree/scope"
)

func TestPanics(t *testing.T) {
	defer func() { recover() }()
	call := func() { scope.Attach(nil) }
	call()
}

func TestBody(t *testing.T) {
	scope.Attach(t.Context()) // want `detach is discarded`
	work()
}
