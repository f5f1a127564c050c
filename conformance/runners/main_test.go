package runners

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/scopetree/scope/httpx"
)

func TestMain(m *testing.M) {
	httpx.Install()
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction( // a goroutine that Ginkgo never stops
		"github.com/onsi/ginkgo/v2/internal/interrupt_handler.(*InterruptHandler).registerForInterrupts.func2"))
}
