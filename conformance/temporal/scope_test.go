package temporal

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/propagation"
)

func TestParallelWorkflowsEachHaveTheirOwnScope(t *testing.T) {
	t.Parallel()
	p := newScopes(t, secret("a"))
	work(t, dial(t, p), nil)
	c := dial(t, p)
	var runs []client.WorkflowRun
	for i := range 8 {
		me := fmt.Sprint("tenant-", i)
		ctx, end := scope.New(as(t, me), me)
		runs = append(runs, start(t, ctx, c, me, asksEverywhere, 2, nil))
		end() // a workflow outlives the scope that it was started in
	}
	without := start(t, t.Context(), c, "without", asksEverywhere, 2, nil)
	for i, run := range runs {
		assert.Equal(t, fmt.Sprint("tenant-", i), said(t, run))
	}
	assert.Equal(t, "nobody", said(t, without))
}

func TestAnActivityStartsWorkflowsInItsScope(t *testing.T) {
	t.Parallel()
	c := dial(t, newScopes(t, secret("a")))
	work(t, c, map[string]any{"starts": func(ctx context.Context) (who string, err error) {
		run, err := c.ExecuteWorkflow(ctx, options(t, "below"), asks, "")
		if err != nil {
			return "", err
		}
		return who, run.Get(ctx, &who)
	}})
	assert.Equal(t, "acme", said(t, start(t, as(t, "acme"), c, "above", asks, "starts")))
}

func TestAnActivityOnItsOwnHasTheScopeOfItsClient(t *testing.T) {
	t.Parallel()
	c := dial(t, newScopes(t, secret("a")))
	work(t, c, nil)
	run, err := c.ExecuteActivity(as(t, "acme"), client.StartActivityOptions{
		ID: t.Name(), TaskQueue: t.Name(), StartToCloseTimeout: time.Minute,
	}, whose)
	require.NoError(t, err)
	var who string
	require.NoError(t, run.Get(t.Context(), &who))
	assert.Equal(t, "acme", who)
}

func TestSignalWithStartStartsInTheScope(t *testing.T) {
	t.Parallel()
	c := dial(t, newScopes(t, secret("a")))
	work(t, c, nil)
	run, err := c.SignalWithStartWorkflow(as(t, "acme"), options(t, "acme").ID, "go", nil, options(t, "acme"), waits)
	require.NoError(t, err)
	assert.Equal(t, "acme", said(t, run))
}

// An update's handler starts activities in the scope of the update's caller, or else of
// the workflow.
func TestAnUpdateIsItsCallers(t *testing.T) {
	t.Parallel()
	c := dial(t, newScopes(t, secret("a")))
	work(t, c, nil)
	run := start(t, as(t, "acme"), c, "acme", waits)
	for want, ctx := range map[string]context.Context{"umbrella": as(t, "umbrella"), "acme": t.Context()} {
		update, err := c.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
			WorkflowID: run.GetID(), UpdateName: "ask", WaitForStage: client.WorkflowUpdateStageCompleted,
		})
		require.NoError(t, err)
		var who string
		require.NoError(t, update.Get(t.Context(), &who))
		assert.Equal(t, want, who)
	}
	require.NoError(t, c.SignalWorkflow(as(t, "umbrella"), run.GetID(), "", "go", nil))
	assert.Equal(t, "acme", said(t, run), "a signal's scope is not the workflow's")
}

func TestAScheduleRunsInTheScopeThatItWasCreatedIn(t *testing.T) {
	t.Parallel()
	p := newScopes(t, secret("a"))
	work(t, dial(t, p), nil)
	assert.Equal(t, "acme", said(t, scheduled(t, dial(t, p), "now")))

	_, err := result(t, scheduled(t, dial(t, ago(p, time.Hour)), "an hour ago"))
	assertRefused(t, err, propagation.ErrExpired)
}

// An update of a schedule sets the update's own token, or none, whatever else it changes.
func TestAScheduleThatIsUpdatedRunsInTheScopeOfTheUpdate(t *testing.T) {
	t.Parallel()
	c := dial(t, newScopes(t, secret("a")))
	work(t, c, nil)
	schedule := create(t, c, "renewed", false)
	for want, ctx := range map[string]context.Context{"umbrella": as(t, "umbrella"), "nobody": t.Context()} {
		require.NoError(t, schedule.Update(ctx, client.ScheduleUpdateOptions{
			DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
				return &client.ScheduleUpdate{Schedule: &in.Description.Schedule}, nil
			},
		}))
		before := len(actions(t, schedule))
		require.NoError(t, schedule.Trigger(t.Context(), client.ScheduleTriggerOptions{}))
		assert.Equal(t, want, said(t, nextRun(t, c, schedule, before)))
	}
}

// scheduled returns the first run of a schedule that acme created.
func scheduled(t *testing.T, c client.Client, id string) client.WorkflowRun {
	t.Helper()
	return nextRun(t, c, create(t, c, id, true), 0)
}

// create returns a schedule that acme created.
func create(t *testing.T, c client.Client, id string, now bool) client.ScheduleHandle {
	t.Helper()
	o := options(t, id)
	schedule, err := c.ScheduleClient().Create(as(t, "acme"), client.ScheduleOptions{
		ID: o.ID, TriggerImmediately: now,
		Action: &client.ScheduleWorkflowAction{
			ID: o.ID, Workflow: asks, Args: []any{""}, TaskQueue: o.TaskQueue, WorkflowRunTimeout: o.WorkflowRunTimeout,
		},
	})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, schedule.Delete(context.Background())) })
	return schedule
}

// nextRun waits until a schedule has started more than before runs, and returns the last
// one.
func nextRun(t *testing.T, c client.Client, schedule client.ScheduleHandle, before int) client.WorkflowRun {
	t.Helper()
	var all []client.ScheduleActionResult
	require.Eventually(t, func() bool {
		all = actions(t, schedule)
		return len(all) > before
	}, time.Minute, 10*time.Millisecond)
	last := all[len(all)-1].StartWorkflowResult
	return c.GetWorkflow(t.Context(), last.WorkflowID, last.FirstExecutionRunID)
}

// actions returns the recent runs of a schedule, or nil if it can't be described.
func actions(t *testing.T, schedule client.ScheduleHandle) []client.ScheduleActionResult {
	t.Helper()
	d, err := schedule.Describe(t.Context())
	if err != nil {
		return nil
	}
	return d.Info.RecentActions
}

// The retries of a workflow have the token of its first run.
func TestARetriedWorkflowHasTheTokenOfTheFirst(t *testing.T) {
	t.Parallel()
	c := dial(t, newScopes(t, secret("a")))
	work(t, c, nil)
	o := options(t, "acme")
	o.RetryPolicy = &temporal.RetryPolicy{InitialInterval: time.Millisecond}
	first, err := c.ExecuteWorkflow(as(t, "acme"), o, asksAtASecondAttempt)
	require.NoError(t, err)
	run := first.GetRunID()
	token := startedWith(t, c, first.GetID(), run)
	assert.Equal(t, "acme", said(t, first))
	last, err := c.DescribeWorkflowExecution(t.Context(), first.GetID(), "")
	require.NoError(t, err)
	again := last.GetWorkflowExecutionInfo().GetExecution().GetRunId()
	require.NotEqual(t, run, again)
	assert.Equal(t, token.GetData(), startedWith(t, c, first.GetID(), again).GetData())
	assert.Contains(t, string(token.GetData()), "1.a.")
}

// startedWith returns the token that a run was started with.
func startedWith(t *testing.T, c client.Client, id, run string) *commonpb.Payload {
	t.Helper()
	events := c.GetWorkflowHistory(t.Context(), id, run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	first, err := events.Next()
	require.NoError(t, err)
	return first.GetWorkflowExecutionStartedEventAttributes().GetHeader().GetFields()[propagation.Header]
}

// A token is checked at the time of the activity, and not of the attempt. After a while,
// a local activity is retried through a timer, with the header that it had.
func TestATokenIsGoodForAllAttemptsOfAnActivity(t *testing.T) {
	t.Parallel()
	brief, err := propagation.New(propagation.Config{
		Secrets:  []propagation.Secret{secret("a")},
		Audience: "orders",
		Allow:    []propagation.Entry{propagation.Allow(tenant, propagation.Text)},
		Lifetime: 8 * time.Second,
		Skew:     -1,
	})
	require.NoError(t, err)
	for name, local := range map[string]bool{"activity": false, "local activity": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := dial(t, brief)
			var attempts atomic.Int64
			work(t, c, map[string]any{"retried": func(ctx context.Context) (string, error) {
				if attempts.Add(1) == 1 {
					return "", errors.New("again")
				}
				return whose(ctx)
			}})
			o := options(t, "acme")
			o.WorkflowTaskTimeout = 3 * time.Second // a longer wait becomes a timer
			run, err := c.ExecuteWorkflow(as(t, "acme"), o, asksPatiently, "retried", local)
			require.NoError(t, err)
			assert.Equal(t, "acme", said(t, run))
			assert.EqualValues(t, 2, attempts.Load())
		})
	}
}
