// Package env gives a scope environment variables of its own: what a program
// reads with os.Getenv can differ from test to test, from request to request,
// and from job to job, at the same time.
//
//	ctx = env.Set(ctx, "GITHUB_API_URL", "http://127.0.0.1:4321")
//
//	env.Get(ctx, "GITHUB_API_URL") // the scope's
//	env.Get(ctx, "HOME")           // the process's: nobody changed it
//	cmd.Env = env.Environ(ctx)     // both, for a subprocess
//
// # Vocabulary
//
// The process's environment is what package os reads. A change is a binding of
// a scope: it sets a variable ([Bind], [Set]) or hides the process's ([Hide],
// [Unset]). The environment of a scope is the process's with the changes of
// that scope and of those around it. Changes are bindings as all others are:
// which scope decides, what inherits them and when they end is as package scope
// has it. What the process changes with os.Setenv is seen at once, where no
// scope says otherwise.
//
// # What is reached
//
// Code that reads through this package: [Get] and [Lookup] with a context,
// [Getenv] without one, [Environ], and libraries that take functions, which
// [In] gives them.
//
// Code that calls os.Getenv is not reached. Nor is what calls it for you: a
// dependency that reads its own variables, os.ExpandEnv, http.ProxyFromEnvironment,
// exec.LookPath, and an exec.Cmd whose Env is nil. os.Getenv can't be replaced
// from outside, so replace the call.
//
// # Secrets
//
// Variables are where API keys live, so no value of one is printed: bindings,
// contexts, [Explain] and panics show names, and values as ‹redacted›. A [Key]
// says by scope.Redacted whether its values are secret. Without that, its
// bindings and its errors show them.
//
// # Testing
//
// Package envtest has Setenv, in the shape of t.Setenv and safe under
// t.Parallel. Where a goroutine can't be bound, as with the gls carrier, bind
// the changes to a context: scopetest.With(t, env.Bind("DEBUG", "1")).
//
// # Cost
//
// A scope without changes costs a few nanoseconds over package os and no
// allocation. With changes, reading a variable is one lookup in a map, and
// Environ costs what os.Environ does and a pass over it.
//
// # When a plain parameter is better
//
// When main can read the environment once, and pass on what it found. Scope it
// where code reads variables late and from deep inside, or starts subprocesses.
package env
