package temporalscope

import (
	"context"
	"fmt"
	"strings"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/workflow"

	"github.com/scopetree/scope/propagation"
)

// A Propagator is a workflow.ContextPropagator that carries scopes, and an
// interceptor.Interceptor that binds activities to them. Give it to a client as both. The
// client's workers then use it too. Its methods may be called from any goroutine. Make
// one with [New].
type Propagator struct {
	interceptor.InterceptorBase
	tokens  *propagation.Propagator
	onError OnError
}

var (
	_ workflow.ContextPropagator = (*Propagator)(nil)
	_ interceptor.Interceptor    = (*Propagator)(nil)
)

// New returns a Propagator of p's tokens. A nil p sends no tokens and accepts none. Its
// workflows pass on the token that they were started with, for a worker that knows the
// secret. onError decides about an activity whose token is refused.
func New(p *propagation.Propagator, onError OnError) *Propagator {
	if onError == nil {
		panic("temporalscope: New needs what to do with a token that is refused: Refuse or Ignore")
	}
	return &Propagator{tokens: p, onError: onError}
}

// Inject puts the token of the scope that decides for ctx into h. If it returns
// an error, such as for a scope that has ended, the client's call returns that error, and
// nothing is sent.
func (p *Propagator) Inject(ctx context.Context, h workflow.HeaderWriter) error {
	token, err := tokenFor(ctx, p.tokens)
	if err != nil || token == "" {
		return err
	}
	return set(h, token, nil)
}

// tokenFor returns the token of ctx's scope, or "" if there is none.
func tokenFor(ctx context.Context, p *propagation.Propagator) (string, error) {
	c := propagation.MapCarrier{}
	if err := p.Inject(ctx, c); err != nil {
		return "", fmt.Errorf("temporalscope: %w", err)
	}
	return c[propagation.Header], nil
}

// set puts a token into h, as text that other languages can read too. If a workflow has
// signed the token, set also puts the time of that into h.
func set(h workflow.HeaderWriter, token string, at []byte) error {
	payload, err := converter.GetDefaultDataConverter().ToPayload(token)
	if err != nil {
		return fmt.Errorf("temporalscope: %w", err)
	}
	if at != nil {
		payload.Metadata[signed] = at
	}
	h.Set(propagation.Header, payload)
	return nil
}

// Extract returns ctx with the values of h's token. In an activity, the token must be
// valid at the time when the activity was scheduled. If the activity has the interceptor,
// Extract leaves the token to that, because the interceptor can refuse it.
func (p *Propagator) Extract(ctx context.Context, h workflow.HeaderReader) (context.Context, error) {
	payload, ok := h.Get(propagation.Header)
	switch {
	case !ok:
		return ctx, nil
	case !activity.IsActivity(ctx):
		return open(ctx, p.tokens, textOf(payload))
	case intercepted(ctx):
		return ctx, nil
	}
	return p.openActivity(ctx, payload)
}

// openActivity returns an activity's context with the values of its token, or ctx and the
// reason why it is refused.
func (p *Propagator) openActivity(ctx context.Context, payload *commonpb.Payload) (context.Context, error) {
	info := activity.GetInfo(ctx)
	taken := info.ScheduledTime
	if t, ok := signedAt(payload); ok && info.IsLocalActivity {
		taken = t
	}
	return open(ctx, at(p.tokens, taken), textOf(payload))
}

// at returns p for tokens that Temporal took at a time.
func at(p *propagation.Propagator, t time.Time) *propagation.Propagator {
	return p.At(func() time.Time { return t })
}

// open returns ctx with the values of a token, or ctx and the reason why it is refused.
func open(ctx context.Context, p *propagation.Propagator, token string) (context.Context, error) {
	out, err := p.Extract(ctx, propagation.MapCarrier{propagation.Header: token})
	if err != nil {
		return ctx, fmt.Errorf("temporalscope: %w", err)
	}
	return out, nil
}

// textOf returns the token in a payload. If a payload is not a token, textOf returns a
// text that is refused for the same reason. It does not return the payload's own text,
// which may have megabytes, nor the decoder's error, which may quote it.
func textOf(payload *commonpb.Payload) (token string) {
	if len(payload.GetData()) > propagation.MaxToken+len(`""`) {
		return tooLarge
	}
	if converter.GetDefaultDataConverter().FromPayload(payload, &token) != nil {
		return malformed
	}
	return token
}

// Texts that are refused.
var (
	tooLarge  = strings.Repeat("x", propagation.MaxToken+1)
	malformed = ""
)
