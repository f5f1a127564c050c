package temporalscope_test

import (
	"context"
	"fmt"

	"go.temporal.io/sdk/workflow"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/temporalscope"
)

// A workflow's code does not read the scope: it is replayed by workers that know
// other secrets, and has to decide as it did at first. What it decides on is an
// argument.
func ExamplePropagator_wrongReadingInAWorkflow() {
	scopes := temporalscope.New(newExample(), temporalscope.Refuse)
	env := newExampleEnv(scope.Set(context.Background(), Preview, "pr-17"), scopes)
	env.ExecuteWorkflow(func(workflow.Context) error {
		fmt.Println(Preview.Get()) // wrong
		return nil
	})
	// Output:
	// none
}
