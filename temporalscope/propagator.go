package temporalscope

import (
	"context"
	"fmt"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/workflow"

	"github.com/scopetree/scope/propagation"
)

// A Propagator is a workflow.ContextPropagator that carries scopes, and an
// interceptor.Interceptor that binds activities to them. Give it to a client as
// both: the client's workers have it from there. Its methods may be called from
// any goroutine.
type Propagator struct {
	interceptor.InterceptorBase
	in     *propagation.Propagator
	failed OnError
}

var (
	_ workflow.ContextPropagator = (*Propagator)(nil)
	_ interceptor.Interceptor    = (*Propagator)(nil)
)

// New returns a Propagator of p's tokens. A nil p sends none and accepts none,
// and its workflows pass on what they were started with, for a worker that can
// tell. failed says what becomes of an activity whose token is refused.
func New(p *propagation.Propagator, failed OnError) *Propagator {
	if failed == nil {
		panic("temporalscope: New needs what to do with a token that is refused: Refuse or Ignore")
	}
	return &Propagator{in: p, failed: failed}
}

// Inject puts the token of ctx's scope, or else of the goroutine's, into h. Its
// error, as of a scope that has ended, is that of the client's call, and nothing
// is sent.
func (p *Propagator) Inject(ctx context.Context, h workflow.HeaderWriter) error {
	return inject(ctx, p.in, h)
}

func inject(ctx context.Context, p *propagation.Propagator, h workflow.HeaderWriter) error {
	c := propagation.MapCarrier{}
	if err := p.Inject(ctx, c); err != nil {
		return fmt.Errorf("temporalscope: %w", err)
	}
	token, ok := c[propagation.Header]
	if !ok {
		return nil
	}
	payload, err := converter.GetDefaultDataConverter().ToPayload(token)
	if err != nil {
		return fmt.Errorf("temporalscope: %w", err)
	}
	h.Set(propagation.Header, payload)
	return nil
}

// Extract returns ctx with what h's token brings. An activity's token has to be
// good at the time when the activity was scheduled.
func (p *Propagator) Extract(ctx context.Context, h workflow.HeaderReader) (context.Context, error) {
	payload, ok := h.Get(propagation.Header)
	if !ok {
		return ctx, nil
	}
	if !activity.IsActivity(ctx) {
		return open(ctx, p.in, payload)
	}
	info, intercepted := infoOf(ctx)
	out, err := open(ctx, at(p.in, info.ScheduledTime), payload)
	if err != nil && intercepted {
		return context.WithValue(ctx, refusedKey{}, err), nil // ExecuteActivity has it
	}
	return out, err
}

// at returns p for tokens that Temporal took at a time.
func at(p *propagation.Propagator, t time.Time) *propagation.Propagator {
	return p.At(func() time.Time { return t })
}

// open returns ctx with what a token brings, or ctx and why it is refused.
func open(ctx context.Context, p *propagation.Propagator, payload *commonpb.Payload) (context.Context, error) {
	var token string
	var err error
	switch {
	case len(payload.GetData()) > propagation.MaxToken+len(`""`): // as JSON: not for reading
		err = propagation.ErrTooLarge
	case converter.GetDefaultDataConverter().FromPayload(payload, &token) != nil: // an error that may quote the token
		err = propagation.ErrMalformed
	default:
		ctx, err = p.Extract(ctx, propagation.MapCarrier{propagation.Header: token})
	}
	if err != nil {
		return ctx, fmt.Errorf("temporalscope: %w", err)
	}
	return ctx, nil
}
