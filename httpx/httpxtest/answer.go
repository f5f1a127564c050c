package httpxtest

import (
	"net/http"
	"slices"
)

// ServeHTTP answers as the test declared. It is the server's handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	entry, own := newRequest(r)
	defer func() { r.MultipartForm = own.MultipartForm }() // the server removes its form files
	r = own
	s.mu.Lock()
	s.inFlight++
	s.journal = append(s.journal, entry)
	s.mu.Unlock()
	var route *Expectation
	failed := true // until the handler returns: it may also panic, or leave by t.FailNow
	defer func() { s.answered(w, entry, route, failed, recover()) }()

	h := http.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var why string
		if route, why = s.take(r, entry); route == nil {
			http.Error(w, why, http.StatusNotImplemented)
			return
		}
		route.pattern.serve(w, r)
	}))
	for _, m := range slices.Backward(s.middlewares()) {
		h = m(h)
	}
	h.ServeHTTP(w, r)
	failed = false
}

// answered completes the journal entry of a request. If failed is true, the reply
// panicked with v or ended its goroutine.
func (s *Server) answered(w http.ResponseWriter, entry *Request, route *Expectation, failed bool, v any) {
	s.mu.Lock()
	entry.Body = entry.recorder.bytes()
	if entry.Route == "" && !entry.stray {
		entry.Route = "middleware"
		if entry.checking != nil {
			entry.Route = "no route: a check of " + entry.checking.name() + " failed"
		}
	}
	s.inFlight--
	entry.answered = true
	entry.broken = failed && v == http.ErrAbortHandler
	if route != nil {
		route.answered++
	}
	if failed && v != http.ErrAbortHandler {
		s.failures = append(s.failures, failure(entry, route, v))
	}
	s.changed.Broadcast()
	s.mu.Unlock()
	switch {
	case !failed:
		return
	case v == http.ErrAbortHandler:
		panic(v) // a reply that breaks the client's connection panics so
	}
	// Begin an answer. Otherwise the client may send the request again: some clients do
	// when a connection breaks that was used before.
	w.WriteHeader(http.StatusProcessing)
	if v != nil {
		panic(http.ErrAbortHandler)
	}
}

// Use puts middleware in front of the expectations and stubs. Middleware may change a
// request before a route is looked for. It may also answer a request, which then counts
// for no expectation. Of several, the first is the outermost.
func (s *Server) Use(middleware ...func(http.Handler) http.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = append(s.before, middleware...)
}

func (s *Server) middlewares() []func(http.Handler) http.Handler {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.before)
}

// take finds the route that answers a request, and notes it in the entry. If there is
// none, unexpected is the text for the client.
func (s *Server) take(r *http.Request, entry *Request) (route *Expectation, unexpected string) {
	candidates := s.candidates()
	for i := range candidates { // without a lock, because a check may call s
		entry.checking = candidates[i].Expectation
		candidates[i].miss = candidates[i].differs(r)
	}
	if slices.ContainsFunc(candidates, candidate.needsBody) || boundary(r.Header) != "" && !slices.ContainsFunc(candidates, candidate.open) {
		body := peek(r)
		for i := range candidates {
			entry.checking = candidates[i].Expectation
			candidates[i].miss = candidates[i].differsInBody(r, body)
		}
	}
	entry.checking = nil
	for i := range candidates {
		candidates[i].early = candidates[i].waits()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	route, nearest := find(r, candidates)
	if route == nil {
		entry.stray = true
		return nil, s.stray(entry, nearest)
	}
	route.count++
	entry.Route, entry.route = route.name(), route
	if r.Method == http.MethodHead && route.pattern.method == http.MethodGet {
		entry.Route += ", which takes HEAD too"
	}
	return route, ""
}
