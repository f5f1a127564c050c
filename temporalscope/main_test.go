package temporalscope_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"go.uber.org/goleak"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/propagation"
	"github.com/scopetree/scope/temporalscope"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	tenant = scope.NewKey("tenant", "nobody")
	region = scope.NewKey("region", "nowhere")
)

// whose is an activity that says whose it is, to code at three places: as the
// context has it, as the goroutine has it, and as a goroutine further down has
// it. It is one name where they agree.
func whose(ctx context.Context) (string, error) {
	below := make(chan string)
	go func() {
		if scope.Carrier() == "labels" {
			below <- tenant.Get()
		} else {
			below <- scope.Get(ctx, tenant) // nothing is inherited there
		}
	}()
	return strings.Join(slices.Compact([]string{scope.Get(ctx, tenant), tenant.Get(), <-below}), ", "), nil
}

// secret returns a secret with a character for its id, and 32 of it for its key.
func secret(id string) propagation.Secret {
	return propagation.NewSecret(id, []byte(strings.Repeat(id, propagation.MinKey)))
}

// newScopes returns a propagator of the keys among the workers of orders.
func newScopes(t *testing.T, secrets ...propagation.Secret) *propagation.Propagator {
	t.Helper()
	p, err := propagation.New(propagation.Config{
		Secrets:  secrets,
		Audience: "orders",
		Allow:    []propagation.Entry{propagation.Allow(tenant, propagation.Text), propagation.Allow(region, propagation.Text)},
	})
	require.NoError(t, err)
	return p
}

// acme is a scope that binds the tenant.
func acme(t *testing.T) context.Context { return scope.Set(t.Context(), tenant, "acme") }

// A header is a Temporal header, to be written and read.
type header map[string]*commonpb.Payload

func (h header) Set(key string, value *commonpb.Payload) { h[key] = value }

func (h header) Get(key string) (*commonpb.Payload, bool) {
	value, ok := h[key]
	return value, ok
}

func (h header) ForEachKey(f func(string, *commonpb.Payload) error) error {
	for key, value := range h {
		if err := f(key, value); err != nil {
			return err
		}
	}
	return nil
}

// headerOf returns the header that a client of p sends from ctx.
func headerOf(t *testing.T, ctx context.Context, p *propagation.Propagator) header {
	t.Helper()
	h := header{}
	require.NoError(t, temporalscope.New(p, temporalscope.Refuse).Inject(ctx, h))
	return h
}

// with returns a header that has text for a token.
func with(t *testing.T, text string) header {
	t.Helper()
	payload, err := converter.GetDefaultDataConverter().ToPayload(text)
	require.NoError(t, err)
	return header{propagation.Header: payload}
}

// tokenOf returns the token in a header, "" if there is none.
func tokenOf(t *testing.T, h header) (token string) {
	t.Helper()
	if payload, ok := h[propagation.Header]; ok {
		require.NoError(t, converter.GetDefaultDataConverter().FromPayload(payload, &token))
	}
	return token
}

// badTokens returns tokens that the workers of orders refuse, and why.
func badTokens(t *testing.T) map[string]error {
	t.Helper()
	p := newScopes(t, secret("a"))
	good := tokenOf(t, headerOf(t, acme(t), p))
	dot := strings.LastIndexByte(good, '.')
	forged := newScopes(t, propagation.NewSecret("a", []byte(strings.Repeat("b", propagation.MinKey))))
	ago := func(d time.Duration) *propagation.Propagator {
		return p.At(func() time.Time { return time.Now().Add(-d) })
	}
	return map[string]error{
		good[:dot-1] + "_" + good[dot:]:                    propagation.ErrSignature, // altered
		tokenOf(t, headerOf(t, acme(t), forged)):           propagation.ErrSignature,
		tokenOf(t, headerOf(t, acme(t), p.For("billing"))): propagation.ErrAudience,
		tokenOf(t, headerOf(t, acme(t), ago(time.Hour))):   propagation.ErrExpired,
		tokenOf(t, headerOf(t, acme(t), ago(-time.Hour))):  propagation.ErrEarly,
		"1.a.garbage.short":                                propagation.ErrMalformed,
		"":                                                 propagation.ErrMalformed,
		"2" + good[1:]:                                     propagation.ErrVersion,
	}
}

// silent is for what is refused on purpose.
var silent = sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))

// newEnv returns an environment whose worker has p as both that it is.
func newEnv(t *testing.T, p *temporalscope.Propagator) *testsuite.TestWorkflowEnvironment {
	t.Helper()
	env := newBareEnv(t, p)
	env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{p}})
	return env
}

// newBareEnv returns an environment whose worker has no interceptor.
func newBareEnv(t *testing.T, p *temporalscope.Propagator) *testsuite.TestWorkflowEnvironment {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(silent)
	env := suite.NewTestWorkflowEnvironment()
	env.SetContextPropagators([]workflow.ContextPropagator{p})
	return env
}

// run executes a workflow that was started with a header.
func run(env *testsuite.TestWorkflowEnvironment, h header, w any) error {
	env.SetHeader(&commonpb.Header{Fields: h})
	env.ExecuteWorkflow(w)
	return env.GetWorkflowError()
}

// quick are the options of activities in tests.
var quick = workflow.ActivityOptions{StartToCloseTimeout: time.Minute}
