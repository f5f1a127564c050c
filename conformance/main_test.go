package conformance

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/scopetree/scope/httpx"
)

func TestMain(m *testing.M) {
	httpx.Install()
	goleak.VerifyTestMain(m)
}
