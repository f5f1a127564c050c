package conformance

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

// Two hundred tests request the same path at once, from errgroups, and each
// reaches its own fake. Where goroutines inherit scopes, this works without a
// context. With a context it works everywhere.
func TestErrgroupsReachTheirTestsFake(t *testing.T) {
	t.Parallel()
	for i := range 200 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			mine := fmt.Sprint("test ", i)
			fake := httpxtest.Mock(t, "api.github.com")
			fake.Stub("GET /users/octocat").Reply(httpxtest.Text(200, mine))
			withScope := scopetest.Context(t)

			var group errgroup.Group
			for n := range 4 {
				ctx := withScope
				if n%2 == 0 && scope.Carrier() == "labels" {
					ctx = context.Background()
				}
				group.Go(func() error {
					got, err := octocat(ctx)
					if err == nil && got != mine {
						err = fmt.Errorf("got %q, want %q", got, mine)
					}
					return err
				})
			}

			require.NoError(t, group.Wait())
			assert.Len(t, fake.Requests(), 4)
		})
	}
}

func octocat(ctx context.Context) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://api.github.com/users/octocat", nil)
	if err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return string(b), err
}
