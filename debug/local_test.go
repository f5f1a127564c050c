package debug_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope/debug"
)

func TestOnlyThisMachineSeesThePage(t *testing.T) {
	t.Parallel()
	local, all := newPage(t), newPage(t, debug.AllowRemote())
	for _, c := range []struct {
		name         string
		remote, host string
		header       []string
		refused      string // "" if it is not
	}{
		{"IPv4", "127.0.0.1:1", "127.0.0.1:8080", nil, ""},
		{"all of 127/8", "127.8.9.10:1", "127.8.9.10", nil, ""},
		{"IPv6", "[::1]:1", "[::1]:8080", nil, ""},
		{"IPv6 without a port", "[::1]:1", "[::1]", nil, ""},
		{"IPv4 in IPv6", "[::ffff:127.0.0.1]:1", "localhost", nil, ""},
		{"localhost", "127.0.0.1:1", "LocalHost:80", nil, ""},
		{"what httpx routes", "127.0.0.1:1", "localhost", []string{"X-Forwarded-Host", "app.test"}, ""},

		{"another machine", "192.0.2.1:1", "localhost", nil, `"192.0.2.1:1" is no loopback address`},
		{"a private network's", "10.0.0.1:1", "localhost", nil, "no loopback address"},
		{"a link-local one", "[fe80::1%eth0]:1", "localhost", nil, "no loopback address"},
		{"another in IPv6", "[::ffff:10.0.0.1]:1", "localhost", nil, "no loopback address"},
		{"a Unix socket", "@", "localhost", nil, "no loopback address"},
		{"no address", "", "localhost", nil, "no loopback address"},

		{"a web page's name", "127.0.0.1:1", "evil.test:8080", nil, `the request is for "evil.test:8080"`},
		{"a name that looks local", "127.0.0.1:1", "localhost.evil.test", nil, "the request is for"},
		{"another that does", "127.0.0.1:1", "127.0.0.1.evil.test", nil, "the request is for"},
		{"all addresses", "127.0.0.1:1", "0.0.0.0:8080", nil, "the request is for"},
		{"no name", "127.0.0.1:1", "", nil, "the request is for"},

		{"a proxy", "127.0.0.1:1", "localhost", []string{"X-Forwarded-For", "127.0.0.1"}, "header X-Forwarded-For"},
		{"a modern one", "127.0.0.1:1", "localhost", []string{"Forwarded", "for=127.0.0.1"}, "header Forwarded"},
		{"another", "127.0.0.1:1", "localhost", []string{"X-Real-IP", ""}, "header X-Real-Ip"},
		{"one that says no more", "127.0.0.1:1", "localhost", []string{"Via", "1.1 proxy"}, "header Via"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := request("/debug/scope", c.header...)
			r.RemoteAddr, r.Host = c.remote, c.host
			w := answer(local, r)
			assert.Equal(t, http.StatusOK, answer(all, r).Code, "with AllowRemote")
			if c.refused == "" {
				assert.Equal(t, http.StatusOK, w.Code, w.Body)
				return
			}
			assert.Equal(t, http.StatusForbidden, w.Code)
			assert.Contains(t, w.Body.String(), c.refused)
			assert.Contains(t, w.Body.String(), "debug.AllowRemote()", "it says what would help")
			assert.NotContains(t, w.Body.String(), "<")
			assert.Equal(t, "no-store", w.Header().Get("Cache-Control"))
		})
	}
}
