package debug_test

import (
	"context"
	"flag"
	"net/http"
	"os"
	"regexp"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/debug"
	"github.com/scopetree/scope/env"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/internal/engine"
)

var update = flag.Bool("update", false, "write testdata/page.html anew, of which docs/debug.png is a picture")

// varying is what differs from run to run, and what stands in its place.
var varying = []struct {
	what *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`(_test\.go):\d+`), "$1:N"},
	{regexp.MustCompile(`bound by (labels|gls)`), "bound by CARRIER"},
}

// Serial, so that no other scopes are on the page.
func TestThePageLooksAsInThePicture(t *testing.T) {
	var got string
	synctest.Test(t, func(t *testing.T) { got = shop(t) })
	const file = "testdata/page.html"
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o777))
		require.NoError(t, os.WriteFile(file, []byte(got), 0o666))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err, "run go test with -update to write it")
	assert.Equal(t, settled(string(want)), settled(got))
}

func settled(page string) string {
	for _, v := range varying {
		page = v.what.ReplaceAllString(page, v.with)
	}
	return page
}

// shop returns the page of a shop's process, in the middle of its work.
func shop(t *testing.T) string {
	var (
		tenant   = scope.NewKey("shop.tenant", "")
		timeout  = scope.NewKey("payments.timeout", 30*time.Second)
		currency = scope.NewKey("shop.currency", "EUR")
		client   = scope.NewKey[*http.Client]("shop.client", nil)
	)
	p := debug.Handler()
	defer p.Close()
	handler := http.HandlerFunc(ok)

	process, endProcess := scope.New(scope.Detach(t.Context()), "shop")
	defer endProcess()
	process = scope.With(process, here(currency.Bind("EUR")), here(client.Bind(http.DefaultClient)), here(timeout.Bind(5*time.Second)))
	time.Sleep(2*time.Hour + 14*time.Minute)

	job, endJob := scope.New(process, "job nightly-report")
	defer endJob()
	job = scope.With(job, here(env.Bind("REPORT_BUCKET", "c4nary")), httpx.RouteHandler("*.storage.example", handler))
	for _, path := range []string{"/a", "/b", "/b", "/b"} {
		send(t, job, "https://eu.storage.example/reports"+path)
	}
	time.Sleep(3*time.Minute + 12*time.Second)

	request, endRequest := scope.New(process, "GET /checkout")
	defer endRequest()
	request = scope.With(request,
		here(tenant.Bind("acme & sons")),
		here(url.Bind("http://127.0.0.1:4321")),
		here(token.Bind("c4nary")),
		here(httpx.RouteHandler("pay.example", handler)),
	)
	time.Sleep(840 * time.Millisecond)
	send(t, request, "https://pay.example/charge?card=c4nary")
	card, endCard := scope.New(request, "card")
	defer endCard()
	card = scope.With(card, here(timeout.Bind(time.Second)))
	time.Sleep(35 * time.Millisecond)

	other, endOther := scope.New(process, "GET /cart")
	defer endOther()
	other = scope.With(other, here(tenant.Bind("globex")), here(currency.Bind("USD")))
	time.Sleep(4 * time.Millisecond)

	page := html(t, p, "")
	for _, ctx := range []context.Context{process, job, request, card, other} {
		runtime.KeepAlive(ctx)
	}
	return page
}

// here returns a binding with the line of its caller.
func here(b scope.Binding) scope.Binding {
	var pc [1]uintptr
	runtime.Callers(2, pc[:])
	engine.Place(&b, pc[0])
	return b
}
