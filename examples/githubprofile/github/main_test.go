package github_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/scopetree/scope/httpx"
)

func TestMain(m *testing.M) {
	httpx.Install()
	httpx.Unrouted.SetDefault(httpx.Refuse) // a request without a route fails, and never reaches the real GitHub
	goleak.VerifyTestMain(m)
}
