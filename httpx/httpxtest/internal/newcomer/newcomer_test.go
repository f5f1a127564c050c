// Package newcomer is a test file as somebody writes it who has read one page: no
// TestMain, one import, and clients that are made before any test.
package newcomer

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx/httpxtest"
)

// A wrapper keeps a transport, as those of otelhttp and oauth2 do.
type wrapper struct{ base http.RoundTripper }

func (w wrapper) RoundTrip(req *http.Request) (*http.Response, error) { return w.base.RoundTrip(req) }

var clients = map[string]*http.Client{
	"http.DefaultClient": http.DefaultClient,
	"nil":                {},
	"the pointer":        {Transport: http.DefaultTransport},
	"a wrapper":          {Transport: wrapper{http.DefaultTransport}},
	"a clone":            {Transport: http.DefaultTransport.(*http.Transport).Clone()},
}

// bound skips what has no context, where no carrier binds a goroutine from inside.
func bound(t *testing.T) {
	t.Helper()
	if scope.Carrier() != "labels" {
		t.Skip("needs the labels carrier")
	}
}

func fetch(client *http.Client, url string) string {
	resp, err := client.Get(url)
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func TestClientsOfPackageVariablesFollowEachTestsFake(t *testing.T) {
	t.Parallel()
	bound(t)
	for i := range 60 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			mine := fmt.Sprint("test ", i)
			httpxtest.Mock(t, "api.github.com").Expect("GET /zen").Times(2 * len(clients)).Reply(httpxtest.Text(200, mine))
			for name, client := range clients {
				for _, scheme := range []string{"http", "https"} {
					if got := fetch(client, scheme+"://api.github.com/zen"); got != mine {
						t.Errorf("%s, %s: got %q, want %q", name, scheme, got, mine)
					}
				}
			}
		})
	}
}

// httptest.Server.Close closes the idle connections of http.DefaultTransport, and
// so those of a test that runs at the same time. Importing the package cures it.
func TestNoTestsServerCutsAnothersConnections(t *testing.T) {
	t.Parallel()
	for i := range 300 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "ok") }))
			defer server.Close()
			var requests sync.WaitGroup
			for range 4 {
				requests.Go(func() {
					for range 5 {
						if got := fetch(http.DefaultClient, server.URL); got != "ok" {
							t.Error(got)
						}
					}
				})
			}
			requests.Wait()
		})
	}
}

// A server that was started one line before.
func TestAServerFromBeforeTheFirstMock(t *testing.T) {
	t.Parallel()
	bound(t)
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, fetch(http.DefaultClient, "https://b.example"))
	}))
	defer app.Close()
	httpxtest.Mock(t, "b.example").Expect("GET /").Reply(httpxtest.Text(200, "the fake"))
	if got := fetch(app.Client(), app.URL); got != "the fake" {
		t.Error(got)
	}
}
