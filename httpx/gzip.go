package httpx

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
)

// net/http's transport asks for gzip on its own account, and hands out what it
// has unpacked. Without that a handler which compresses would give the client
// other bytes in memory than over a socket.

// asksForGzip says whether the transport, not the client, asks for gzip.
func asksForGzip(req *http.Request) bool {
	return req.Header.Get("Accept-Encoding") == "" && req.Header.Get("Range") == "" && req.Method != http.MethodHead
}

// unpack makes a gzipped response one that never was.
func unpack(resp *http.Response) {
	if resp.Body == http.NoBody || !strings.EqualFold(resp.Header.Get("Content-Encoding"), "gzip") {
		return
	}
	resp.Header.Del("Content-Encoding")
	resp.Header.Del("Content-Length")
	resp.ContentLength = -1
	resp.Uncompressed = true
	resp.Body = &gunzip{packed: resp.Body}
}

// A gunzip unpacks a body while it is read.
type gunzip struct {
	packed io.ReadCloser
	reader *gzip.Reader // nil before the first Read
	err    error        // why there is none
}

func (g *gunzip) Read(p []byte) (int, error) {
	if g.reader == nil && g.err == nil {
		g.reader, g.err = gzip.NewReader(g.packed)
	}
	if g.err != nil {
		return 0, g.err
	}
	return g.reader.Read(p)
}

func (g *gunzip) Close() error { return g.packed.Close() }
