package httpxtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/stretchr/testify/assert"
)

// A check is a condition beyond the pattern.
type check struct {
	what      string // the condition in lists of routes
	needsBody bool
	fails     func(r *http.Request, body []byte) error
}

// Query makes the expectation take only requests whose query has this value under the
// name. It may have more values.
func (e *Expectation) Query(name, value string) *Expectation {
	return e.check(equal("query "+name+"=", value), func(r *http.Request, _ []byte) error {
		return oneOf("query "+name, lenient(r.URL.RawQuery)[name], value)
	})
}

// QueryMatch is [Expectation.Query] for a value that re matches.
func (e *Expectation) QueryMatch(name string, re *regexp.Regexp) *Expectation {
	e.server.t.Helper()
	e.needs("QueryMatch", "an expression", re == nil)
	return e.check("query "+name+" matching "+quotedRegexp(re), func(r *http.Request, _ []byte) error {
		return oneMatches("query "+name, lenient(r.URL.RawQuery)[name], re)
	})
}

// Path makes the expectation take only requests whose path re matches. The path is
// percent-decoded, and not cleaned. Path narrows the pattern, which may be "/" for all
// paths. To match a path literally, use regexp.QuoteMeta.
func (e *Expectation) Path(re *regexp.Regexp) *Expectation {
	e.server.t.Helper()
	e.needs("Path", "an expression", re == nil)
	return e.check("path matching "+quotedRegexp(re), func(r *http.Request, _ []byte) error {
		if re.MatchString(r.URL.Path) {
			return nil
		}
		return fmt.Errorf("the path, %q when decoded, does not match %s", r.URL.Path, quotedRegexp(re))
	})
}

// Header makes the expectation take only requests that have the header field with this
// value. The field may have more values.
func (e *Expectation) Header(name, value string) *Expectation {
	return e.check(equalField("header "+name+"=", name, value), func(r *http.Request, _ []byte) error {
		got := headerOf(r, name)
		if !secret(name) || slices.Contains(got, value) {
			return oneOf("header "+name, got, value)
		}
		if len(got) == 0 {
			return fmt.Errorf("header %s: want %s, got none", name, redacted)
		}
		return fmt.Errorf("header %s: want %s, got another %s", name, redacted, redacted)
	})
}

// HeaderMatch is [Expectation.Header] for a value that re matches.
func (e *Expectation) HeaderMatch(name string, re *regexp.Regexp) *Expectation {
	e.server.t.Helper()
	e.needs("HeaderMatch", "an expression", re == nil)
	return e.check("header "+name+" matching "+quotedRegexp(re), func(r *http.Request, _ []byte) error {
		err := oneMatches("header "+name, headerOf(r, name), re)
		if err != nil && secret(name) {
			return fmt.Errorf("header %s: want a match for %s, got %s", name, quotedRegexp(re), redacted)
		}
		return err
	})
}

// headerOf returns the values of a header field as the client sent it. Package http
// removes some fields from the header and keeps them elsewhere.
func headerOf(r *http.Request, name string) []string {
	switch http.CanonicalHeaderKey(name) {
	case "Host":
		return []string{r.Host}
	case "Transfer-Encoding":
		return r.TransferEncoding
	case "Trailer":
		return slices.Sorted(maps.Keys(r.Trailer))
	}
	return r.Header.Values(name)
}

// Body makes the expectation take only requests with exactly this body.
func (e *Expectation) Body(want string) *Expectation {
	return e.checkBody(equal("body ", want), func(r *http.Request, body []byte) error {
		switch {
		case string(body) == want:
			return nil
		case gzipped(r) || boundary(r.Header) != "":
			return fmt.Errorf("the body differs: want %s, got %s", excerpt([]byte(want)), shown(r, body))
		}
		return fmt.Errorf("the body differs%s", difference(want, string(body)))
	})
}

// BodyContains makes the expectation take only requests whose body contains part.
func (e *Expectation) BodyContains(part string) *Expectation {
	return e.checkBody(equal("body containing ", part), func(r *http.Request, body []byte) error {
		if bytes.Contains(body, []byte(part)) {
			return nil
		}
		return fmt.Errorf("the body does not contain %q: got %s", part, shown(r, body))
	})
}

// BodyMatch makes the expectation take only requests whose body re matches.
func (e *Expectation) BodyMatch(re *regexp.Regexp) *Expectation {
	e.server.t.Helper()
	e.needs("BodyMatch", "an expression", re == nil)
	return e.checkBody("body matching "+quotedRegexp(re), func(r *http.Request, body []byte) error {
		if re.Match(body) {
			return nil
		}
		return fmt.Errorf("the body does not match %s: got %s", quotedRegexp(re), shown(r, body))
	})
}

// JSONBody makes the expectation take only requests whose body is JSON equal to want: a
// string or []byte of JSON, or a value to encode. Order and space do not count. A body
// in gzip is unpacked first.
func (e *Expectation) JSONBody(want any) *Expectation {
	e.server.t.Helper()
	wanted, err := decodeJSON(want)
	if err != nil {
		what := "the wanted value can't be encoded"
		if text, ok := jsonText(want); ok {
			what = "the wanted " + excerpt(text) + " is not JSON"
		}
		e.server.t.Fatalf("httpxtest: %s: %s: JSONBody: %s: %v", e.server.name, e.name(), what, err)
	}
	text := compact(wanted)
	what := "JSON body " + prefix(text, mostOfCondition)
	if len(text) > mostOfCondition {
		what += "…"
	}
	return e.checkBody(what, func(r *http.Request, body []byte) error {
		plain, err := content(r, body)
		if err != nil {
			return err
		}
		got, err := decode(plain)
		switch {
		case err != nil && boundary(r.Header) != "":
			return fmt.Errorf("the body is not JSON: got %s", shown(r, body))
		case err != nil:
			return fmt.Errorf("the body is not JSON: got %s: %w", shown(r, body), err)
		}
		if !assert.ObjectsAreEqual(wanted, got) {
			unpacked := ""
			if gzipped(r) {
				unpacked = ", unpacked from gzip,"
			}
			return fmt.Errorf("the body%s differs%s", unpacked, differenceInJSON(wanted, got, max(len(text), len(plain))))
		}
		return nil
	})
}

// Match makes the expectation take only requests for which f returns nil. The report
// shows f's error. f may read the request's body. It runs on the goroutine of the
// request. It is also called for requests that another route takes.
func (e *Expectation) Match(f func(*http.Request) error) *Expectation {
	e.server.t.Helper()
	e.needs("Match", "a function", f == nil)
	return e.checkBody("Match", func(r *http.Request, body []byte) error {
		r = r.Clone(r.Context())
		r.Body = nopCloser{bytes.NewReader(body)}
		return f(r)
	})
}

func (e *Expectation) check(what string, f func(*http.Request, []byte) error) *Expectation {
	return e.change(func() { e.checks = append(e.checks, check{what, false, f}) })
}

func (e *Expectation) checkBody(what string, f func(*http.Request, []byte) error) *Expectation {
	return e.change(func() { e.checks = append(e.checks, check{what, true, f}) })
}

// mostOfCondition is the number of bytes that a list of routes shows of a value.
const mostOfCondition = 40

// equal returns a condition for a list of routes.
func equal(what, value string) string { return what + beginning(value, mostOfCondition) }

// equalField is equal for a field of a header or a form, which may carry a secret.
func equalField(what, name, value string) string {
	if secret(name) {
		return what + redacted
	}
	return equal(what, value)
}

// quotedRegexp returns an expression as Go code would quote it.
func quotedRegexp(re *regexp.Regexp) string {
	if s := re.String(); strconv.CanBackquote(s) {
		return "`" + s + "`"
	}
	return strconv.Quote(re.String())
}

// oneOf returns an error if want is not among got.
func oneOf(what string, got []string, want string) error {
	for _, v := range got {
		if v == want {
			return nil
		}
	}
	if len(got) == 0 {
		return fmt.Errorf("%s: want %q, got none", what, want)
	}
	quoted := make([]string, len(got))
	for i, v := range got {
		quoted[i] = quotedAround(v, firstDifference(want, v))
	}
	return fmt.Errorf("%s: want %s, got %s", what, quotedAround(want, firstDifference(want, got[0])), strings.Join(quoted, ", "))
}

// oneMatches returns an error if re matches none of got.
func oneMatches(what string, got []string, re *regexp.Regexp) error {
	if slices.ContainsFunc(got, re.MatchString) {
		return nil
	}
	if len(got) == 0 {
		return fmt.Errorf("%s: want a match for %s, got none", what, quotedRegexp(re))
	}
	quoted := make([]string, len(got))
	for i, v := range got {
		quoted[i] = excerpt([]byte(v))
	}
	return fmt.Errorf("%s: want a match for %s, got %s", what, quotedRegexp(re), strings.Join(quoted, ", "))
}

// decodeJSON returns the decoded form of a JSON text, or of the encoding of any other
// value.
func decodeJSON(v any) (any, error) {
	text, ok := jsonText(v)
	if !ok {
		var err error
		if text, err = json.Marshal(v); err != nil {
			return nil, err
		}
	}
	return decode(text)
}

// jsonText returns a value that is itself a JSON text, and false for any other value.
func jsonText(v any) ([]byte, bool) {
	switch v := v.(type) {
	case string:
		return []byte(v), true
	case []byte:
		return v, true
	case json.RawMessage:
		return v, true
	}
	return nil, false
}

// decode decodes a JSON text. Numbers keep all their digits.
func decode(b []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("more than one value")
	}
	return plainNumbers(v), nil
}

// plainNumbers gives equal numbers the same text: 1.0 and 10e-1 become 1. Integers keep
// all their digits.
func plainNumbers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = plainNumbers(v[k])
		}
	case []any:
		for i := range v {
			v[i] = plainNumbers(v[i])
		}
	case json.Number:
		if !strings.ContainsAny(v.String(), ".eE") {
			return v
		}
		if f, err := v.Float64(); err == nil {
			format := byte('g')
			if f == math.Trunc(f) && math.Abs(f) < 1<<53 {
				format = 'f'
			}
			return json.Number(strconv.FormatFloat(f, format, -1, 64))
		}
	}
	return v
}
