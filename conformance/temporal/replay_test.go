package temporal

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/scopetree/scope/propagation"
	"github.com/scopetree/scope/temporalscope"
)

// When a worker replays a workflow, its secrets, keys, audience and clock may have
// changed. None of them may change what the workflow does.
func TestAReplayIsTheSameWithWhateverTheWorkerKnows(t *testing.T) {
	t.Parallel()
	p := newScopes(t, secret("a"))
	c := dial(t, p)
	work(t, c, nil)
	accepted := start(t, as(t, "acme"), c, "accepted", asksEverywhere, 1, nil)
	require.Equal(t, "acme", said(t, accepted))
	refused := start(t, as(t, "acme"), dial(t, newScopes(t, forged("a"))), "refused", asksEverywhere, 1, nil)
	_, err := result(t, refused)
	assertRefused(t, err, propagation.ErrSignature)
	none := start(t, t.Context(), c, "none", asksEverywhere, 1, nil)
	require.Equal(t, "nobody", said(t, none))
	continued := start(t, as(t, "acme"), c, "continued", asksEverywhere, 2, nil)
	first := continued.GetRunID()
	require.Equal(t, "acme", said(t, continued))

	for name, history := range map[string]*historypb.History{
		"accepted":  historyOf(t, c, accepted.GetID(), accepted.GetRunID()),
		"refused":   historyOf(t, c, refused.GetID(), refused.GetRunID()),
		"none":      historyOf(t, c, none.GetID(), none.GetRunID()),
		"continued": historyOf(t, c, continued.GetID(), first),
	} {
		for knows, other := range map[string]*propagation.Propagator{
			"as it was":         p,
			"without a secret":  nil,
			"with another one":  newScopes(t, secret("b")),
			"a year later":      ago(p, -365*24*time.Hour),
			"of another forger": newScopes(t, forged("a")),
		} {
			assert.NoError(t, replay(t, history, other), "%s, %s", name, knows)
		}
	}
}

func historyOf(t *testing.T, c client.Client, id, run string) *historypb.History {
	t.Helper()
	all := new(historypb.History)
	events := c.GetWorkflowHistory(t.Context(), id, run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(t, err)
		all.Events = append(all.Events, event)
	}
	return all
}

func replay(t *testing.T, history *historypb.History, p *propagation.Propagator) error {
	t.Helper()
	scopes := temporalscope.New(p, temporalscope.Refuse)
	replayer, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{
		ContextPropagators: []workflow.ContextPropagator{scopes},
		Interceptors:       []interceptor.WorkerInterceptor{scopes},
	})
	require.NoError(t, err)
	replayer.RegisterWorkflow(asksEverywhere)
	return replayer.ReplayWorkflowHistory(silent, history)
}
