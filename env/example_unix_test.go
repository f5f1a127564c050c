//go:build unix

package env_test

import (
	"context"
	"fmt"
	"os/exec"

	"github.com/scopetree/scope/env"
)

func ExampleEnviron() {
	ctx := env.Set(context.Background(), "EXAMPLE_USER", "octocat")

	cmd := exec.CommandContext(ctx, "sh", "-c", "echo hello, $EXAMPLE_USER")
	cmd.Env = env.Environ(ctx)
	out, err := cmd.Output()
	fmt.Printf("%s%v\n", out, err)
	// Output:
	// hello, octocat
	// <nil>
}

// A command without Env gets the process's, also one that has the context.
func ExampleEnviron_wrongNoEnv() {
	ctx := env.Set(context.Background(), "EXAMPLE_USER", "octocat")

	cmd := exec.CommandContext(ctx, "sh", "-c", "echo hello, $EXAMPLE_USER") // wrong
	out, err := cmd.Output()
	fmt.Printf("%s%v\n", out, err)
	// Output:
	// hello,
	// <nil>
}
