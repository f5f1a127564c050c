package ownclient

import (
	"net/http"
	"testing"
	"time"

	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
)

// It is here, and not in the test, because every build of the package must want the
// same findings.
func fake(t testing.TB) *httpxtest.Server { return httpxtest.Mock(t, "a.example") }

var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 50}} // want `no route reaches a client with a transport of its own: put httpx.Wrap around it`

func made() http.Client {
	return http.Client{
		Timeout:   time.Second,
		Transport: &http.Transport{}, // want `no route reaches`
	}
}

var (
	wrapped = &http.Client{Transport: httpx.Wrap(&http.Transport{})}
	usual   = &http.Client{Timeout: time.Second}
	given   = func(rt http.RoundTripper) *http.Client { return &http.Client{Transport: rt} }
	other   = &http.Client{Transport: &http.Transport{}} //scopevet:ignore it downloads what no test fakes
)
