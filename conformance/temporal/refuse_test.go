package temporal

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/scopetree/scope/propagation"
	"github.com/scopetree/scope/temporalscope"
)

// A stranger is a client whose tokens the workers of orders refuse, and the
// reason why.
type stranger struct {
	client client.Client
	why    error
}

func strangers(t *testing.T) map[string]stranger {
	t.Helper()
	p := newScopes(t, secret("a"))
	return map[string]stranger{
		"forged":     {dial(t, newScopes(t, forged("a"))), propagation.ErrSignature},
		"foreign":    {dial(t, p.For("billing")), propagation.ErrAudience},
		"expired":    {dial(t, ago(p, time.Hour)), propagation.ErrExpired},
		"from ahead": {dial(t, ago(p, -time.Hour)), propagation.ErrEarly},
	}
}

// result waits for the end of a workflow and returns its result, or the error.
func result(t *testing.T, run client.WorkflowRun) (said string, err error) {
	t.Helper()
	err = run.Get(t.Context(), &said)
	return said, err
}

func assertRefused(t *testing.T, err, why error) {
	t.Helper()
	var refused *temporal.ApplicationError
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, temporalscope.Refused, refused.Type())
	assert.Contains(t, refused.Error(), why.Error())
}

func TestAStrangersActivityIsRefused(t *testing.T) {
	t.Parallel()
	work(t, dial(t, newScopes(t, secret("a"))), nil)
	for name, stranger := range strangers(t) {
		_, err := result(t, start(t, as(t, "acme"), stranger.client, name, asks, ""))
		assertRefused(t, err, stranger.why)
	}
}

// If an activity's context can't be made, Temporal gets no answer for the
// activity.
func TestWithoutTheInterceptorARefusedActivityTimesOut(t *testing.T) {
	t.Parallel()
	work(t, dialAs(t, temporalscope.New(newScopes(t, secret("a")), temporalscope.Ignore)), nil)
	_, err := result(t, start(t, as(t, "acme"), dial(t, newScopes(t, forged("a"))), "acme", asksOnce))
	var timeout *temporal.TimeoutError
	require.ErrorAs(t, err, &timeout)
	assert.Equal(t, enumspb.TIMEOUT_TYPE_START_TO_CLOSE, timeout.TimeoutType())
}

// Sending a token must not be a way to stop a workflow.
func TestAStrangersTokenDoesNothingToAWorkflow(t *testing.T) {
	t.Parallel()
	c := dial(t, newScopes(t, secret("a")))
	work(t, c, nil)
	for name, stranger := range strangers(t) {
		run := start(t, as(t, "acme"), c, name, waits)
		update, err := stranger.client.UpdateWorkflow(as(t, "umbrella"), client.UpdateWorkflowOptions{
			WorkflowID: run.GetID(), UpdateName: "ask", WaitForStage: client.WorkflowUpdateStageCompleted,
		})
		require.NoError(t, err)
		assertRefused(t, update.Get(t.Context(), nil), stranger.why)

		state, err := stranger.client.QueryWorkflow(as(t, "umbrella"), run.GetID(), "", "state")
		require.NoError(t, err)
		var answer string
		require.NoError(t, state.Get(&answer))
		assert.Equal(t, "waiting", answer)

		require.NoError(t, stranger.client.SignalWorkflow(as(t, "umbrella"), run.GetID(), "", "go", nil))
		assert.Equal(t, "acme", said(t, run), name)
	}
}

// The activity waits for a worker that knows the secret.
func TestARefusalThatADeploymentCures(t *testing.T) {
	t.Parallel()
	refused := make(chan error, 1)
	late := dialWith(t, temporalscope.New(newScopes(t, secret("b")), func(_ context.Context, err error) bool {
		select {
		case refused <- err:
		default:
		}
		return false
	}))
	stop := work(t, late, nil)
	run := start(t, as(t, "acme"), dial(t, newScopes(t, secret("a"))), "acme", asks, "")
	require.ErrorIs(t, <-refused, propagation.ErrUnknownSecret)
	stop()
	work(t, dial(t, newScopes(t, secret("b"), secret("a"))), nil)
	assert.Equal(t, "acme", said(t, run))
}
