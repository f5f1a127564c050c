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

// mostUnpacked is the most that is unpacked of a body in gzip, because a few KiB can hold
// many GiB.
const mostUnpacked = 64 << 20

// gzipped reports whether the header of a request says that its body is in gzip.
func gzipped(r *http.Request) bool {
	coding := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding")))
	return coding == "gzip" || coding == "x-gzip" // RFC 9110 section 8.4.1.3
}

// content returns a body without its gzip encoding. It returns any other body unchanged.
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
		return nil, fmt.Errorf("the body has Content-Encoding gzip and can't be unpacked: %w", err)
	}
	return body, nil
}

// shown returns a body for an error. It says so if it had to unpack the body. It lists
// the parts of a multipart body.
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
