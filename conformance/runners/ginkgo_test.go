package runners

import (
	"io"
	"net/http"
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

// Ginkgo runs each BeforeEach and It on a goroutine of its own, and none descends from
// another.
func TestGinkgo(t *testing.T) {
	ginkgo.RunSpecs(t, "Ginkgo")
}

var url = scope.NewKey("url", "default")

func fetch(url string) (string, error) {
	resp, err := http.Get(url)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return string(b), err
}

var _ = ginkgo.Describe("a Mock in BeforeEach", func() {
	var github *httpxtest.Server

	ginkgo.BeforeEach(func() {
		t := ginkgo.GinkgoTB()
		scopetest.Set(t, url, t.Name())
		github = httpxtest.Mock(t, "api.github.com")
		github.Stub("GET /zen").Reply(httpxtest.Text(200, "in the spec's scope"))
	})

	ginkgo.It("never lets a request go to the real host", func() {
		_, err := fetch("https://api.github.com/zen")
		assert.ErrorContains(ginkgo.GinkgoT(), err, "has a fake for it, made at ginkgo_test.go:")
		assert.ErrorContains(ginkgo.GinkgoT(), err, "scopetest.Context(t)")
		assert.Empty(ginkgo.GinkgoT(), github.Requests())
	})

	for range 2 { // a spec's scope ends with it
		ginkgo.It("answers once the goroutine is bound", func() {
			t := ginkgo.GinkgoTB()
			ctx := scopetest.Context(t)
			got, err := fetch("https://api.github.com/zen")
			assert.NoError(t, err)
			assert.Equal(t, "in the spec's scope", got)
			assert.Equal(t, t.Name(), url.Get())
			assert.Equal(t, t.Name(), scope.Get(ctx, url))
			assert.Same(t, github, httpxtest.Mock(t, "api.github.com"))
		})
	}
})

var _ = ginkgo.Describe("a Mock with Global", func() {
	ginkgo.BeforeEach(func() {
		httpxtest.Mock(ginkgo.GinkgoTB(), "api.github.com", httpxtest.Global()).
			Expect("GET /zen").Reply(httpxtest.Text(200, "in no scope"))
	})

	ginkgo.It("answers on every goroutine", func() {
		got, err := fetch("https://api.github.com/zen")
		assert.NoError(ginkgo.GinkgoT(), err)
		assert.Equal(ginkgo.GinkgoT(), "in no scope", got)
	})
})
