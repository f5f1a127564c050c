package address

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// ParseTarget parses the URL of a route's target.
func ParseTarget(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case !strings.Contains(raw, "://"):
		err = errors.New("missing scheme")
	case err != nil && strings.Contains(raw, "@"):
		err = errors.New("malformed") // package url's error may quote a password
	case err != nil:
		err = err.(*url.Error).Err
	case u.Scheme != "http" && u.Scheme != "https":
		err = fmt.Errorf("scheme %q is not http or https", u.Scheme)
	case u.Hostname() == "":
		err = errors.New("missing host")
	case u.User != nil:
		err = errors.New("has a user name: send credentials in a header")
	case u.RawQuery != "" || u.ForceQuery:
		err = errors.New("has a query")
	case u.Fragment != "" || strings.Contains(raw, "#"):
		err = errors.New("has a fragment")
	default:
		if err = checkPort(u.Port()); err == nil {
			_, err = toASCII(u.Hostname())
		}
	}
	if err != nil {
		return nil, fmt.Errorf("target %q: %w", HideUser(raw), err)
	}
	return u, nil
}

// checkPort returns an error if port is neither empty nor a port number.
func checkPort(port string) error {
	if _, err := strconv.ParseUint(port, 10, 16); port != "" && err != nil {
		return fmt.Errorf("port %q is not in 0 to 65535", port)
	}
	return nil
}

// HideUser hides the user and password in a URL. The URL may be malformed.
func HideUser(raw string) string {
	authority := strings.Index(raw, "://") + len("://")
	if authority < len("://") {
		authority = 0
	}
	if at := strings.LastIndex(raw, "@"); at >= authority {
		return raw[:authority] + "xxxxx" + raw[at:]
	}
	return raw
}

// Rewrite sets out to u's URL at target: the target's scheme and host, u's path
// appended to the target's path, and u's query. It keeps every escape.
func Rewrite(out, u, target *url.URL) error {
	*out = *u
	if u.Opaque != "" {
		path, err := parseOpaque(u)
		if err != nil {
			return err
		}
		out.Opaque, out.Path, out.RawPath = "", path.Path, path.RawPath
	}
	out.Scheme, out.Host = target.Scheme, target.Host
	out.Path, out.RawPath = join(target, out)
	return nil
}

// join joins two paths with one slash. If one is empty, the result is the other. join
// works on the escaped paths and cleans neither: "/a%2Fb", "//a" and "/a/../b" are
// valid paths.
func join(a, b *url.URL) (path, rawPath string) {
	if a.RawPath == "" && b.RawPath == "" && (a.Path == "" || strings.HasPrefix(b.Path, "/")) {
		return slashed(a.Path, b.Path), "" // both have package url's default escapes
	}
	rawPath = slashed(a.EscapedPath(), b.EscapedPath())
	path, _ = url.PathUnescape(rawPath) // EscapedPath's escapes are well-formed
	return path, rawPath
}

func slashed(a, b string) string {
	switch {
	case a == "" || b == "":
		return a + b
	case strings.HasSuffix(a, "/") && strings.HasPrefix(b, "/"):
		return a + b[1:]
	case strings.HasSuffix(a, "/") || strings.HasPrefix(b, "/"):
		return a + b
	}
	return a + "/" + b
}

// parseOpaque returns the path of a URL whose Opaque gives the form of the request
// line, "//host/path". It fails if the path would be escaped differently.
func parseOpaque(u *url.URL) (*url.URL, error) {
	fail := fmt.Errorf("opaque URL %q can't be routed", u.Opaque)
	rest, ok := strings.CutPrefix(u.Opaque, "//"+u.Host)
	if !ok || rest != "" && rest[0] != '/' || strings.ContainsAny(rest, "?#") {
		return nil, fail
	}
	path, err := url.PathUnescape(rest)
	if err != nil {
		return nil, fail
	}
	parsed := &url.URL{Path: path, RawPath: rest}
	if parsed.EscapedPath() != rest {
		return nil, fail
	}
	return parsed, nil
}
