package env

import (
	"context"
	"os"
	"strings"

	"github.com/scopetree/scope"
)

// Get returns the value of a variable in the scope that decides for ctx, or else in the
// process's environment, as os.Getenv does. It returns "" for a variable that is not set,
// or hidden.
func Get(ctx context.Context, name string) string {
	v, _ := Lookup(ctx, name)
	return v
}

// Lookup is [Get] for callers who must tell an empty value from none, as
// os.LookupEnv does.
func Lookup(ctx context.Context, name string) (value string, ok bool) {
	if c := scope.Get(ctx, changed); c != nil {
		if c, ok := c[native.id(name)]; ok {
			return c.value, c.set
		}
	}
	return os.LookupEnv(name)
}

// Getenv is [Get] for code that has no context: it reads the goroutine's scope, or else
// the process's environment.
func Getenv(name string) string { return Get(context.Background(), name) }

// Set returns a context derived from ctx, as [scope.Set] does, with a scope in which the
// variable has the value. It changes neither ctx nor the process. Set panics where
// os.Setenv returns an error: if the name is empty or has a "=" or a NUL, or if the value
// has a NUL.
func Set(ctx context.Context, name, value string) context.Context {
	return scope.With(ctx, Bind(name, value))
}

// Unset returns a context derived from ctx with a scope in which the variable is not set,
// even if the process or a scope around has it. It panics as [Set] does.
func Unset(ctx context.Context, name string) context.Context {
	return scope.With(ctx, Hide(name))
}

// Explain says why [Get] answers what it does: which scope sets or hides the variable,
// and on which line, if that is known. It is like [scope.Explain], but instead of the
// value it shows ‹redacted›, hidden, or not set. The default is the process's variable.
//
//	GITHUB_TOKEN = ‹redacted›, bound in scope "TestCheckout" at checkout_test.go:12; asked scope "TestCheckout/card", from the context
func Explain(ctx context.Context, name string) string {
	text := scope.Explain(ctx, variable(name))
	state := "not set"
	if _, set := Lookup(ctx, name); set {
		return text
	}
	if _, ok := scope.Get(ctx, changed)[native.id(name)]; ok {
		state = "hidden"
	}
	return strings.Replace(text, " = ‹redacted›", " = "+state, 1)
}
