package temporalscope

import (
	"context"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/workflow"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/propagation"
)

// A hop is what a workflow passes on: a token that was not opened, and the time when
// Temporal took it.
//
// The secrets, the allowed keys and the clock of a worker may differ at a replay. So
// nothing that the workflow's code can see may depend on them. Therefore a token is
// opened only when a command is made. The command's header is not part of the replay,
// because the SDK compares commands without it.
//
// No function here returns an error, because the SDK fails the workflow task for an
// error, again and again. Otherwise a forged token in a signal could stop any workflow.
//
// A payload is not passed on as it came. A payload of a megabyte, times the activities of
// a workflow, would end the workflow.
type hop struct {
	token string
	at    time.Time
}

// hopKey is the key of a workflow's *hop. The hop is nil if the workflow was started
// without a token.
type hopKey struct{}

// ExtractToWorkflow returns ctx with h's token, for the activities and child workflows
// that the workflow starts. The token of an update is for what the update's handler
// starts. ExtractToWorkflow returns no error, because a token is checked where it is
// used.
func (p *Propagator) ExtractToWorkflow(ctx workflow.Context, h workflow.HeaderReader) (workflow.Context, error) {
	passed, started := ctx.Value(hopKey{}).(*hop)
	payload, ok := h.Get(propagation.Header)
	switch {
	case !ok:
	case started:
		passed = &hop{textOf(payload), workflow.Now(ctx)}
	default: // this may be long ago, if there was no worker
		passed = &hop{textOf(payload), workflow.GetInfo(ctx).WorkflowStartTime}
	}
	return workflow.WithValue(ctx, hopKey{}, passed), nil
}

// InjectFromWorkflow puts the workflow's token into h. It signs the token anew, because
// much time may have passed. A token that it can't open goes on unchanged. It returns no
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

// sign returns a new token with the values of an old one, or "" if the old one has no
// values that are allowed here.
func (p *Propagator) sign(old *hop) (string, error) {
	ctx, err := open(scope.Detach(context.Background()), at(p.tokens, old.at), old.token)
	if err != nil {
		return "", err
	}
	return tokenFor(ctx, p.tokens)
}

// signed is the metadata of a payload that has the time when a workflow signed its token.
// It is for local activities. If the SDK has to wait for longer than a workflow task may
// last, it retries a local activity through a timer. Then it reports a new time, but has
// the old header. That header never leaves the process. No one else can make it, because
// a workflow passes on only the text of a token. So the time is trusted there, and
// nowhere else.
const signed = "scope-signed"

func signedAt(payload *commonpb.Payload) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339Nano, string(payload.GetMetadata()[signed]))
	return t, err == nil
}
