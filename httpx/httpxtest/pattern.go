package httpxtest

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// A pattern is a pattern of http.ServeMux with two additions. It may have a path that is
// not clean, which a mux would redirect. And a wildcard may be a part of a segment, as in
// "GET /v1/{id}:batch". A pattern has a mux, which gets a path without these.
type pattern struct {
	text   string
	method string // "" for all
	path   string // without method and host
	forMux string // the pattern in the mux
	mux    *http.ServeMux
	parts  []partial
	names  []string // the names of the wildcards
}

// A partial is a segment in which a wildcard is a part. In the mux, a wildcard stands for
// the whole segment.
type partial struct {
	wildcard string // the name of the mux's wildcard
	segment  *regexp.Regexp
}

// parsePattern parses a pattern that a test has written. reply returns the handler that
// answers a request.
func parsePattern(text string, reply func() http.Handler) (p *pattern, err error) {
	method, where, ok := strings.Cut(text, " ")
	if !ok {
		method, where = "", text
	}
	where = strings.TrimLeft(where, " \t")
	switch {
	case strings.Contains(text, "?"):
		return nil, fmt.Errorf("pattern %q: it has no query: use Expectation.Query", text)
	case strings.Contains(text, "://"):
		return nil, fmt.Errorf("pattern %q: it is a method and a path, not a URL", text)
	case method != strings.ToUpper(method):
		return nil, fmt.Errorf("pattern %q: methods are case-sensitive (RFC 9110 section 9.1): write %q", text, strings.ToUpper(method))
	}
	p = &pattern{text: text, method: method, mux: http.NewServeMux()}
	host := ""
	if slash := strings.Index(where, "/"); slash > 0 {
		host, where = where[:slash], where[slash:]
	}
	p.path = where
	plain, err := p.plain(where)
	if err != nil {
		return nil, fmt.Errorf("pattern %q: %w", text, err)
	}
	defer func() {
		if v := recover(); v != nil {
			why := strings.TrimPrefix(fmt.Sprint(v), fmt.Sprintf("parsing %q: ", p.forMux))
			err = fmt.Errorf("pattern %q: %s%s", text, why, p.advice())
		}
	}()
	p.forMux = strings.TrimLeft(method+" "+host+plain, " ")
	p.mux.Handle(p.forMux, &replier{p, reply})
	return p, nil
}

// advice returns what to write in place of a malformed pattern.
func (p *pattern) advice() string {
	if strings.ContainsAny(p.path, "{}") {
		return fmt.Sprintf("; if the braces are literal, write %q, or use Expectation.Path",
			strings.NewReplacer("{", "%7B", "}", "%7D").Replace(p.text))
	}
	return ""
}

var wildcards = regexp.MustCompile(`\{([^{}]*)\}`)

// plain returns the path of a pattern in a form that a mux takes.
func (p *pattern) plain(path string) (string, error) {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		whole := strings.HasPrefix(s, "{") && strings.HasSuffix(s, "}") && strings.Count(s, "{") == 1
		found := wildcards.FindAllStringSubmatchIndex(s, -1)
		for _, f := range found {
			name := strings.TrimSuffix(s[f[2]:f[3]], "...")
			if name != "$" {
				p.names = append(p.names, name)
			}
		}
		if whole || len(found) == 0 {
			segments[i] = s
			continue
		}
		expression, at := "^", 0
		for _, f := range found {
			name := s[f[2]:f[3]]
			if !token.MatchString(name) {
				return "", fmt.Errorf("bad wildcard name %q%s", name, p.advice())
			}
			expression += quoted(s[at:f[0]]) + "(?P<" + name + ">[^/]+)"
			at = f[1]
		}
		re, err := regexp.Compile(expression + quoted(s[at:]) + "$")
		if err != nil {
			return "", err
		}
		p.parts = append(p.parts, partial{fmt.Sprintf("partial%d_", i), re})
		segments[i] = "{" + p.parts[len(p.parts)-1].wildcard + "}"
	}
	return cleaned(strings.Join(segments, "/")), nil
}

var token = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// quoted returns an expression for a literal part of a segment, as it is after decoding.
func quoted(s string) string {
	if plain, err := url.PathUnescape(s); err == nil {
		s = plain
	}
	return regexp.QuoteMeta(s)
}

// standIns replace the segments that a mux would clean away. They are characters of
// Unicode's private use area, percent-encoded.
var standIns = map[string]string{"": "%EE%80%80", ".": "%EE%80%81", "..": "%EE%80%82"}

// cleaned returns an escaped path with stand-ins.
func cleaned(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if in, ok := standIns[s]; ok && i > 0 && (s != "" || i < len(segments)-1) {
			segments[i] = in
		}
	}
	return strings.Join(segments, "/")
}

// original undoes cleaned in a decoded path, or in a part of one.
var original = strings.NewReplacer("\uE000", "", "\uE001", ".", "\uE002", "..").Replace

// asked returns a copy of a request for the mux.
func (p *pattern) asked(r *http.Request) *http.Request {
	escaped := cleaned(r.URL.EscapedPath())
	if !strings.HasPrefix(escaped, "/") {
		escaped = "/" + escaped // the path of a CONNECT is empty, or "*"
	}
	if escaped == r.URL.EscapedPath() && r.Method != http.MethodConnect {
		return r
	}
	out, u := *r, *r.URL
	u.RawPath = escaped
	u.Path, _ = url.PathUnescape(escaped)
	if r.Method == http.MethodConnect {
		u.Host = r.Host // for a CONNECT, a mux takes the host from the URL
	}
	out.URL = &u
	return &out
}

// takes reports whether the pattern takes a request. If redirects is true, a mux would
// send the client to the same path with a slash at its end.
func (p *pattern) takes(r *http.Request) (yes, redirects bool) {
	asked := p.asked(r)
	h, found := p.mux.Handler(asked)
	if found == "" {
		return false, false
	}
	rep, ok := h.(*replier)
	if !ok {
		return false, true
	}
	if len(p.parts) == 0 {
		return true, false
	}
	matched := false
	probe := *asked
	p.mux.ServeHTTP(nil, probe.WithContext(withProbe(r.Context(), func(found *http.Request) { matched = rep.p.fits(found) })))
	return matched, false
}

// fits reports whether the segments of a path match the pattern's partial segments.
func (p *pattern) fits(r *http.Request) bool {
	for _, part := range p.parts {
		if !part.segment.MatchString(r.PathValue(part.wildcard)) {
			return false
		}
	}
	return true
}

// serve answers a request: the mux calls the reply.
func (p *pattern) serve(w http.ResponseWriter, r *http.Request) { p.mux.ServeHTTP(w, p.asked(r)) }

// A replier is the handler in an expectation's mux. It is a pointer, so that it differs
// from the handler with which a mux redirects.
type replier struct {
	p     *pattern
	reply func() http.Handler
}

func (rep *replier) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if probe := probeOf(r.Context()); probe != nil {
		probe(r)
		return
	}
	for _, part := range rep.p.parts {
		m := part.segment.FindStringSubmatch(r.PathValue(part.wildcard))
		for i, name := range part.segment.SubexpNames() {
			if i > 0 && m != nil {
				r.SetPathValue(name, m[i])
			}
		}
	}
	for _, name := range rep.p.names {
		if v := r.PathValue(name); v != original(v) {
			r.SetPathValue(name, original(v))
		}
	}
	if plain := original(r.URL.Path); plain != r.URL.Path {
		u := *r.URL
		u.Path, u.RawPath = plain, uncleaned(u.EscapedPath())
		r.URL = &u
	}
	rep.reply().ServeHTTP(w, r)
}

// uncleaned undoes cleaned in an escaped path.
func uncleaned(path string) string {
	for segment, in := range standIns {
		path = strings.ReplaceAll(path, in, segment)
	}
	return path
}
