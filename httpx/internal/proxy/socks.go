package proxy

import (
	"bytes"
	"errors"
	"io"
)

// socks does the server's part of a SOCKS5 handshake with a user name and a
// password (RFC 1928, RFC 1929). It fails if admit refuses the user. It ignores the
// address in the client's CONNECT, because the password holds the URL's host.
func socks(conn io.ReadWriter, admit func(user string) error) (user, password string, err error) {
	const version, byPassword, succeeded, failed = 5, 2, 0, 1
	r := reader{r: conn}
	r.expect(version)
	methods := r.bytes(r.byte())
	if r.err == nil && !bytes.Contains(methods, []byte{byPassword}) {
		conn.Write([]byte{version, 0xff})
		r.err = errors.New("httpx: the client does not say who it is")
	}
	r.answer(conn, version, byPassword)

	r.expect(1) // RFC 1929's own version
	user = string(r.bytes(r.byte()))
	password = string(r.bytes(r.byte()))
	if r.err == nil {
		if r.err = admit(user); r.err != nil {
			conn.Write([]byte{1, failed})
		}
	}
	r.answer(conn, 1, succeeded)

	r.expect(version, 1, 0) // CONNECT
	switch length := 0; r.byte() {
	case 1:
		r.bytes(4)
	case 4:
		r.bytes(16)
	default:
		length = r.byte()
		r.bytes(length)
	}
	r.bytes(2) // the port
	r.answer(conn, version, succeeded, 0, 1, 0, 0, 0, 0, 0, 0)
	return user, password, r.err
}

// A reader reads until the first error.
type reader struct {
	r   io.Reader
	err error
}

func (r *reader) bytes(n int) []byte {
	b := make([]byte, n)
	if r.err == nil {
		_, r.err = io.ReadFull(r.r, b)
	}
	return b
}

func (r *reader) byte() int { return int(r.bytes(1)[0]) }

func (r *reader) expect(want ...byte) {
	if got := r.bytes(len(want)); r.err == nil && !bytes.Equal(got, want) {
		r.err = errors.New("httpx: the client does not speak SOCKS5")
	}
}

// answer writes b, unless there was an error.
func (r *reader) answer(w io.Writer, b ...byte) {
	if r.err == nil {
		_, r.err = w.Write(b)
	}
}
