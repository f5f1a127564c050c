package httpx_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

func TestCheckRouteSaysWhatARequestWouldBeTold(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ host, target, want string }{
		{"api.test", "http://127.0.0.1:8080/v3", ""},
		{"*.api.test:443", "https://fake.test", ""},
		{"https://api.test", "http://127.0.0.1", `httpx: route "https://api.test": want a host, such as "api.example.com", not a URL`},
		{"api.test", "localhost:80", `httpx: route "api.test": target "localhost:80": missing scheme`},
		{"api.test", "http://ada:c4nary@127.0.0.1", `httpx: route "api.test": target "http://xxxxx@127.0.0.1": has a user name: send credentials in a header`},
	} {
		err := httpx.CheckRoute(test.host, test.target)
		if test.want == "" {
			assert.NoError(t, err)
			continue
		}
		assert.EqualError(t, err, test.want)
		ctx := scope.With(t.Context(), httpx.Route(test.host, test.target))
		assert.Contains(t, get(ctx, wrapped(t), "http://api.test/"), test.want[len("httpx: "):], "the same words")
	}
}
