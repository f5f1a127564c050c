package httpxtest

import (
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Form makes the expectation take only requests whose body is a form that has this
// value under the name. It may have more values. The form may be urlencoded or
// multipart. In a multipart form the value is a part's whole content, also for a file. A
// body in gzip is unpacked first.
func (e *Expectation) Form(name, value string) *Expectation {
	return e.checkBody(equalField("form field "+strconv.Quote(name)+"=", name, value), func(r *http.Request, body []byte) error {
		form, parts, err := parseForm(r, body)
		if err != nil {
			want := strconv.Quote(value)
			if secret(name) {
				want = redacted
			}
			return fmt.Errorf("form field %q: want %s, got no form: %w", name, want, err)
		}
		got, ok := form[name]
		switch {
		case slices.Contains(got, value):
			return nil
		case secret(name) && ok:
			return fmt.Errorf("form field %q: want %s, got another %s", name, redacted, redacted)
		case secret(name):
			return fmt.Errorf("form field %q: want %s, got none", name, redacted)
		case parts != nil && slices.ContainsFunc(got, func(v string) bool { return !readable(v) }):
			return fmt.Errorf("form field %q: want %s, got a binary value of %d bytes; the form is %s", name, quotedAround(value, 0), len(got[0]), block(parts))
		case parts != nil:
			return fmt.Errorf("%w; the form is %s", oneOf("form field "+strconv.Quote(name), got, value), block(parts))
		case ok || len(form) == 0:
			return oneOf("form field "+strconv.Quote(name), got, value)
		}
		return fmt.Errorf("form field %q: want %q, got none; the form has %s", name, value, strings.Join(slices.Sorted(maps.Keys(form)), ", "))
	})
}

// parseForm reads a body by its Content-Type. Only a multipart body has parts.
func parseForm(r *http.Request, body []byte) (url.Values, []part, error) {
	contentType := r.Header.Get("Content-Type")
	kind, _, err := mime.ParseMediaType(contentType)
	form := kind == "application/x-www-form-urlencoded"
	if err != nil || !form && !strings.HasPrefix(kind, "multipart/") {
		return nil, nil, fmt.Errorf("the Content-Type is %q", contentType)
	}
	plain, err := content(r, body)
	if err != nil {
		return nil, nil, err
	}
	if form {
		return lenient(string(plain)), nil, nil
	}
	parts, err := readParts(r.Header, plain)
	if err != nil {
		return nil, nil, err
	}
	values := url.Values{}
	for _, p := range parts {
		values.Add(p.name, p.value)
	}
	return values, parts, nil
}

// lenient parses a query or a form as url.ParseQuery does. But it keeps what
// url.ParseQuery drops: pairs with a semicolon, or with a malformed escape.
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
