package clients

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/scopetree/scope/httpx"
)

func TestMain(m *testing.M) {
	shutExit := openExit()
	makeEarly()
	uninstall := chosen().install()
	httpx.Unrouted.SetDefault(httpx.Refuse)
	code := m.Run()
	uninstall()
	shutExit()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}
