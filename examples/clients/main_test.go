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

// Importing httpxtest is all that installs. Main's guard refuses the clients that
// have transports of their own. One that asked for no proxy would find no name
// server.
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
