package httpx_test

import (
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

// hint is a Got1xxResponse hook that looks at the Link header.
func hint(f func(status int, link string) error) func(int, textproto.MIMEHeader) error {
	return func(status int, h textproto.MIMEHeader) error { return f(status, h.Get("Link")) }
}

// events collects the names of the hooks that were called.
type events struct {
	mu   sync.Mutex
	list []string
}

func (e *events) add(name string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.list = append(e.list, name)
}

func (e *events) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn:              func(hostPort string) { e.add("GetConn " + hostPort) },
		GotConn:              func(httptrace.GotConnInfo) { e.add("GotConn") },
		WroteHeaderField:     func(k string, _ []string) { e.add("WroteHeaderField " + k) },
		WroteHeaders:         func() { e.add("WroteHeaders") },
		WroteRequest:         func(httptrace.WroteRequestInfo) { e.add("WroteRequest") },
		GotFirstResponseByte: func() { e.add("GotFirstResponseByte") },
	}
}

func TestRouteKeepsTheClientsTrace(t *testing.T) {
	t.Parallel()
	fake := serve(t, says("fake"))
	var e events
	ctx := scope.With(httptrace.WithClientTrace(t.Context(), e.trace()), httpx.Route("api.test", fake.URL))
	assert.Equal(t, "fake", get(ctx, wrapped(t), "http://api.test/"))
	assert.Equal(t, []string{
		"GetConn " + fake.host(),
		"GotConn",
		"WroteHeaderField Host",
		"WroteHeaderField User-Agent",
		"WroteHeaderField X-Forwarded-Host",
		"WroteHeaderField X-Forwarded-Proto",
		"WroteHeaderField Accept-Encoding",
		"WroteHeaders",
		"WroteRequest",
		"GotFirstResponseByte",
	}, e.list)
}

func TestRouteHandlerTellsTheTraceOfTheFirstByteOnce(t *testing.T) {
	t.Parallel()
	var e events
	ctx := scope.With(httptrace.WithClientTrace(t.Context(), e.trace()),
		httpx.RouteHandler("api.test", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusEarlyHints)
		})))
	get(ctx, wrapped(t), "http://api.test/")
	bytes := slices.DeleteFunc(slices.Clone(e.list), func(event string) bool { return event != "GotFirstResponseByte" })
	assert.Len(t, bytes, 1, "%v", e.list)
}
