package temporal

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/scopetree/scope"
)

// register adds the workflows and activities of orders to a worker.
func register(w worker.Registry) {
	w.RegisterWorkflow(asks)
	w.RegisterWorkflow(asksOnce)
	w.RegisterWorkflow(asksPatiently)
	w.RegisterWorkflow(asksEverywhere)
	w.RegisterWorkflow(asksAtASecondAttempt)
	w.RegisterWorkflow(waits)
	w.RegisterActivity(whose)
	w.RegisterActivity(forget)
}

// whose is an activity that returns the tenant it is for, read in three ways:
// from the context, on the goroutine, and on a goroutine further down. If they
// agree, it is one name.
func whose(ctx context.Context) (string, error) {
	below := make(chan string)
	go func() {
		if scope.Carrier() == "labels" {
			below <- tenant.Get()
		} else {
			below <- scope.Get(ctx, tenant) // a goroutine inherits nothing there
		}
	}()
	return strings.Join(slices.Compact([]string{scope.Get(ctx, tenant), tenant.Get(), <-below}), ", "), nil
}

// forget is an activity that empties the cache of workflows, which are then
// replayed from their history.
func forget(context.Context) error {
	worker.PurgeStickyWorkflowCache()
	return nil
}

// within sets the options of everything that a workflow of orders starts.
func within(ctx workflow.Context) workflow.Context {
	ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: time.Minute})
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Minute,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Millisecond, MaximumInterval: 100 * time.Millisecond},
	})
}

// asks is a workflow that runs the activity with the given name, or [whose] if
// the name is empty.
func asks(ctx workflow.Context, activity string) (who string, err error) {
	if activity == "" {
		activity = "whose"
	}
	err = workflow.ExecuteActivity(within(ctx), activity).Get(ctx, &who)
	return who, err
}

// asksOnce is like asks, but has one attempt of one second.
func asksOnce(ctx workflow.Context) (who string, err error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Second,
		RetryPolicy:         &temporal.RetryPolicy{MaximumAttempts: 1},
	})
	err = workflow.ExecuteActivity(ctx, whose).Get(ctx, &who)
	return who, err
}

// asksPatiently is like asks, but an activity is retried after nine seconds.
func asksPatiently(ctx workflow.Context, activity string, local bool) (who string, err error) {
	policy := &temporal.RetryPolicy{InitialInterval: 9 * time.Second}
	if local {
		ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: time.Minute, RetryPolicy: policy})
		err = workflow.ExecuteLocalActivity(ctx, activity).Get(ctx, &who)
		return who, err
	}
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute, RetryPolicy: policy})
	err = workflow.ExecuteActivity(ctx, activity).Get(ctx, &who)
	return who, err
}

// asksEverywhere returns the tenants of an activity, of a local activity and of
// a child workflow's activity, in each of some runs.
func asksEverywhere(ctx workflow.Context, runs int, before []string) (string, error) {
	ctx = within(ctx)
	var names [3]string
	for i, f := range []workflow.Future{
		workflow.ExecuteActivity(ctx, whose),
		workflow.ExecuteLocalActivity(ctx, whose),
		workflow.ExecuteChildWorkflow(ctx, asks, ""),
	} {
		if err := f.Get(ctx, &names[i]); err != nil {
			return "", err
		}
	}
	if err := workflow.ExecuteActivity(ctx, forget).Get(ctx, nil); err != nil {
		return "", err
	}
	var last string
	if err := workflow.ExecuteActivity(ctx, whose).Get(ctx, &last); err != nil {
		return "", err
	}
	all := slices.Compact(append(append(before, names[:]...), last))
	if runs > 1 {
		return "", workflow.NewContinueAsNewError(ctx, asksEverywhere, runs-1, all)
	}
	return strings.Join(all, ", "), nil
}

// asksAtASecondAttempt is like asks, but fails at the first attempt.
func asksAtASecondAttempt(ctx workflow.Context) (string, error) {
	if workflow.GetInfo(ctx).Attempt == 1 {
		return "", errors.New("at first")
	}
	return asks(ctx, "")
}

// waits waits for a signal, and then returns the tenant of an activity. Until
// then it does so for updates, and answers a query.
func waits(ctx workflow.Context) (string, error) {
	if err := workflow.SetQueryHandler(ctx, "state", func() (string, error) { return "waiting", nil }); err != nil {
		return "", err
	}
	if err := workflow.SetUpdateHandler(ctx, "ask", func(ctx workflow.Context) (string, error) { return asks(ctx, "") }); err != nil {
		return "", err
	}
	workflow.GetSignalChannel(ctx, "go").Receive(ctx, nil)
	return asks(ctx, "")
}
