package httpxtest_test

import (
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

// A crowd of tests, each with two servers for the same hosts as everybody
// else's. No answer is another's, and no server's end cuts a sibling's
// connection: every request has an answer.
func TestCrowd(t *testing.T) {
	t.Parallel()
	const tests, requests = 300, 20
	for i := range tests {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			mine := fmt.Sprintf("test %d", i)
			plain := httpxtest.Mock(t, "api.example.com")
			secure := httpxtest.Mock(t, "auth.example.com", httpxtest.TLS())
			plain.Expect("GET /{n}").Times(requests).Reply(httpxtest.Text(200, mine))
			secure.Expect("GET /{n}").Times(requests).Reply(httpxtest.Text(200, mine))
			ctx := scopetest.Context(t)

			for n := range requests {
				for _, host := range []string{"api.example.com", "auth.example.com"} {
					resp, err := sendIn(ctx, fmt.Sprintf("https://%s/%d", host, n))
					require.NoError(t, err)
					body, err := io.ReadAll(resp.Body)
					resp.Body.Close()
					require.NoError(t, err)
					assert.Equal(t, mine, string(body))
				}
			}
		})
	}
}
