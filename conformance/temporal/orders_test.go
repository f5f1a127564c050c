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

// whose is an activity that says whose it is, to code at three places: as the
// context has it, as the goroutine has it, and as a goroutine further down has
// it. It is one name where they agree.
func whose(ctx context.Context) (string, error) {
	below := make(chan string)
	go func() {
		if scope.Carrier() == "labels" {
			below <- tenant.Get()
		} else {
			below <- scope.Get(ctx, tenant) // nothing is inherited there
		}
	}()
	return strings.Join(slices.Compact([]string{scope.Get(ctx, tenant), tenant.Get(), <-below}), ", "), nil
}

// forget is an activity after which workflows are replayed from their history.
func forget(context.Context) error {
	worker.PurgeStickyWorkflowCache()
	return nil
}

// within has the options of all that a workflow of orders starts.
func within(ctx workflow.Context) workflow.Context {
	ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: time.Minute})
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Minute,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Millisecond, MaximumInterval: 100 * time.Millisecond},
	})
}

// asks is a workflow that runs an activity, [whose] if it has no name.
func asks(ctx workflow.Context, activity string) (who string, err error) {
	if activity == "" {
		activity = "whose"
	}
	err = workflow.ExecuteActivity(within(ctx), activity).Get(ctx, &who)
	return who, err
}

// asksOnce is asks with one attempt of a second.
func asksOnce(ctx workflow.Context) (who string, err error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Second,
		RetryPolicy:         &temporal.RetryPolicy{MaximumAttempts: 1},
	})
	err = workflow.ExecuteActivity(ctx, whose).Get(ctx, &who)
	return who, err
}

// asksPatiently is asks, but that an activity is retried after nine seconds.
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

// asksEverywhere says whose an activity is, a local one, and a child's, in each
// of some runs.
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

// asksAtASecondAttempt is asks, but that it fails at first.
func asksAtASecondAttempt(ctx workflow.Context) (string, error) {
	if workflow.GetInfo(ctx).Attempt == 1 {
		return "", errors.New("at first")
	}
	return asks(ctx, "")
}

// waits says whose an activity is after a signal. Until then it does so for
// updates, and answers a query.
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
