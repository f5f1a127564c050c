package httpxtest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Form makes the expectation one for requests whose body is a form that has this
// value under the name, among others. The form may be urlencoded, or multipart,
// where the value is a part's whole content, that of a file too.
func (e *Expectation) Form(name, value string) *Expectation {
	return e.checkBody(func(r *http.Request, body []byte) error {
		form, err := parseForm(r, body)
		if err != nil {
			return fmt.Errorf("form %s: want %q, but %w", name, value, err)
		}
		if got, ok := form[name]; ok || len(form) == 0 {
			return oneOf("form "+name, got, value)
		}
		return fmt.Errorf("form %s: want %q, got none; the form has %s", name, value, strings.Join(slices.Sorted(maps.Keys(form)), ", "))
	})
}

// parseForm reads a body by its Content-Type.
func parseForm(r *http.Request, body []byte) (url.Values, error) {
	contentType := r.Header.Get("Content-Type")
	kind, params, err := mime.ParseMediaType(contentType)
	switch {
	case err != nil:
		return nil, fmt.Errorf("the Content-Type is %q", contentType)
	case kind == "application/x-www-form-urlencoded":
		return lenient(string(content(r, body))), nil
	case !strings.HasPrefix(kind, "multipart/"):
		return nil, fmt.Errorf("the body is no form: its Content-Type is %q", contentType)
	}
	form := url.Values{}
	parts := multipart.NewReader(bytes.NewReader(content(r, body)), params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			return form, nil
		}
		if err != nil {
			return nil, fmt.Errorf("the multipart body is malformed: %w", err)
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return nil, fmt.Errorf("the multipart body is malformed: %w", err)
		}
		form.Add(part.FormName(), string(value))
	}
}

// content returns a body without its gzip encoding, as it is if it has none.
func content(r *http.Request, body []byte) []byte {
	if !strings.EqualFold(r.Header.Get("Content-Encoding"), "gzip") {
		return body
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return body
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		return body
	}
	return plain
}

// lenient parses a query or a form as url.ParseQuery does, but keeps what that drops:
// pairs with a semicolon, or with an escape that is none.
func lenient(query string) url.Values {
	values := url.Values{}
	unescape := func(s string) string {
		if plain, err := url.QueryUnescape(s); err == nil {
			return plain
		}
		return s
	}
	for pair := range strings.SplitSeq(query, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		values.Add(unescape(name), unescape(value))
	}
	return values
}
