package temporalscope_test

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/propagation"
	"github.com/scopetree/scope/temporalscope"
)

// newAttempts returns an environment for activities, whose worker has p as its
// context propagator, and interceptors.
func newAttempts(p *temporalscope.Propagator, interceptors ...interceptor.WorkerInterceptor) *testsuite.TestActivityEnvironment {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(silent)
	env := suite.NewTestActivityEnvironment()
	env.SetContextPropagators([]workflow.ContextPropagator{p})
	env.SetWorkerOptions(worker.Options{Interceptors: interceptors})
	env.RegisterActivity(whose)
	return env
}

// attempt runs the activity [whose] with a header.
func attempt(env *testsuite.TestActivityEnvironment, h header) (who string, err error) {
	env.SetHeader(&commonpb.Header{Fields: maps.Clone(h)})
	result, err := env.ExecuteActivity(whose)
	if err != nil {
		return "", err
	}
	return who, result.Get(&who)
}

func TestAnActivityIsBoundToItsScope(t *testing.T) {
	t.Parallel()
	p := newScopes(t, secret("a"))
	scopes := temporalscope.New(p, temporalscope.Refuse)
	env := newAttempts(scopes, scopes)
	for want, ctx := range map[string]context.Context{"acme": acme(t), "nobody": t.Context()} {
		who, err := attempt(env, headerOf(t, ctx, p))
		require.NoError(t, err)
		assert.Equal(t, want, who)
	}
}

// A worker may have a scope of its own, of databases perhaps.
func TestAnActivityHasTheScopeOfItsWorkerBelowItsOwn(t *testing.T) {
	t.Parallel()
	database := scope.NewKey("database", "none")
	p := newScopes(t, secret("a"))
	scopes := temporalscope.New(p, temporalscope.Refuse)
	env := newAttempts(scopes, scopes)
	env.SetWorkerOptions(worker.Options{
		Interceptors:              []interceptor.WorkerInterceptor{scopes},
		BackgroundActivityContext: scope.Set(t.Context(), database, "primary"),
	})
	read := func(ctx context.Context) (string, error) {
		return scope.Get(ctx, tenant) + " " + tenant.Get() + " " + scope.Get(ctx, database) + " " + database.Get(), nil
	}
	env.RegisterActivity(read)
	for want, ctx := range map[string]context.Context{
		"acme acme primary primary":     acme(t),
		"nobody nobody primary primary": t.Context(),
	} {
		env.SetHeader(&commonpb.Header{Fields: headerOf(t, ctx, p)})
		result, err := env.ExecuteActivity(read)
		require.NoError(t, err)
		var got string
		require.NoError(t, result.Get(&got))
		assert.Equal(t, want, got)
	}
}

func TestWithoutTheInterceptorAnActivityBindsItself(t *testing.T) {
	t.Parallel()
	p := newScopes(t, secret("a"))
	env := newAttempts(temporalscope.New(p, temporalscope.Refuse))
	binds := func(ctx context.Context) (who string, err error) {
		who = tenant.Get() + " "
		scope.Run(ctx, func(context.Context) { who += tenant.Get() })
		return who, nil
	}
	env.RegisterActivity(binds)
	env.SetHeader(&commonpb.Header{Fields: headerOf(t, acme(t), p)})
	result, err := env.ExecuteActivity(binds)
	require.NoError(t, err)
	var who string
	require.NoError(t, result.Get(&who))
	assert.Equal(t, "nobody acme", who)
}

func TestARefusedActivityFailsAtOnce(t *testing.T) {
	t.Parallel()
	scopes := temporalscope.New(newScopes(t, secret("a")), temporalscope.Refuse)
	env := newAttempts(scopes, scopes)
	for token, want := range badTokens(t) {
		_, err := attempt(env, with(t, token))
		assertRefused(t, err, want)
		if token != "" {
			assert.NotContains(t, err.Error(), token)
		}
	}
}

func assertRefused(t *testing.T, err, why error) {
	t.Helper()
	var refused *temporal.ApplicationError
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, temporalscope.Refused, refused.Type())
	assert.Contains(t, refused.Error(), why.Error())
	cured := why == propagation.ErrUnknownSecret || why == propagation.ErrVersion || why == propagation.ErrValue
	assert.Equal(t, !cured, refused.NonRetryable(), "%v", why)
}

// A deployment can cure those while the activity is retried.
func TestARefusedActivityIsRetriedWhereThatMayHelp(t *testing.T) {
	t.Parallel()
	numbers, err := propagation.New(propagation.Config{
		Secrets:  []propagation.Secret{secret("a")},
		Audience: "orders",
		Allow:    []propagation.Entry{propagation.AllowAs(tenant.Name(), scope.NewKey("number", 0), propagation.JSON[int]())},
	})
	require.NoError(t, err)
	good := headerOf(t, acme(t), newScopes(t, secret("a")))
	for p, want := range map[*propagation.Propagator]error{
		newScopes(t, secret("b")): propagation.ErrUnknownSecret,
		newScopes(t):              propagation.ErrUnknownSecret,
		nil:                       propagation.ErrUnknownSecret,
		numbers:                   propagation.ErrValue,
	} {
		scopes := temporalscope.New(p, temporalscope.Refuse)
		_, err := attempt(newAttempts(scopes, scopes), good)
		assertRefused(t, err, want)
	}
}

func TestAnIgnoredTokenLeavesAnActivityWithoutScope(t *testing.T) {
	t.Parallel()
	var seen []error
	scopes := temporalscope.New(newScopes(t, secret("a")), func(ctx context.Context, err error) bool {
		seen = append(seen, err)
		return temporalscope.Ignore(ctx, err)
	})
	env := newAttempts(scopes, scopes)
	for token, want := range badTokens(t) {
		seen = nil
		who, err := attempt(env, with(t, token))
		require.NoError(t, err)
		assert.Equal(t, "nobody", who)
		require.Len(t, seen, 1)
		assert.ErrorIs(t, seen[0], want)
	}
}

// Both the client's options and the worker's may have it.
func TestTheInterceptorTwiceIsAsOnce(t *testing.T) {
	t.Parallel()
	p := newScopes(t, secret("a"))
	for _, ignored := range []bool{true, false} {
		seen := 0
		scopes := temporalscope.New(p, func(context.Context, error) bool {
			seen++
			return ignored
		})
		env := newAttempts(scopes, scopes, scopes)
		who, err := attempt(env, headerOf(t, acme(t), p))
		require.NoError(t, err)
		assert.Equal(t, "acme", who)
		_, err = attempt(env, with(t, "1.a.garbage.short"))
		assert.Equal(t, ignored, err == nil)
		assert.Equal(t, 1, seen)
	}
}

// The interceptor does what is safe without the rest.
func TestTheInterceptorAloneOpensTheToken(t *testing.T) {
	t.Parallel()
	p := newScopes(t, secret("a"))
	scopes := temporalscope.New(p, temporalscope.Refuse)
	env := newAttempts(scopes, scopes)
	env.SetContextPropagators(nil)
	who, err := attempt(env, headerOf(t, acme(t), p))
	require.NoError(t, err)
	assert.Equal(t, "acme", who)
	_, err = attempt(env, with(t, "1.a.garbage.short"))
	assertRefused(t, err, propagation.ErrMalformed)
}

// A client in an activity reads headers too.
func TestInsideOfAnActivityExtractIsAsElsewhere(t *testing.T) {
	t.Parallel()
	p := newScopes(t, secret("a"))
	scopes := temporalscope.New(p, temporalscope.Refuse)
	env := newAttempts(scopes, scopes)
	extracts := func(ctx context.Context) (string, error) {
		ctx, err := scopes.Extract(ctx, with(t, "1.a.garbage.short"))
		if err == nil {
			return "", errors.New("accepted")
		}
		ctx, err = scopes.Extract(ctx, headerOf(t, scope.Set(ctx, tenant, "umbrella"), p))
		return scope.Get(ctx, tenant), err
	}
	env.RegisterActivity(extracts)
	env.SetHeader(&commonpb.Header{Fields: headerOf(t, acme(t), p)})
	result, err := env.ExecuteActivity(extracts)
	require.NoError(t, err)
	var who string
	require.NoError(t, result.Get(&who))
	assert.Equal(t, "umbrella", who)
}

// When a token was signed is believed of a local activity alone.
func TestAStampOfAnotherChangesNothing(t *testing.T) {
	t.Parallel()
	p := newScopes(t, secret("a"))
	before := time.Now().Add(-time.Hour)
	expired := headerOf(t, acme(t), p.At(func() time.Time { return before }))
	expired[propagation.Header].Metadata["scope-signed"] = before.AppendFormat(nil, time.RFC3339Nano)
	scopes := temporalscope.New(p, temporalscope.Refuse)
	_, err := attempt(newAttempts(scopes, scopes), expired)
	assertRefused(t, err, propagation.ErrExpired)
	for _, w := range []any{asks, asksLocally} {
		env := newEnv(t, scopes)
		env.RegisterActivity(whose)
		assertRefused(t, run(env, expired, w), propagation.ErrExpired)
	}
}

// What the caller chose can't be done there, and a token that is refused is not
// one that was not there.
func TestWithoutTheInterceptorARefusedActivityDoesNotRun(t *testing.T) {
	t.Parallel()
	for name, failed := range map[string]temporalscope.OnError{"refuse": temporalscope.Refuse, "ignore": temporalscope.Ignore} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := newAttempts(temporalscope.New(newScopes(t, secret("a")), failed))
			for token, want := range badTokens(t) {
				_, err := attempt(env, with(t, token))
				assert.ErrorContains(t, err, want.Error())

				local := newBareEnv(t, temporalscope.New(newScopes(t, secret("a")), failed))
				assert.ErrorContains(t, run(local, with(t, token), asksLocally), want.Error())
			}
		})
	}
}

// The time of a token counts when Temporal takes it: an activity that is retried
// for a day is still the one that was scheduled.
func TestATokenIsGoodForAllAttemptsOfAnActivity(t *testing.T) {
	t.Parallel()
	p := newScopes(t, secret("a"))
	scopes := temporalscope.New(p.At(func() time.Time { return time.Now().Add(24 * time.Hour) }), temporalscope.Refuse)
	who, err := attempt(newAttempts(scopes, scopes), headerOf(t, acme(t), p))
	require.NoError(t, err)
	assert.Equal(t, "acme", who)
}

func TestAnActivityThatPanicsUnbindsItsGoroutine(t *testing.T) {
	t.Parallel()
	p := newScopes(t, secret("a"))
	scopes := temporalscope.New(p, temporalscope.Refuse)
	var after string
	env := newAttempts(scopes, &watch{seen: &after}, scopes)
	panics := func(context.Context) error { panic("on purpose") }
	env.RegisterActivity(panics)
	env.SetHeader(&commonpb.Header{Fields: headerOf(t, acme(t), p)})
	_, err := env.ExecuteActivity(panics)
	require.ErrorContains(t, err, "on purpose")
	assert.Equal(t, "nobody", after)
}

// watch is an interceptor that sees whose its goroutine is after an activity.
type watch struct {
	interceptor.WorkerInterceptorBase
	seen *string
}

func (w *watch) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &watchInbound{interceptor.ActivityInboundInterceptorBase{Next: next}, w.seen}
}

type watchInbound struct {
	interceptor.ActivityInboundInterceptorBase
	seen *string
}

func (w *watchInbound) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	defer func() { *w.seen = tenant.Get() }()
	return w.Next.ExecuteActivity(ctx, in)
}

func TestInterceptorsBesideItSeeTheirCalls(t *testing.T) {
	t.Parallel()
	p := newScopes(t, secret("a"))
	scopes := temporalscope.New(p, temporalscope.Refuse)
	var after string
	for _, around := range [][]interceptor.WorkerInterceptor{{&watch{seen: &after}, scopes}, {scopes, &watch{seen: &after}}} {
		who, err := attempt(newAttempts(scopes, around...), headerOf(t, acme(t), p))
		require.NoError(t, err)
		assert.Equal(t, "acme", who)
	}
	assert.Equal(t, "acme", after, "it stood inside of the binding")
}

// What scopetest.Set does for a test's goroutine is enough: no tokens are needed.
func TestWhatATestBindsItsActivitiesSee(t *testing.T) {
	t.Parallel()
	want := "acme"
	if scope.Carrier() != "labels" {
		want = "nobody" // goroutines inherit nothing
	}
	scope.Run(acme(t), func(context.Context) {
		var suite testsuite.WorkflowTestSuite
		suite.SetLogger(silent)
		env := suite.NewTestWorkflowEnvironment()
		env.RegisterActivity(whose)
		env.ExecuteWorkflow(asks)
		require.NoError(t, env.GetWorkflowError())
		var who string
		require.NoError(t, env.GetWorkflowResult(&who))
		assert.Equal(t, want, who)
	})
}
