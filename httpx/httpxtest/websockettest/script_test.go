package websockettest_test

import (
	"context"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/httpx/httpxtest/websockettest"
)

func TestMain(m *testing.M) {
	httpx.Install()
	code := m.Run()
	if err := goleak.Find(); err != nil && code == 0 {
		os.Stderr.WriteString(err.Error() + "\n")
		code = 1
	}
	os.Exit(code)
}

// dial connects to a host that is routed to a fake.
func dial(t *testing.T, url string) *websocket.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	conn, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{HTTPClient: http.DefaultClient})
	require.NoError(t, err)
	t.Cleanup(func() { conn.CloseNow() })
	return conn
}

func TestScriptSpeaksFramesInOrder(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]httpxtest.Option{"plain": nil, "TLS": {httpxtest.TLS()}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := httpxtest.Mock(t, "stream.example.com", opts...)
			srv.Expect("GET /ws").Reply(websockettest.Script(
				websockettest.Receive("subscribe"),
				websockettest.Send("one"),
				websockettest.SendBinary([]byte{2}),
				websockettest.Close(websocket.StatusNormalClosure, "done"),
			))

			conn := dial(t, "wss://stream.example.com/ws")
			require.NoError(t, conn.Write(t.Context(), websocket.MessageText, []byte("subscribe")))

			kind, got, err := conn.Read(t.Context())
			require.NoError(t, err)
			assert.Equal(t, websocket.MessageText, kind)
			assert.Equal(t, "one", string(got))
			kind, got, err = conn.Read(t.Context())
			require.NoError(t, err)
			assert.Equal(t, websocket.MessageBinary, kind)
			assert.Equal(t, []byte{2}, got)
			_, _, err = conn.Read(t.Context())
			assert.Equal(t, websocket.StatusNormalClosure, websocket.CloseStatus(err))
		})
	}
}

func TestScriptWaitsForTheClientToClose(t *testing.T) {
	t.Parallel()
	srv := httpxtest.Mock(t, "stream.example.com")
	srv.Expect("GET /ws").Reply(websockettest.Script(websockettest.Send("hello")))

	conn := dial(t, "wss://stream.example.com/ws")
	_, got, err := conn.Read(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "hello", string(got))

	require.NoError(t, conn.Close(websocket.StatusNormalClosure, ""))
	require.NoError(t, srv.Wait(t.Context(), 1))
}
