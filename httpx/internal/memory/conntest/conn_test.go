// Package conntest runs golang.org/x/net's tests of connections. It is a module of
// its own for that dependency's sake.
package conntest

import (
	"net"
	"testing"

	"go.uber.org/goleak"
	"golang.org/x/net/nettest"

	"github.com/scopetree/scope/httpx/internal/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConn(t *testing.T) {
	t.Parallel()
	nettest.TestConn(t, func() (client, server net.Conn, stop func(), err error) {
		c, s := memory.Pipe()
		return c, s, func() {
			c.Close()
			s.Close()
		}, nil
	})
}
