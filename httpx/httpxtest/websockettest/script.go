// Package websockettest has a reply for package httpxtest that speaks
// WebSocket: frames in a fixed order.
//
//	srv := httpxtest.Mock(t, "stream.example.com")
//	srv.Expect("GET /ws").Reply(websockettest.Script(
//		websockettest.Receive(`{"subscribe":"prices"}`),
//		websockettest.Send(`{"price":1}`),
//		websockettest.Close(websocket.StatusNormalClosure, "done"),
//	))
//
// It is a module of its own, so that only its users get
// github.com/coder/websocket.
package websockettest

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/coder/websocket"
)

// A Step is one frame of a [Script], received or sent.
type Step struct {
	what string
	do   func(context.Context, *websocket.Conn) error
}

// Receive is a text frame that the client must send next.
func Receive(want string) Step {
	return Step{fmt.Sprintf("receive %q", want), func(ctx context.Context, c *websocket.Conn) error {
		_, got, err := c.Read(ctx)
		if err != nil {
			return err
		}
		if string(got) != want {
			return fmt.Errorf("got %q", got)
		}
		return nil
	}}
}

// ReceiveFunc is a frame that the client must send next, and check must accept.
func ReceiveFunc(check func(websocket.MessageType, []byte) error) Step {
	return Step{"receive", func(ctx context.Context, c *websocket.Conn) error {
		kind, got, err := c.Read(ctx)
		if err != nil {
			return err
		}
		return check(kind, got)
	}}
}

// Send is a text frame for the client.
func Send(text string) Step {
	return Step{fmt.Sprintf("send %q", text), func(ctx context.Context, c *websocket.Conn) error {
		return c.Write(ctx, websocket.MessageText, []byte(text))
	}}
}

// SendBinary is a binary frame for the client.
func SendBinary(data []byte) Step {
	return Step{fmt.Sprintf("send %d bytes", len(data)), func(ctx context.Context, c *websocket.Conn) error {
		return c.Write(ctx, websocket.MessageBinary, data)
	}}
}

// Close is the end, from the server's side. Without it the script waits for
// the client to close.
func Close(code websocket.StatusCode, reason string) Step {
	return Step{"close", func(_ context.Context, c *websocket.Conn) error { return c.Close(code, reason) }}
}

// Script returns a reply that accepts a WebSocket connection and takes the
// steps in order. A step that goes otherwise panics, which makes the
// server of package httpxtest fail its test and name the step.
func Script(steps ...Step) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true}) // any Origin: it is a fake
		if err != nil {
			panic(fmt.Sprintf("websockettest: %v", err))
		}
		defer conn.CloseNow()
		closed := false
		for i, s := range steps {
			if err := s.do(r.Context(), conn); err != nil {
				panic(fmt.Sprintf("websockettest: step %d of %d, %s: %v", i+1, len(steps), s.what, err))
			}
			closed = s.what == "close"
		}
		if closed {
			return
		}
		_, got, err := conn.Read(r.Context())
		var bye websocket.CloseError
		switch {
		case err == nil:
			panic(fmt.Sprintf("websockettest: after the last step: got %q, want the client to close", got))
		case !errors.As(err, &bye):
			panic(fmt.Sprintf("websockettest: after the last step: %v, want the client to close", err))
		}
	})
}
