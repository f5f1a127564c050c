package httpxtest

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// mostUnpacked is how much of a body in gzip is unpacked: a few KiB can be many GiB.
const mostUnpacked = 64 << 20

// gzipped says whether a request says that its body is in gzip.
func gzipped(r *http.Request) bool {
	coding := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding")))
	return coding == "gzip" || coding == "x-gzip" // RFC 9110 section 8.4.1.3
}

// content returns a body without its gzip encoding, as it is if it has none.
func content(r *http.Request, body []byte) ([]byte, error) {
	if !gzipped(r) {
		return body, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err == nil {
		body, err = io.ReadAll(io.LimitReader(z, mostUnpacked+1))
	}
	if err == nil && len(body) > mostUnpacked {
		err = errors.New("it is more than 64 MiB when unpacked")
	}
	if err != nil {
		return nil, fmt.Errorf("the body is not gzip, as its Content-Encoding says: %w", err)
	}
	return body, nil
}

// shown is a body in an error, which says so where it was unpacked first. A multipart
// body is shown by its parts.
func shown(r *http.Request, body []byte) string {
	plain, err := content(r, body)
	if err != nil {
		return fmt.Sprintf("%s; %v", excerpt(body), err)
	}
	text := excerpt(plain)
	if boundary(r.Header) != "" {
		if parts, err := readParts(r.Header, plain); err == nil {
			text = block(parts)
		}
	}
	if gzipped(r) {
		text = "gzip of " + text
	}
	return text
}
