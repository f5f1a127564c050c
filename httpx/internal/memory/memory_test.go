package memory_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/scopetree/scope/httpx/internal/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestWhatIsWrittenIsReadInOrder(t *testing.T) {
	t.Parallel()
	client, server := memory.Pipe()
	sent := bytes.Repeat([]byte("0123456789"), 100_000) // many times the buffer
	go func() {
		client.Write(sent)
		client.Close()
	}()
	got, err := io.ReadAll(server)
	require.NoError(t, err)
	assert.Equal(t, sent, got)
	assert.NoError(t, server.Close())
}

func TestAWriteIsBuffered(t *testing.T) {
	t.Parallel()
	client, server := memory.Pipe()
	n, err := client.Write([]byte("hello")) // nobody reads
	require.NoError(t, err)
	assert.Equal(t, 5, n)
	client.Close()
	got, err := io.ReadAll(server)
	assert.NoError(t, err)
	assert.Equal(t, "hello", string(got), "what was written before the end")
}

func TestAWriteWaitsWhileTheBufferIsFull(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, server := memory.Pipe()
		written := 0
		go func() { written, _ = client.Write(make([]byte, 1<<20)) }()
		synctest.Wait()
		assert.Zero(t, written, "it waits, durably")
		_, err := io.ReadFull(server, make([]byte, 1<<20))
		assert.NoError(t, err)
		synctest.Wait()
		assert.Equal(t, 1<<20, written)
	})
}

func TestDeadlinesHoldForCallsThatWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, server := memory.Pipe()
		began := time.Now()
		require.NoError(t, client.SetReadDeadline(began.Add(time.Minute)))
		_, err := client.Read(make([]byte, 1))
		assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
		assert.Equal(t, time.Minute, time.Since(began))

		require.NoError(t, client.SetWriteDeadline(time.Now().Add(time.Minute)))
		n, err := client.Write(make([]byte, 1<<20))
		assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
		assert.Positive(t, n, "what went into the buffer counts")
		assert.Equal(t, 2*time.Minute, time.Since(began))

		go func() {
			time.Sleep(time.Minute)
			server.SetDeadline(time.Now()) // while a read waits
		}()
		_, err = io.Copy(io.Discard, server)
		assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.NoError(t, server.SetDeadline(time.Time{}))
		go server.Write([]byte("x"))
		require.NoError(t, client.SetDeadline(time.Time{}))
		_, err = client.Read(make([]byte, 1))
		assert.NoError(t, err, "a deadline can be taken back")
	})
}

func TestCloseEndsCallsThatWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, server := memory.Pipe()
		own, peers := make(chan error, 1), make(chan error, 1)
		go func() { _, err := client.Read(make([]byte, 1)); own <- err }()
		go func() { _, err := server.Read(make([]byte, 1)); peers <- err }()
		synctest.Wait()
		require.NoError(t, client.Close())
		require.NoError(t, client.Close(), "again")
		assert.ErrorIs(t, <-own, net.ErrClosed)
		assert.Equal(t, io.EOF, <-peers)
		_, err := server.Write([]byte("x"))
		assert.NoError(t, err, "the first is lost, as on a network")
		_, err = server.Write([]byte("x"))
		assert.ErrorIs(t, err, syscall.EPIPE)
		_, err = client.Write([]byte("x"))
		assert.ErrorIs(t, err, net.ErrClosed)
	})
}

func TestOneDirectionCanBeClosed(t *testing.T) {
	t.Parallel()
	client, server := memory.Pipe()
	require.NoError(t, client.CloseWrite())
	got, err := io.ReadAll(server)
	assert.NoError(t, err)
	assert.Empty(t, got)
	_, err = server.Write([]byte("answer"))
	require.NoError(t, err)
	server.Close()
	got, err = io.ReadAll(client)
	assert.NoError(t, err)
	assert.Equal(t, "answer", string(got))
}

func TestAResetIsReadBehindWhatHasArrived(t *testing.T) {
	t.Parallel()
	client, server := memory.Pipe()
	server.Write([]byte("half"))
	require.NoError(t, server.SetLinger(0))
	server.Close()
	got, err := io.ReadAll(client)
	assert.Equal(t, "half", string(got))
	assert.ErrorIs(t, err, syscall.ECONNRESET)
	var op *net.OpError
	require.ErrorAs(t, err, &op)
	assert.Equal(t, "read", op.Op)
	client.Close()
}

func TestAClosedServerServesNoConnection(t *testing.T) {
	t.Parallel()
	s := new(http.Server)
	s.Close()
	client, server := memory.Pipe()
	memory.Serve(s, server)
	_, err := client.Read(make([]byte, 1))
	assert.Equal(t, io.EOF, err)
	client.Close()
}

// This benchmark sends a request and its answer over one connection. It shows what a
// buffer is worth.
func BenchmarkPingPong(b *testing.B) {
	for name, pipe := range map[string]func() (net.Conn, net.Conn){
		"net.Pipe": net.Pipe,
		"memory":   func() (net.Conn, net.Conn) { c, s := memory.Pipe(); return c, s },
	} {
		b.Run(name, func(b *testing.B) {
			transport, server := &http.Transport{}, &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				io.WriteString(w, "ok")
			})}
			transport.DialContext = dialer(pipe, server)
			defer server.Close()
			defer transport.CloseIdleConnections()
			client := &http.Client{Transport: transport}
			for b.Loop() {
				resp, err := client.Get("http://api.test/")
				if err != nil {
					b.Fatal(err)
				}
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
		})
	}
}

func dialer(pipe func() (net.Conn, net.Conn), s *http.Server) func(context.Context, string, string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) {
		client, server := pipe()
		memory.Serve(s, server)
		return client, nil
	}
}
