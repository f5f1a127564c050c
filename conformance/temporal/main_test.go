package temporal

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"go.temporal.io/server/temporaltest"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/propagation"
	"github.com/scopetree/scope/temporalscope"
)

// server is started before there is any scope, like a server that somebody else runs.
var server *temporaltest.TestServer

func TestMain(m *testing.M) {
	server = temporaltest.NewServer()
	code := m.Run()
	server.Stop()
	os.Exit(code)
}

var tenant = scope.NewKey("tenant", "nobody")

// secret returns a secret whose id is one character, and whose key is 32 of it.
func secret(id string) propagation.Secret {
	return propagation.NewSecret(id, []byte(strings.Repeat(id, propagation.MinKey)))
}

// forged returns a secret that has the id of another one, but not its key.
func forged(id string) propagation.Secret {
	return propagation.NewSecret(id, []byte(strings.Repeat("f", propagation.MinKey)))
}

// newScopes returns a propagator that passes on the tenant among the workers of orders.
func newScopes(t *testing.T, secrets ...propagation.Secret) *propagation.Propagator {
	t.Helper()
	p, err := propagation.New(propagation.Config{
		Secrets:  secrets,
		Audience: "orders",
		Allow:    []propagation.Entry{propagation.Allow(tenant, propagation.Text)},
	})
	require.NoError(t, err)
	return p
}

// ago returns p with a clock that is slow by d.
func ago(p *propagation.Propagator, d time.Duration) *propagation.Propagator {
	return p.At(func() time.Time { return time.Now().Add(-d) })
}

// as returns a context whose scope binds the tenant.
func as(t *testing.T, name string) context.Context { return scope.Set(t.Context(), tenant, name) }

// silent is for clients that are refused on purpose.
var silent = log.NewStructuredLogger(slog.New(slog.DiscardHandler))

// dial returns a client with the scopes of p, as its context propagator and as
// the interceptor of its workers.
func dial(t *testing.T, p *propagation.Propagator) client.Client {
	t.Helper()
	return dialWith(t, temporalscope.New(p, temporalscope.Refuse))
}

func dialWith(t *testing.T, scopes *temporalscope.Propagator) client.Client {
	t.Helper()
	return dialAs(t, scopes, scopes)
}

func dialAs(t *testing.T, scopes workflow.ContextPropagator, interceptors ...interceptor.ClientInterceptor) client.Client {
	t.Helper()
	c, err := client.DialContext(t.Context(), client.Options{
		HostPort:           server.GetFrontendHostPort(),
		Namespace:          server.GetDefaultNamespace(),
		ContextPropagators: []workflow.ContextPropagator{scopes},
		Interceptors:       interceptors,
		Logger:             silent,
	})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

// work starts a worker of orders on a queue of the test's own, until the test
// ends or stop is called. more are activities of the test's own, by name.
func work(t *testing.T, c client.Client, more map[string]any) (stop func()) {
	t.Helper()
	w := worker.New(c, t.Name(), worker.Options{
		WorkflowPanicPolicy: worker.FailWorkflow, // by default, the workflow would be tried until the test's end
		WorkerStopTimeout:   time.Minute,
	})
	register(w)
	for name, f := range more {
		w.RegisterActivityWithOptions(f, activity.RegisterOptions{Name: name})
	}
	require.NoError(t, w.Start())
	stop = sync.OnceFunc(w.Stop)
	t.Cleanup(stop)
	return stop
}

// options returns the options of a workflow for the test's worker.
func options(t *testing.T, id string) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID:                  fmt.Sprint(t.Name(), " ", id),
		TaskQueue:           t.Name(),
		WorkflowRunTimeout:  3 * time.Minute, // more than a task's, so that one that is lost is tried again
		WorkflowTaskTimeout: time.Minute,
	}
}

// start starts a workflow with a name for the test.
func start(t *testing.T, ctx context.Context, c client.Client, name string, w any, args ...any) client.WorkflowRun {
	t.Helper()
	started, err := c.ExecuteWorkflow(ctx, options(t, name), w, args...)
	require.NoError(t, err)
	return started
}

// said waits for the end of a workflow and returns its result.
func said(t *testing.T, run client.WorkflowRun) (said string) {
	t.Helper()
	require.NoError(t, run.Get(t.Context(), &said))
	return said
}
