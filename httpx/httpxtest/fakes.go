package httpxtest

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/internal/address"
	"github.com/scopetree/scope/httpx/internal/routing"
	"github.com/scopetree/scope/internal/engine"
	"github.com/scopetree/scope/scopetest"
)

// A fakes holds the Mocks of a test.
type fakes struct {
	sync.Mutex // guards what follows
	test       testing.TB
	ctx        context.Context // carries the test's scope
	outer      *fakes          // the fakes of the test around it; may be nil
	byHost     map[string]*Server
}

// fakesKey is bound to the fakes of a test, in the scope of each test that has a Mock.
var fakesKey = scope.NewKey[*fakes]("httpxtest.fakes", nil)

func init() { engine.Hide(fakesKey) }

var making sync.Mutex // held while fakesOf makes the fakes of a test

// fakesOf returns the test's fakes. The first call makes them.
func fakesOf(t testing.TB) *fakes {
	making.Lock()
	defer making.Unlock()
	ctx := scopetest.Context(t)
	f := scope.Get(ctx, fakesKey)
	if f == nil || f.ctx != ctx {
		f = &fakes{test: t, ctx: ctx, outer: f, byHost: map[string]*Server{}}
		scopetest.With(t, fakesKey.Bind(f))
	}
	return f
}

// add adds a server. It shadows the servers of the tests around that are for the same
// host. f is locked.
func (f *fakes) add(host string, s *Server) {
	host = canonical(host)
	f.byHost[host] = s
	for o := f.outer; o != nil; o = o.outer {
		o.Lock()
		shadowed := o.byHost[host]
		o.Unlock()
		if shadowed != nil {
			shadowed.mu.Lock()
			shadowed.shadows = append(shadowed.shadows, fmt.Sprintf("%s at %s", f.test.Name(), s.site))
			shadowed.mu.Unlock()
		}
	}
}

// canonical returns a form of a host by which two hosts can be compared.
func canonical(host string) string {
	p, _ := address.ParsePattern(host)
	return p.String()
}

// takeUnscoped handles requests for the host from code in no scope. A global server
// answers them. Any other refuses them.
func (s *Server) takeUnscoped() {
	rt := http.RoundTripper(unscoped{s})
	if s.config.global {
		rt = s.Transport()
	}
	s.t.Cleanup(routing.AddUnscoped(httpx.RouteTransport(s.name, rt)))
}

// An unscoped refuses requests from code in no scope, for a host that some test has a
// fake for.
type unscoped struct{ server *Server }

func (u unscoped) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		req.Body.Close()
	}
	s := u.server
	line := testLine()
	why := fmt.Errorf("%w: %s has a fake for it, made at %s, but the code that sends is in no scope", httpx.ErrRefused, s.t.Name(), s.site)
	engine.Unscoped.Add(engine.Failure{
		Request: engine.Request{Method: req.Method, Scheme: req.URL.Scheme, Host: req.URL.Host, Path: req.URL.EscapedPath()},
		Why:     why.Error(),
		Lost:    true,
		From:    line,
	})
	return nil, fmt.Errorf("httpxtest: %s %s://%s%s: %w: %s", req.Method, req.URL.Scheme, req.URL.Host, req.URL.EscapedPath(), why,
		strings.Join(waysIntoTheScope(), ", or "))
}

// waysIntoTheScope returns the cures for code that sends in no scope.
func waysIntoTheScope() []string {
	ways := []string{"give its request the context of scopetest.Context(t)"}
	if c := scope.Carrier(); c == "labels" {
		ways = append(ways,
			"call scopetest.Context(t) before you start the server or the goroutine that sends, or on that goroutine",
			"if it serves behind httpx.Adopt, send to it through httpx.Client() or httpx.Wrap, for the test's token")
	} else {
		ways = append(ways, "call the code under test in scope.Run with that context, since with the carrier "+c+" no other goroutine is in a scope")
	}
	return append(ways, "give the Mock httpxtest.Global(), if no other test runs meanwhile")
}

func (u unscoped) String() string { return "refused: see " + u.server.site }
