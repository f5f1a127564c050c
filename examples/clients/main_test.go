package clients

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/scopetree/scope/httpx/httpxtest"
)

// The tests install httpx only by importing httpxtest. Main's guard refuses the clients
// that have transports of their own. A request that got past the guard would find no
// proxy and no name server.
func TestMain(m *testing.M) {
	for _, name := range []string{"HTTPS_PROXY", "HTTP_PROXY"} {
		os.Unsetenv(name)
		os.Unsetenv(strings.ToLower(name))
	}
	net.DefaultResolver = &net.Resolver{
		PreferGo: true,
		Dial: func(context.Context, string, string) (net.Conn, error) {
			return nil, errors.New("no request leaves this machine")
		},
	}
	makeEarly()
	httpxtest.Main(m)
}
