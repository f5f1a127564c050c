package temporalscope

import (
	"context"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/workflow"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/propagation"
)

// A hop is what a workflow passes on: a token that is still closed, nil for
// none, and when Temporal took it.
//
// Nothing here may depend on the secrets, the allowed keys or the clock of the
// worker in a way that the workflow's code can see, since they are others when
// it is replayed. So a token is opened as late as for a command, whose header is
// no part of the replay: the SDK compares commands without it. And no error is
// returned, since the SDK fails the workflow task for one, again and again. A
// forged token in a signal could then stop any workflow.
type hop struct {
	token *commonpb.Payload
	at    time.Time
}

type hopKey struct{}

// ExtractToWorkflow returns ctx with h's token, for what the workflow starts.
// That of an update is for what its handler starts. It returns no error: a token
// is checked where it is used.
func (p *Propagator) ExtractToWorkflow(ctx workflow.Context, h workflow.HeaderReader) (workflow.Context, error) {
	_, started := ctx.Value(hopKey{}).(hop)
	token, ok := h.Get(propagation.Header)
	switch {
	case !started: // perhaps long ago, if no worker was there
		return workflow.WithValue(ctx, hopKey{}, hop{token, workflow.GetInfo(ctx).WorkflowStartTime}), nil
	case ok:
		return workflow.WithValue(ctx, hopKey{}, hop{token, workflow.Now(ctx)}), nil
	}
	return ctx, nil
}

// InjectFromWorkflow puts the workflow's token into h, signed anew, since much
// time may have passed. One that can't be opened goes on as it is. It returns no
// error.
func (p *Propagator) InjectFromWorkflow(ctx workflow.Context, h workflow.HeaderWriter) error {
	passed, _ := ctx.Value(hopKey{}).(hop)
	if passed.token == nil {
		return nil
	}
	opened, err := open(scope.Detach(context.Background()), at(p.in, passed.at), passed.token)
	if err == nil {
		err = inject(opened, p.in, h)
	}
	if err != nil {
		h.Set(propagation.Header, passed.token)
	}
	return nil
}
