package main_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/scopetree/scope"
	main "github.com/scopetree/scope/examples/preview"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/wire"
	"github.com/scopetree/scope/propagation"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// run runs the program, which must succeed, and returns the lines that it prints.
func run(t *testing.T, ctx context.Context, args ...string) []string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	assert.Equal(t, 0, main.Run(ctx, args, &stdout, &stderr))
	assert.Empty(t, stderr.String())
	return strings.Split(strings.TrimSuffix(stdout.String(), "\n"), "\n")
}

func TestEachPreviewPaysItsOwnFake(t *testing.T) {
	t.Parallel()
	lines := run(t, t.Context())
	require.Len(t, lines, 7)
	assert.Regexp(t, `^ada +pr-17 +200 +gateway in pr-17, orders in pr-17 +paid the fake of pr-17$`, lines[1])
	assert.Regexp(t, `^ben +pr-18 +200 +gateway in pr-18, orders in pr-18 +paid the fake of pr-18$`, lines[2])
	assert.Regexp(t, `^cyd +none +200 +gateway, orders +paid the shared payments$`, lines[3])
}

func TestForgedTokenIsRefused(t *testing.T) {
	t.Parallel()
	lines := run(t, t.Context())
	require.Len(t, lines, 7)
	assert.Regexp(t, `^mallory +pr-17, forged +400 +- +propagation: the token's signature is wrong$`, lines[4])
}

// A client with the secret can sign any token, but the receiver's list says where a route from it
// may lead.
func TestValidTokenDoesNotLeadBeyondTheList(t *testing.T) {
	t.Parallel()
	status, answer, err := main.Insider(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 400, status)
	assert.Contains(t, answer, wire.ErrDestination.Error())
	assert.Contains(t, answer, `route "payments.internal"`)
}

// A preview has payments of its own, and no other service.
func TestARouteFromTheWireTakesRequestsForPaymentsAlone(t *testing.T) {
	t.Parallel()
	secret := propagation.NewSecret("a", []byte(strings.Repeat("k", propagation.MinKey)))
	const fake = "127.0.0.1:8080"
	wired := wire.Routes(wire.Destination{Host: fake}) // of a client that does not keep to this rule
	insider, err := propagation.New(propagation.Config{
		Secrets: []propagation.Secret{secret}, Audience: "staging", Allow: []propagation.Entry{wired},
	})
	require.NoError(t, err)
	for host, want := range map[string]error{"payments.internal": nil, "orders.internal": wire.ErrDestination, "*": wire.ErrDestination} {
		c := propagation.MapCarrier{}
		require.NoError(t, insider.Inject(scope.With(t.Context(), httpx.Route(host, "http://"+fake)), c))
		_, err := main.Scopes(t, secret, fake).Extract(t.Context(), c)
		assert.ErrorIs(t, err, want, host)
	}
}

func TestFiftyPreviewsAtOnce(t *testing.T) {
	t.Parallel()
	const n = 50
	lines := run(t, t.Context(), "-n", fmt.Sprint(n))
	require.Len(t, lines, n+5)
	for i := range n {
		preview := fmt.Sprintf("pr-%d", 17+i)
		assert.Regexp(t, ` `+preview+` +200 +gateway in `+preview+`, orders in `+preview+` +paid the fake of `+preview+`$`, lines[1+i])
	}
}

// Each service gets each request once, and the gateway refuses the forged token.
func TestHopsOfEachRequest(t *testing.T) {
	t.Parallel()
	lines := run(t, t.Context(), "-v")
	table := slices.Index(lines, "")
	require.Positive(t, table)
	assert.ElementsMatch(t, []string{
		"gateway in pr-17: GET /orders/1001",
		"orders in pr-17: GET /orders/1001",
		"the fake of pr-17: GET /payments/1001",
		"gateway in pr-18: GET /orders/1001",
		"orders in pr-18: GET /orders/1001",
		"the fake of pr-18: GET /payments/1001",
		"gateway: GET /orders/1001",
		"orders: GET /orders/1001",
		"payments: GET /payments/1001",
		"gateway: GET /orders/1001 refused: propagation: the token's signature is wrong",
	}, lines[:table])
}

// The processes share memory here. Even so, a service gets no more of the caller's scope than a
// token brings.
func TestNothingOfTheCallersScopeIsInTheServices(t *testing.T) {
	t.Parallel()
	ctx := scope.With(t.Context(), main.Preview.Bind("mine"), httpx.BaseURL.Bind("http://127.0.0.1:1"))
	want := run(t, t.Context())
	scope.Run(ctx, func(ctx context.Context) {
		assert.Equal(t, want, run(t, ctx))
		assert.NotContains(t, strings.Join(run(t, ctx, "-v"), "\n"), "mine")
	})
}

func TestWhatIsNotAsItShouldBeExitsWith1(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	assert.Equal(t, 1, main.Run(ctx, nil, &stdout, &stderr))
	for _, client := range []string{"ada", "ben", "cyd", "mallory"} {
		assert.Regexp(t, `(?m)^(preview: )?`+client+` got .*context canceled.*, want `, stderr.String())
	}
	assert.Regexp(t, `(?m)^ada +pr-17 +- .*context canceled$`, stdout.String())
	assert.NotContains(t, stdout.String(), "Look at")
}

func TestBadArgumentsExitWith2AndAreNamed(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]string{
		"-port": "flag provided but not defined: -port",
		"pr-17": `unexpected argument "pr-17"`,
		"-n=0":  "-n 0: want 1 to 200",
		"-n=x":  `invalid value "x" for flag -n`,
	} {
		var stdout, stderr bytes.Buffer
		assert.Equal(t, 2, main.Run(t.Context(), []string{arg}, &stdout, &stderr))
		assert.Empty(t, stdout.String())
		assert.Contains(t, stderr.String(), "preview: "+want)
		assert.Contains(t, stderr.String(), "Run with -h for help.")
	}
}

func TestHelpExitsWith0(t *testing.T) {
	t.Parallel()
	text := strings.Join(run(t, t.Context(), "-h"), "\n")
	for _, want := range []string{"go run ./examples/preview", "-n number", "-v\t", "(default 2)"} {
		assert.Contains(t, text, want)
	}
}
