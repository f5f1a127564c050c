package temporal

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/activity"
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

func TestSignalWithStartStartsInTheScope(t *testing.T) {
	t.Parallel()
	c := dial(t, newScopes(t, secret("a")))
	work(t, c, nil)
	run, err := c.SignalWithStartWorkflow(as(t, "acme"), options(t, "acme").ID, "go", nil, options(t, "acme"), waits)
	require.NoError(t, err)
	assert.Equal(t, "acme", said(t, run))
}

// What an update's handler starts is its caller's, or else the workflow's.
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

// scheduled returns the first run of a schedule that acme created.
func scheduled(t *testing.T, c client.Client, id string) client.WorkflowRun {
	t.Helper()
	o := options(t, id)
	schedule, err := c.ScheduleClient().Create(as(t, "acme"), client.ScheduleOptions{
		ID: o.ID, TriggerImmediately: true,
		Action: &client.ScheduleWorkflowAction{
			ID: o.ID, Workflow: asks, Args: []any{""}, TaskQueue: o.TaskQueue, WorkflowRunTimeout: o.WorkflowRunTimeout,
		},
	})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, schedule.Delete(context.Background())) })
	var started string
	require.Eventually(t, func() bool {
		d, err := schedule.Describe(t.Context())
		if !assert.NoError(t, err) || len(d.Info.RecentActions) == 0 {
			return false
		}
		started = d.Info.RecentActions[0].StartWorkflowResult.WorkflowID
		return true
	}, time.Minute, 10*time.Millisecond)
	return c.GetWorkflow(t.Context(), started, "")
}

// The retries of a workflow have its token as it was.
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

// The token of an activity counts from when it was scheduled, and that is once.
func TestAllAttemptsOfAnActivityAreScheduledAtOneTime(t *testing.T) {
	t.Parallel()
	c := dial(t, newScopes(t, secret("a")))
	var mu sync.Mutex
	var times []time.Time
	work(t, c, map[string]any{"retried": func(ctx context.Context) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		times = append(times, activity.GetInfo(ctx).ScheduledTime)
		if len(times) < 3 {
			return "", errors.New("again")
		}
		return whose(ctx)
	}})
	assert.Equal(t, "acme", said(t, start(t, as(t, "acme"), c, "acme", asks, "retried")))
	require.Len(t, times, 3)
	assert.Equal(t, []time.Time{times[0], times[0], times[0]}, times)
}
