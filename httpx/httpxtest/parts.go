package httpxtest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"unicode/utf8"
)

// A part is one part of a multipart body.
type part struct {
	name, file, contentType string
	value                   string
}

// boundary returns the boundary of a multipart body, or "" for any other body.
func boundary(h http.Header) string {
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(kind, "multipart/") {
		return ""
	}
	return params["boundary"]
}

// readParts reads a multipart body. If it returns an error, it also returns the parts
// before the error.
func readParts(h http.Header, body []byte) (parts []part, err error) {
	b := boundary(h)
	if b == "" {
		return nil, errors.New("the multipart body's Content-Type has no boundary")
	}
	reader := multipart.NewReader(bytes.NewReader(body), b)
	for {
		p, err := reader.NextRawPart()
		if err == io.EOF {
			return parts, nil
		}
		if err != nil {
			return parts, fmt.Errorf("the multipart body is malformed: %w", err)
		}
		value, err := io.ReadAll(p)
		if err != nil {
			return parts, fmt.Errorf("the multipart body is malformed: %w", err)
		}
		parts = append(parts, part{p.FormName(), p.FileName(), p.Header.Get("Content-Type"), string(value)})
	}
}

// String returns the part's name, and its value if that is a short text. It shows no
// file.
func (p part) String() string {
	var b strings.Builder
	if token.MatchString(p.name) {
		b.WriteString(p.name + ": ")
	} else {
		fmt.Fprintf(&b, "%q: ", p.name)
	}
	if p.file != "" {
		fmt.Fprintf(&b, "file %q, ", p.file)
	}
	if p.contentType != "" {
		fmt.Fprintf(&b, "%s, ", plainHeader(p.contentType))
	}
	switch {
	case secret(p.name):
		b.WriteString(redacted)
	case p.file == "" && len(p.value) <= mostOfValue && readable(p.value):
		fmt.Fprintf(&b, "%q", p.value)
	default:
		fmt.Fprintf(&b, "%d bytes", len(p.value))
	}
	return b.String()
}

// mostOfValue is the length up to which a value is shown.
const mostOfValue = 120

// readable reports whether a text is UTF-8 without control characters other than white
// space.
func readable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f
	})
}

// mostParts is the largest number of parts that a report lists.
const mostParts = 20

// plainHeader returns a header's value. It quotes the value if a report can't show it as
// it is.
func plainHeader(v string) string {
	if readable(v) && len(v) <= mostOfValue {
		return v
	}
	return excerpt([]byte(v))
}

// listed returns a line for each part, up to mostParts.
func listed(parts []part) []string {
	var list []string
	for i, p := range parts {
		if i == mostParts {
			return append(list, fmt.Sprintf("and %d others", len(parts)-i))
		}
		list = append(list, p.String())
	}
	return list
}

// block returns a multipart body as a list of its parts.
func block(parts []part) string {
	if len(parts) == 0 {
		return "a multipart body with no parts"
	}
	return "a multipart body with these parts:\n    " + strings.Join(listed(parts), "\n    ")
}

// parts returns a multipart request's body in one line, as far as it was read. It returns
// "" for any other request.
func (r *Request) parts() string {
	if boundary(r.Header) == "" || r.recorder == nil {
		return ""
	}
	body := r.recorder.bytes()
	if len(body) == 0 {
		return ""
	}
	what := "multipart"
	if gzipped(&http.Request{Header: r.Header}) {
		plain, err := content(&http.Request{Header: r.Header}, body)
		if err != nil {
			return ", " + what + ", " + err.Error()
		}
		what, body = "gzip of multipart", plain
	}
	parts, err := readParts(r.Header, body)
	list := listed(parts)
	switch {
	case err != nil && len(body) >= mostKept:
		list = append(list, "and more, which the journal does not keep")
	case err != nil:
		list = append(list, err.Error())
	case len(list) == 0:
		list = []string{"no parts"}
	}
	return ", " + what + " (" + strings.Join(list, "; ") + ")"
}
