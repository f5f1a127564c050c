package httpxtest_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/scopetree/scope/httpx"
)

func TestMain(m *testing.M) {
	httpx.Unrouted.SetDefault(httpx.Refuse) // whatever a test forgets, it reaches no real host
	goleak.VerifyTestMain(m)
}
