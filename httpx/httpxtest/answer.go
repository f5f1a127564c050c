package httpxtest

import (
	"net/http"
	"slices"
)

// ServeHTTP answers as the test declared. It is the server's handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	entry, own := newRequest(r)
	defer func() { r.MultipartForm = own.MultipartForm }() // whose files the server removes
	r = own
	s.mu.Lock()
	s.inFlight++
	s.journal = append(s.journal, entry)
	s.mu.Unlock()
	var route *Expectation
	failed := true // until it returns; also a t.FailNow leaves by Goexit
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

// answered ends the entry of a request, whose reply may have panicked with v,
// or ended its goroutine.
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
		panic(v) // the client's connection breaks, as the test wants
	}
	// On a connection that was used before, a client sends some requests again
	// when it breaks, unless an answer has begun.
	w.WriteHeader(http.StatusProcessing)
	if v != nil {
		panic(http.ErrAbortHandler)
	}
}

// Use puts middleware in front of what the test declares: it may change a
// request before a route is looked for, or answer it, which takes it off every
// expectation. Of several the first is the outermost.
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

// take finds who answers a request, and notes that in its entry.
func (s *Server) take(r *http.Request, entry *Request) (route *Expectation, unexpected string) {
	candidates := s.candidates()
	for i := range candidates { // with no lock: a check may call s
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
	s.mu.Lock()
	defer s.mu.Unlock()
	route, nearest := find(r, candidates)
	if route == nil {
		entry.stray = true
		return nil, s.stray(entry, nearest)
	}
	route.count++
	entry.Route = route.name()
	if r.Method == http.MethodHead && route.pattern.method == http.MethodGet {
		entry.Route += ", which takes HEAD too"
	}
	return route, ""
}
