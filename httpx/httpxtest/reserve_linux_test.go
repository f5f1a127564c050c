package httpxtest_test

import (
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/httpx/httpxtest"
)

// While a server is down, connections are refused, and no program gets its port by
// asking for a free one.
func TestThePortOfAServerThatIsDownIsReserved(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]httpxtest.Option{"IPv4": nil, "IPv6": {httpxtest.IPv6()}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var address string
			assertPasses(t, func(t testing.TB) {
				s := httpxtest.NewServer(t, opts...)
				s.Stub("GET /")
				address = strings.TrimPrefix(s.URL, "http://")
				for range 3 {
					s.Down()
					_, err := net.Dial("tcp", address)
					assert.ErrorIs(t, err, syscall.ECONNREFUSED)
					assert.ErrorIs(t, listenOnFree(t, address), syscall.EADDRINUSE)
					s.Up()
					resp, err := s.Client().Get(s.URL)
					require.NoError(t, err)
					resp.Body.Close()
				}
				s.Down()
			})
			l, err := net.Listen("tcp", address)
			require.NoError(t, err, "after the test")
			l.Close()
		})
	}
}

// listenOnFree listens on a port if no socket at all is bound to it, which is how Linux
// chooses free ports. Package net's listeners may share a port with sockets that do not
// listen.
func listenOnFree(t testing.TB, address string) error {
	config := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) (err error) {
		control := c.Control(func(fd uintptr) { err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 0) })
		require.NoError(t, control)
		return err
	}}
	l, err := config.Listen(t.Context(), "tcp", address)
	if err == nil {
		l.Close()
	}
	return err
}
