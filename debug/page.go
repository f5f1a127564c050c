package debug

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scopetree/scope/internal/engine"
)

// A Page shows the scopes that are alive: see the package comment. Make one with
// [Handler]. Its methods may be called from any goroutine.
type Page struct {
	remote bool
	since  time.Time
	stop   func()
	closed atomic.Bool
}

// An Option changes what a [Page] does. The zero Option changes nothing.
type Option struct{ remote bool }

// AllowRemote lets every client see the page: clients on other machines, clients behind
// proxies, and clients that call this host by any name. The page shows configuration, so
// put authentication in front of it.
func AllowRemote() Option { return Option{remote: true} }

// Handler returns a page. Register it at a path such as /debug/scope. It tracks the
// scopes that are made after this call, until the page is closed. A page that lasts as
// long as the process need not be closed.
func Handler(opts ...Option) *Page {
	p := &Page{since: time.Now(), stop: engine.Track()}
	for _, o := range opts {
		p.remote = p.remote || o.remote
	}
	return p
}

// Close stops the tracking, unless another page needs it. From then on the page answers
// with status 503. Further calls of Close have no effect.
func (p *Page) Close() {
	p.closed.Store(true)
	p.stop()
}

// ServeHTTP answers GET and HEAD.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	if why := stranger(r); why != "" && !p.remote {
		http.Error(w, "debug: this page is for clients on this machine: "+why+
			"; debug.Handler(debug.AllowRemote()) shows it to everyone", http.StatusForbidden)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "debug: GET it", http.StatusMethodNotAllowed)
		return
	}
	if p.closed.Load() {
		http.Error(w, "debug: the page is closed", http.StatusServiceUnavailable)
		return
	}
	q := r.URL.Query()
	write := (*view).html
	switch format := q.Get("format"); {
	case format == "json", format == "" && wantsJSON(r):
		write = (*view).json
	case format != "" && format != "html":
		http.Error(w, "debug: the formats are html and json", http.StatusBadRequest)
		return
	}
	v := look(q.Get("name"), p.since, time.Now())
	v.Refresh, _ = strconv.Atoi(q.Get("refresh"))
	v.Refresh = min(max(v.Refresh, 0), 3600)
	write(v, w)
}

// wantsJSON reports whether a client asks for JSON.
func wantsJSON(r *http.Request) bool {
	accept := strings.Join(r.Header.Values("Accept"), ",")
	return strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html")
}

func (v *view) json(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.Encode(v) // an error comes from the connection
}

func (v *view) html(w http.ResponseWriter) {
	var b bytes.Buffer
	if err := parsed().Execute(&b, v); err != nil {
		http.Error(w, "debug: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(b.Bytes())
}

//go:embed page.html
var page string

// parsed returns the template. The first call parses it.
var parsed = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Parse(page))
})
