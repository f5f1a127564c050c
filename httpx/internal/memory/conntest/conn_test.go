// Package conntest runs the connection tests of golang.org/x/net. It is a module of its
// own because of that dependency.
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
