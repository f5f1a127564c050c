package temporalscope

import (
	"context"
	"errors"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/propagation"
)

// An OnError is called for an activity whose token is refused, with the
// activity's context and an error that wraps one of package propagation. It says
// whether the activity is run, without what the token would have brought; else it
// fails with an error of the type [Refused]. It is the place to count refusals.
// It is called by many goroutines.
type OnError func(ctx context.Context, err error) (goOn bool)

// Refuse is an [OnError] that fails the activity.
func Refuse(context.Context, error) bool { return false }

// Ignore is an [OnError] that runs the activity without a scope.
func Ignore(context.Context, error) bool { return true }

// Refused is the type of the temporal.ApplicationError of an activity that was
// refused. Its message says why. It is not retried, but for what a deployment can
// cure: an unknown secret or version, and a value that is refused here.
const Refused = "temporalscope.Refused"

// InterceptActivity returns an interceptor that binds an activity's goroutine to
// the scope of its context.
func (p *Propagator) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &inbound{interceptor.ActivityInboundInterceptorBase{Next: next}, p.failed}
}

type inbound struct {
	interceptor.ActivityInboundInterceptorBase
	failed OnError
}

// Init adds what tells Extract that there is this interceptor.
func (i *inbound) Init(next interceptor.ActivityOutboundInterceptor) error {
	return i.Next.Init(&outbound{interceptor.ActivityOutboundInterceptorBase{Next: next}})
}

// refusedKey is a context's key of why Extract refused the token.
type refusedKey struct{}

// ExecuteActivity runs the activity, or refuses to.
func (i *inbound) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (result any, err error) {
	if refused, ok := ctx.Value(refusedKey{}).(error); ok && !i.failed(ctx, refused) {
		return nil, temporal.NewApplicationErrorWithOptions(refused.Error(), Refused, temporal.ApplicationErrorOptions{
			NonRetryable: !curable(refused),
			Cause:        refused,
		})
	}
	scope.Run(ctx, func(ctx context.Context) { result, err = i.Next.ExecuteActivity(ctx, in) })
	return result, err
}

// curable says whether the next attempt may find a worker that takes the token.
func curable(err error) bool {
	return errors.Is(err, propagation.ErrUnknownSecret) || errors.Is(err, propagation.ErrVersion) || errors.Is(err, propagation.ErrValue)
}

type outbound struct {
	interceptor.ActivityOutboundInterceptorBase
}

// askedKey is a context's key of a *bool that GetInfo sets.
type askedKey struct{}

// infoOf returns the info of ctx's activity, and whether it is intercepted here.
// Extract has to know: an error of its own leaves Temporal without an answer, and
// one that it keeps for an interceptor that is not there would be lost. An
// activity's context says it only by the way that a call takes.
func infoOf(ctx context.Context) (info activity.Info, intercepted bool) {
	info = activity.GetInfo(context.WithValue(ctx, askedKey{}, &intercepted))
	return info, intercepted
}

func (o *outbound) GetInfo(ctx context.Context) activity.Info {
	if asked, ok := ctx.Value(askedKey{}).(*bool); ok {
		*asked = true
	}
	return o.Next.GetInfo(ctx)
}
