package env_test

import (
	"context"
	"fmt"
	"os"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/env"
)

// Code that calls os.Getenv is not reached, and neither is what calls it.
func ExampleSet_wrongOSGetenv() {
	ctx := env.Set(context.Background(), "EXAMPLE_USER", "octocat")

	scope.Run(ctx, func(ctx context.Context) {
		fmt.Printf("%q\n", os.Getenv("EXAMPLE_USER"))     // wrong
		fmt.Printf("%q\n", os.ExpandEnv("$EXAMPLE_USER")) // wrong

		fmt.Printf("%q\n", env.Get(ctx, "EXAMPLE_USER"))
	})
	// Output:
	// ""
	// ""
	// "octocat"
}

// Set returns a new context. A call whose result is dropped does nothing.
func ExampleSet_wrongResultDropped() {
	ctx := context.Background()

	env.Set(ctx, "EXAMPLE_USER", "octocat") //scopevet:ignore wrong: ctx stays as it was
	fmt.Printf("%q\n", env.Get(ctx, "EXAMPLE_USER"))

	ctx = env.Set(ctx, "EXAMPLE_USER", "octocat")
	fmt.Printf("%q\n", env.Get(ctx, "EXAMPLE_USER"))
	// Output:
	// ""
	// "octocat"
}
