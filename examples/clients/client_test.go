package clients

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

// A client is a client library that people use, and a question that code may
// ask with it.
type client struct {
	name    string                    // the name on the page
	module  string                    // the page shows its version
	host    string                    // the real host, which the client calls by default
	pattern string                    // of the request that asks the question
	reply   func(string) http.Handler // how the host answers
	escapes bool                      // it has a transport of its own, which no route reaches
	usual   func() ask                // makes the client as its manual does
	hooked  func() ask                // makes it with one line more, which ends with the comment "the hook"
}

// An ask asks the client's question, and returns the value in the answer.
type ask func(ctx context.Context) (string, error)

// clients are the clients on the page, in the same order.
var clients = []client{
	goGitHub, goGitHubToken, stripeGo, slackGo, openaiGo, clientGo, clientGoCA,
	googleAPI, awsS3, azureCore, restyV2, retryable,
}

// each runs twenty tests of code with a client, in parallel. The tests share
// the client, as a program does, and ask the same question. Each gets the
// answer of its own fake, and that fake gets no other request.
func each(t *testing.T, c client) {
	t.Parallel()
	kinds := map[string]ask{"hooked": early[c.name].hooked}
	if !c.escapes {
		kinds["usual"] = early[c.name].usual
	}
	for kind, shared := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			for i := range 20 {
				t.Run(strconv.Itoa(i), func(t *testing.T) {
					t.Parallel()
					mine := fmt.Sprint("answer-", i)
					fake := httpxtest.Mock(t, c.host)
					fake.Expect(c.pattern).Reply(c.reply(mine))

					got, err := shared(contextOf(t))

					require.NoError(t, err)
					assert.Equal(t, mine, got)
				})
			}
		})
	}
}

// contextOf returns the context that a test gives the code that it calls. The
// context carries a scope only if the goroutine can't.
func contextOf(t testing.TB) context.Context {
	if scope.Carrier() == "labels" {
		return t.Context()
	}
	return scopetest.Context(t)
}

// must is for clients that are made before any test.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
