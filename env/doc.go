// Package env gives a scope environment variables of its own. A variable can have
// another value in each test, request or job, at the same time.
//
//	ctx = env.Set(ctx, "GITHUB_API_URL", "http://127.0.0.1:4321")
//
//	env.Get(ctx, "GITHUB_API_URL") // the scope's
//	env.Get(ctx, "HOME")           // the process's: nobody changed it
//	cmd.Env = env.Environ(ctx)     // both, for a subprocess
//
// # Vocabulary
//
// The process's environment is the one that package os reads. A change is a
// binding of a scope. It sets a variable ([Bind], [Set]) or hides the process's
// ([Hide], [Unset]). The environment of a scope is the process's environment with
// the changes of that scope and of the scopes around it. Changes are ordinary
// bindings: package scope says which scope decides, what inherits them and when
// they end. A scope sees at once what the process changes with os.Setenv, unless it
// has a change for the same variable.
//
// # What is reached
//
// The package reaches code that reads through it: [Get] and [Lookup] with a context,
// [Getenv] without one, and [Environ]. For libraries that take functions, [In]
// returns some.
//
// It does not reach code that calls os.Getenv, directly or not: a dependency that
// reads its own variables, os.ExpandEnv, http.ProxyFromEnvironment, exec.LookPath,
// and an exec.Cmd whose Env is nil. Nothing can replace os.Getenv from outside, so
// replace the call. Or read the environment through a variable of your program, and
// set that to [Getenv] in TestMain:
//
//	var getenv = os.Getenv
//
// # Secrets
//
// Environment variables often hold API keys. So bindings, contexts, [Explain] and
// panics show the variable's name, and ‹redacted› for its value. The values of a
// [Key] are shown, in its bindings and errors, unless it has the option
// scope.Redacted.
//
// # Testing
//
// Package envtest has Setenv, which has t.Setenv's shape and is safe under
// t.Parallel. With the gls carrier a test's goroutine can't be bound. Bind the
// changes to a context there: scopetest.With(t, env.Bind("DEBUG", "1")).
//
// # Cost
//
// In a scope without changes, a read takes a few nanoseconds more than with package
// os, and allocates nothing. With changes, a read is one more lookup in a map, and
// Environ makes one pass over the result of os.Environ.
//
// # When a plain parameter is better
//
// If main can read the environment once and pass the values on, do that. Use this
// package where code deep inside reads variables late, or starts subprocesses.
package env
