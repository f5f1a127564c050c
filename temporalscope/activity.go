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

// An OnError is called for an activity whose token is refused. It gets the activity's
// context, and an error that wraps one of package propagation. If it returns true, the
// activity runs without the values of the token. Otherwise the activity fails with an
// error of the type [Refused]. It is the place to count refusals. It is called by many
// goroutines.
type OnError func(ctx context.Context, err error) (goOn bool)

// Refuse is an [OnError] that fails the activity.
func Refuse(context.Context, error) bool { return false }

// Ignore is an [OnError] that runs the activity without a scope.
func Ignore(context.Context, error) bool { return true }

// Refused is the type of the temporal.ApplicationError of an activity that was refused.
// Its message has the reason. Usually the activity is not retried. If a deployment can
// cure the reason, the activity's retry policy applies: an unknown secret or version, or
// a value that is refused here.
const Refused = "temporalscope.Refused"

// InterceptActivity returns an interceptor that opens an activity's token, and binds the
// activity's goroutine to the resulting scope.
func (p *Propagator) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &inbound{interceptor.ActivityInboundInterceptorBase{Next: next}, p}
}

type inbound struct {
	interceptor.ActivityInboundInterceptorBase
	p *Propagator
}

// Init makes GetInfo tell Extract that there is this interceptor.
func (i *inbound) Init(next interceptor.ActivityOutboundInterceptor) error {
	return i.Next.Init(&outbound{interceptor.ActivityOutboundInterceptorBase{Next: next}})
}

// openedKey marks a context whose token was opened. If both the client and the worker
// have the interceptor, it runs twice.
type openedKey struct{}

// ExecuteActivity runs the activity, or refuses to.
func (i *inbound) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (result any, err error) {
	payload, ok := interceptor.Header(ctx)[propagation.Header]
	if ok && ctx.Value(openedKey{}) == nil {
		ctx, err = i.p.openActivity(context.WithValue(ctx, openedKey{}, true), payload)
		if err != nil && !i.p.onError(ctx, err) {
			return nil, temporal.NewApplicationErrorWithOptions(err.Error(), Refused,
				temporal.ApplicationErrorOptions{NonRetryable: !curable(err)})
		}
	}
	scope.Run(ctx, func(ctx context.Context) { result, err = i.Next.ExecuteActivity(ctx, in) })
	return result, err
}

// curable reports whether the next attempt may find a worker that accepts the token.
func curable(err error) bool {
	return errors.Is(err, propagation.ErrUnknownSecret) || errors.Is(err, propagation.ErrVersion) || errors.Is(err, propagation.ErrValue)
}

type outbound struct {
	interceptor.ActivityOutboundInterceptorBase
}

// askedKey is the key of a *bool in a context. GetInfo sets it.
type askedKey struct{}

// intercepted says whether ExecuteActivity is still to come for ctx's activity.
// Extract has to know: an error of its own leaves Temporal without an answer. An
// activity's context says it only by the way that a call takes.
func intercepted(ctx context.Context) (yes bool) {
	activity.GetInfo(context.WithValue(ctx, askedKey{}, &yes))
	return yes && ctx.Value(openedKey{}) == nil
}

func (o *outbound) GetInfo(ctx context.Context) activity.Info {
	if asked, ok := ctx.Value(askedKey{}).(*bool); ok {
		*asked = true
	}
	return o.Next.GetInfo(ctx)
}
