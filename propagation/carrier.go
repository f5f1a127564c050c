package propagation

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Header is the name of the header that carries a token. It is in lower case, for
// carriers that distinguish cases.
const Header = "scope-context"

// A Carrier carries a token, such as a request's header or the properties of a message.
// It has the methods of OpenTelemetry's TextMapCarrier. If it also has a method
// Values(key string) []string, that is asked for all values.
type Carrier interface {
	Get(key string) string
	Set(key, value string)
	Keys() []string
}

// tokenIn returns the only token of a carrier, which may be empty, and false if there is
// none. In a carrier without Values, the name may be in any case, and it may be there
// several times, as in the headers of a Kafka record.
func tokenIn(c Carrier) (token string, ok bool, err error) {
	if c, ok := c.(interface{ Values(key string) []string }); ok {
		switch values := c.Values(Header); len(values) {
		case 0:
			return "", false, nil
		case 1:
			return values[0], true, nil
		}
		return "", false, ErrSeveral
	}
	found := ""
	for _, key := range c.Keys() {
		if !strings.EqualFold(key, Header) {
			continue
		}
		if found != "" {
			return "", false, ErrSeveral
		}
		found = key
	}
	if found == "" {
		return "", false, nil
	}
	return c.Get(found), true, nil
}

// A HeaderCarrier makes a [Carrier] of an http.Header.
type HeaderCarrier http.Header

// Get returns the first value of a header.
func (c HeaderCarrier) Get(key string) string { return http.Header(c).Get(key) }

// Set sets a header.
func (c HeaderCarrier) Set(key, value string) { http.Header(c).Set(key, value) }

// Keys returns the names of the headers.
func (c HeaderCarrier) Keys() []string { return slices.Collect(maps.Keys(c)) }

// Values returns all values of a header.
func (c HeaderCarrier) Values(key string) []string { return http.Header(c).Values(key) }

// A MapCarrier makes a [Carrier] of a map.
type MapCarrier map[string]string

// Get returns the value of a key.
func (c MapCarrier) Get(key string) string { return c[key] }

// Set sets the value of a key.
func (c MapCarrier) Set(key, value string) { c[key] = value }

// Keys returns the keys.
func (c MapCarrier) Keys() []string { return slices.Collect(maps.Keys(c)) }
