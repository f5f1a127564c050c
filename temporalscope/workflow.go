package temporalscope

import (
	"context"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/workflow"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/propagation"
)

// A hop is what a workflow passes on: a token that is still closed, and when
// Temporal took it.
//
// Nothing here may depend on the secrets, the allowed keys or the clock of the
// worker in a way that the workflow's code can see, since they are others when
// it is replayed. So a token is opened as late as for a command, whose header is
// no part of the replay: the SDK compares commands without it. And no error is
// returned, since the SDK fails the workflow task for one, again and again. A
// forged token in a signal could then stop any workflow. Nor is a payload passed
// on as it came: one of a megabyte, times a workflow's activities, would end it.
type hop struct {
	token string
	at    time.Time
}

// hopKey is the key of a workflow's *hop, which is nil where it was started with
// no token.
type hopKey struct{}

// ExtractToWorkflow returns ctx with h's token, for what the workflow starts.
// That of an update is for what its handler starts. It returns no error: a token
// is checked where it is used.
func (p *Propagator) ExtractToWorkflow(ctx workflow.Context, h workflow.HeaderReader) (workflow.Context, error) {
	passed, started := ctx.Value(hopKey{}).(*hop)
	payload, ok := h.Get(propagation.Header)
	switch {
	case !ok:
	case started:
		passed = &hop{textOf(payload), workflow.Now(ctx)}
	default: // perhaps long ago, if no worker was there
		passed = &hop{textOf(payload), workflow.GetInfo(ctx).WorkflowStartTime}
	}
	return workflow.WithValue(ctx, hopKey{}, passed), nil
}

// InjectFromWorkflow puts the workflow's token into h, signed anew, since much
// time may have passed. One that can't be opened goes on as it is. It returns no
// error.
func (p *Propagator) InjectFromWorkflow(ctx workflow.Context, h workflow.HeaderWriter) error {
	passed, _ := ctx.Value(hopKey{}).(*hop)
	if passed == nil {
		return nil
	}
	token, err := p.sign(passed)
	switch {
	case err != nil:
		return set(h, passed.token, nil)
	case token == "":
		return nil
	}
	return set(h, token, time.Now().AppendFormat(nil, time.RFC3339Nano))
}

// sign returns a new token with what an old one brings, "" if that is nothing
// here.
func (p *Propagator) sign(old *hop) (string, error) {
	ctx, err := open(scope.Detach(context.Background()), at(p.tokens, old.at), old.token)
	if err != nil {
		return "", err
	}
	return tokenFor(ctx, p.tokens)
}

// signed is a payload's metadata that says when a workflow has signed its token,
// for local activities. The SDK retries one through a timer, when it has to wait
// for longer than a workflow task may last, and then tells a new time and has the
// old header. That header never leaves the process, and is not made by others,
// since a workflow passes on the text of a token alone. So the time is believed
// there, and nowhere else.
const signed = "scope-signed"

func signedAt(payload *commonpb.Payload) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339Nano, string(payload.GetMetadata()[signed]))
	return t, err == nil
}
