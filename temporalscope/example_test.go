package temporalscope_test

import (
	"context"
	"fmt"
	"log"
	"strings"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/propagation"
	"github.com/scopetree/scope/temporalscope"
)

// Preview is the preview that a workflow was started for.
var Preview = scope.NewKey("preview", "none")

// newExample returns what checks and makes tokens. Its key stands for 32 random
// bytes that come from where secrets come from.
func newExample() *propagation.Propagator {
	p, err := propagation.New(propagation.Config{
		Secrets:  []propagation.Secret{propagation.NewSecret("2026-11", []byte(strings.Repeat("k", 32)))},
		Audience: "staging",
		Allow:    []propagation.Entry{propagation.Allow(Preview, propagation.Text)},
	})
	if err != nil {
		log.Fatal(err)
	}
	return p
}

// Checkout knows nothing of previews.
func Checkout(ctx workflow.Context, order string) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	return workflow.ExecuteActivity(ctx, Charge, order).Get(ctx, nil)
}

// Charge asks for the preview where it needs it.
func Charge(ctx context.Context, order string) error {
	fmt.Println("charging", order, "in preview", scope.Get(ctx, Preview))
	fmt.Println("and code without a context sees", Preview.Get())
	return nil
}

// A client and its workers share one Propagator. A worker that is made from this
// client needs nothing more.
func Example() {
	scopes := temporalscope.New(newExample(), temporalscope.Refuse)
	c, err := client.NewLazyClient(client.Options{
		ContextPropagators: []workflow.ContextPropagator{scopes},
		Interceptors:       []interceptor.ClientInterceptor{scopes},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	w := worker.New(c, "orders", worker.Options{})
	w.RegisterWorkflow(Checkout)
	w.RegisterActivity(Charge)

	// With a server: w.Start(), and in the scope of a request
	// c.ExecuteWorkflow(ctx, options, Checkout, "order 17"). Here Temporal's test
	// environment stands for it.
	startFrom := scope.Set(context.Background(), Preview, "pr-17")
	env := newExampleEnv(startFrom, scopes)
	env.ExecuteWorkflow(Checkout, "order 17")
	fmt.Println(env.GetWorkflowError())
	// Output:
	// charging order 17 in preview pr-17
	// and code without a context sees pr-17
	// <nil>
}

// newExampleEnv returns Temporal's test environment as a worker sees it after a
// client has started a workflow from a scope.
func newExampleEnv(from context.Context, scopes *temporalscope.Propagator) *testsuite.TestWorkflowEnvironment {
	sent := header{}
	if err := scopes.Inject(from, sent); err != nil {
		log.Fatal(err)
	}
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(silent)
	env := suite.NewTestWorkflowEnvironment()
	env.SetContextPropagators([]workflow.ContextPropagator{scopes})
	env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{scopes}})
	env.SetHeader(&commonpb.Header{Fields: sent})
	env.RegisterActivity(Charge)
	return env
}

// An OnError is the place to count what is refused. The token here is for
// another audience.
func ExampleOnError() {
	failed := func(ctx context.Context, err error) bool {
		fmt.Println("counted:", err)
		return temporalscope.Refuse(ctx, err)
	}
	billing := temporalscope.New(newExample().For("billing"), failed) // what it sends is for others
	env := newExampleEnv(scope.Set(context.Background(), Preview, "pr-17"), billing)
	env.ExecuteWorkflow(Checkout, "order 17")
	fmt.Println("failed:", strings.Contains(env.GetWorkflowError().Error(), temporalscope.Refused))
	// Output:
	// counted: temporalscope: propagation: the token is for another audience
	// failed: true
}

// Without the interceptor an activity binds its goroutine itself.
func ExampleNew_withoutTheInterceptor() {
	scopes := temporalscope.New(newExample(), temporalscope.Refuse)
	env := newExampleEnv(scope.Set(context.Background(), Preview, "pr-17"), scopes)
	env.SetWorkerOptions(worker.Options{}) // no interceptor
	env.ExecuteWorkflow(func(ctx workflow.Context) error {
		ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: time.Minute})
		return workflow.ExecuteLocalActivity(ctx, func(ctx context.Context) error {
			fmt.Println(Preview.Get())
			scope.Run(ctx, func(context.Context) { fmt.Println(Preview.Get()) })
			return nil
		}).Get(ctx, nil)
	})
	fmt.Println(env.GetWorkflowError())
	// Output:
	// none
	// pr-17
	// <nil>
}
