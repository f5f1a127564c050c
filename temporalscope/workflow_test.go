package temporalscope_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/proto"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/propagation"
	"github.com/scopetree/scope/temporalscope"
)

// asks is a workflow that returns whose its activity is.
func asks(ctx workflow.Context) (who string, err error) {
	err = workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, quick), whose).Get(ctx, &who)
	return who, err
}

// asksLocally is asks with a local activity.
func asksLocally(ctx workflow.Context) (who string, err error) {
	ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: time.Minute})
	err = workflow.ExecuteLocalActivity(ctx, whose).Get(ctx, &who)
	return who, err
}

// asksAChild is asks in a child.
func asksAChild(ctx workflow.Context) (who string, err error) {
	err = workflow.ExecuteChildWorkflow(ctx, asks).Get(ctx, &who)
	return who, err
}

func TestAnActivityHasTheScopeThatItsWorkflowWasStartedIn(t *testing.T) {
	t.Parallel()
	for name, w := range map[string]any{"activity": asks, "local activity": asksLocally, "a child's activity": asksAChild} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newScopes(t, secret("a"))
			for want, ctx := range map[string]context.Context{"acme": acme(t), "nobody": t.Context()} {
				env := newEnv(t, temporalscope.New(p, temporalscope.Refuse))
				env.RegisterActivity(whose)
				env.RegisterWorkflow(asks)
				require.NoError(t, run(env, headerOf(t, ctx, p), w))
				var who string
				require.NoError(t, env.GetWorkflowResult(&who))
				assert.Equal(t, want, who)
			}
		})
	}
}

// passedOn returns the header of what a workflow starts that was started with
// one itself, by a worker with p.
func passedOn(t *testing.T, started header, p *propagation.Propagator) header {
	t.Helper()
	scopes := temporalscope.New(p, temporalscope.Refuse)
	passed := header{}
	require.NoError(t, run(newEnv(t, scopes), started, func(ctx workflow.Context) error {
		return scopes.InjectFromWorkflow(ctx, passed)
	}))
	return passed
}

// A token is good for a minute, and a workflow may sleep for longer.
func TestAWorkflowSignsAnew(t *testing.T) {
	t.Parallel()
	p := newScopes(t, secret("a"))
	later := p.At(func() time.Time { return time.Now().Add(time.Hour) })
	passed := tokenOf(t, passedOn(t, headerOf(t, acme(t), p), later))

	carrier := propagation.MapCarrier{propagation.Header: passed}
	ctx, err := later.Extract(t.Context(), carrier)
	require.NoError(t, err)
	assert.Equal(t, "acme", scope.Get(ctx, tenant))
	_, err = p.Extract(t.Context(), carrier)
	assert.ErrorIs(t, err, propagation.ErrEarly, "the time is that of its own clock")
}

// hours is an interceptor of workflows, at whose clock an hour has passed since
// they were started.
type hours struct {
	interceptor.WorkerInterceptorBase
}

func (*hours) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	return &hoursInbound{interceptor.WorkflowInboundInterceptorBase{Next: next}}
}

type hoursInbound struct {
	interceptor.WorkflowInboundInterceptorBase
}

func (h *hoursInbound) Init(next interceptor.WorkflowOutboundInterceptor) error {
	return h.Next.Init(&hoursOutbound{interceptor.WorkflowOutboundInterceptorBase{Next: next}})
}

type hoursOutbound struct {
	interceptor.WorkflowOutboundInterceptorBase
}

func (h *hoursOutbound) Now(ctx workflow.Context) time.Time {
	return h.GetInfo(ctx).WorkflowStartTime.Add(time.Hour)
}

// A workflow may wait for a worker before it starts. An update is taken when the
// workflow comes to it.
func TestATokenHasToBeGoodAtTheStartOrTheUpdate(t *testing.T) {
	t.Parallel()
	p := newScopes(t, secret("a"))
	after := func(d time.Duration) *propagation.Propagator {
		return p.At(func() time.Time { return time.Now().Add(d) })
	}
	scopes := temporalscope.New(after(2*time.Hour), temporalscope.Refuse)
	signed := map[string]bool{} // by the workflow, what came at some time
	env := newEnv(t, scopes)
	env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{&hours{}}})
	require.NoError(t, run(env, headerOf(t, acme(t), p), func(ctx workflow.Context) error {
		var errs []error
		look := func(name string, ctx workflow.Context, came header) {
			passed := header{}
			errs = append(errs, scopes.InjectFromWorkflow(ctx, passed))
			signed[name] = tokenOf(t, passed) != tokenOf(t, came)
		}
		update := func(name string, came header) {
			ctx, err := scopes.ExtractToWorkflow(ctx, came)
			errs = append(errs, err)
			look(name, ctx, came)
		}
		look("start", ctx, headerOf(t, acme(t), p))
		update("update", headerOf(t, acme(t), after(time.Hour)))
		update("early update", headerOf(t, acme(t), p))
		update("late update", headerOf(t, acme(t), after(2*time.Hour)))
		return errors.Join(errs...)
	}))
	assert.Equal(t, map[string]bool{"start": true, "update": true, "early update": false, "late update": false}, signed)
}

func TestAWorkflowSignsWithTheNewestSecret(t *testing.T) {
	t.Parallel()
	passed := tokenOf(t, passedOn(t, headerOf(t, acme(t), newScopes(t, secret("a"))), newScopes(t, secret("b"), secret("a"))))
	ctx, err := newScopes(t, secret("b")).Extract(t.Context(), propagation.MapCarrier{propagation.Header: passed})
	require.NoError(t, err)
	assert.Equal(t, "acme", scope.Get(ctx, tenant))
}

// The activities' worker may know more, and is where a refusal is seen.
func TestATokenThatAWorkflowCannotOpenGoesOnAsItIs(t *testing.T) {
	t.Parallel()
	for token := range badTokens(t) {
		started := with(t, token)
		assert.Equal(t, started, passedOn(t, started, newScopes(t, secret("a"))))
	}
	started := headerOf(t, acme(t), newScopes(t, secret("a")))
	assert.Equal(t, started, passedOn(t, started, nil), "a worker without secrets")
	assert.Equal(t, started, passedOn(t, started, newScopes(t, secret("b"))), "the secret is gone")
}

// An update may have been sent by anybody, and its handler may start a thousand
// activities.
func TestALargePayloadIsNotPassedOn(t *testing.T) {
	t.Parallel()
	p := newScopes(t, secret("a"))
	large := with(t, "1.a.b.c")
	large[propagation.Header].Metadata["x"] = make([]byte, 1<<20)
	for want, came := range map[error]header{
		propagation.ErrTooLarge:  with(t, strings.Repeat("x", 1<<20)),
		propagation.ErrMalformed: large,
	} {
		passed := passedOn(t, came, p)
		assert.Less(t, proto.Size(passed[propagation.Header]), 2*propagation.MaxToken)
		_, err := temporalscope.New(p, temporalscope.Refuse).Extract(t.Context(), passed)
		assert.ErrorIs(t, err, want)
	}
}

// A worker opens what it passes on, and what it does not allow is not among it.
func TestAWorkflowPassesOnWhatItsWorkerAllows(t *testing.T) {
	t.Parallel()
	all := newScopes(t, secret("a"))
	regions, err := propagation.New(propagation.Config{
		Secrets: []propagation.Secret{secret("a")}, Audience: "orders",
		Allow: []propagation.Entry{propagation.Allow(region, propagation.Text)},
	})
	require.NoError(t, err)
	passed := tokenOf(t, passedOn(t, headerOf(t, scope.Set(acme(t), region, "north"), all), regions))
	ctx, err := all.Extract(t.Context(), propagation.MapCarrier{propagation.Header: passed})
	require.NoError(t, err)
	assert.Equal(t, "north nobody", scope.Get(ctx, region)+" "+scope.Get(ctx, tenant))
	assert.Empty(t, passedOn(t, headerOf(t, acme(t), all), regions))
}

func TestAWorkflowWithoutATokenPassesNoneOn(t *testing.T) {
	t.Parallel()
	assert.Empty(t, passedOn(t, header{}, newScopes(t, secret("a"))))
}

func TestAWorkflowPassesOnNothingOfItsWorkersScope(t *testing.T) {
	t.Parallel()
	p := newScopes(t, secret("a"))
	north := scope.Set(t.Context(), region, "north")
	scope.Run(acme(t), func(context.Context) {
		assert.Empty(t, passedOn(t, header{}, p))
	})
	started := headerOf(t, north, p)
	scope.Run(acme(t), func(context.Context) {
		passed := tokenOf(t, passedOn(t, started, p))
		ctx, err := p.Extract(scope.Detach(t.Context()), propagation.MapCarrier{propagation.Header: passed})
		require.NoError(t, err)
		assert.Equal(t, "north nobody", scope.Get(ctx, region)+" "+scope.Get(ctx, tenant))
	})
}
