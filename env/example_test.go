package env_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/env"
)

func Example() {
	os.Setenv("EXAMPLE_REGION", "eu") // the process's
	defer os.Unsetenv("EXAMPLE_REGION")

	ctx := env.Set(context.Background(), "EXAMPLE_REGION", "us")

	fmt.Println(env.Get(ctx, "EXAMPLE_REGION")) // the context decides
	scope.Run(ctx, func(context.Context) {
		fmt.Println(env.Getenv("EXAMPLE_REGION")) // the goroutine is the fallback
	})
	fmt.Println(env.Getenv("EXAMPLE_REGION")) // the process's is last
	// Output:
	// us
	// us
	// eu
}

func ExampleLookup() {
	ctx := env.Set(context.Background(), "EXAMPLE_PROXY", "")

	v, ok := env.Lookup(ctx, "EXAMPLE_PROXY")
	fmt.Printf("%q %v\n", v, ok)
	v, ok = env.Lookup(context.Background(), "EXAMPLE_PROXY")
	fmt.Printf("%q %v\n", v, ok)
	// Output:
	// "" true
	// "" false
}

func ExampleUnset() {
	os.Setenv("EXAMPLE_DEBUG", "1")
	defer os.Unsetenv("EXAMPLE_DEBUG")

	ctx := env.Unset(context.Background(), "EXAMPLE_DEBUG")

	_, ok := env.Lookup(ctx, "EXAMPLE_DEBUG")
	fmt.Println(ok)
	// Output: false
}

// Many at once, in one scope. In a test it is scopetest.With(t, ...).
func ExampleBind() {
	ctx := scope.With(context.Background(),
		env.Bind("EXAMPLE_USER", "octocat"),
		env.Bind("EXAMPLE_TOKEN", "secret"),
		env.Hide("HOME"),
	)

	fmt.Println(env.Get(ctx, "EXAMPLE_USER"))
	fmt.Printf("%q\n", env.Get(ctx, "HOME"))
	fmt.Println(env.Bind("EXAMPLE_TOKEN", "secret"))
	// Output:
	// octocat
	// ""
	// EXAMPLE_TOKEN=‹redacted›
}

func ExampleExplain() {
	ctx, end := scope.New(context.Background(), "TestCheckout")
	defer end()
	ctx = env.Set(ctx, "EXAMPLE_TOKEN", "secret")

	fmt.Println(env.Explain(ctx, "EXAMPLE_TOKEN"))
	// Output:
	// EXAMPLE_TOKEN = ‹redacted›, bound in scope "TestCheckout"; asked scope "TestCheckout", from the context
}

// What os.ExpandEnv does for the process.
func ExampleIn() {
	ctx := env.Set(context.Background(), "EXAMPLE_USER", "octocat")

	fmt.Println(os.Expand("hello, $EXAMPLE_USER", env.In(ctx).Getenv))
	// Output: hello, octocat
}

func mustURL(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil {
		panic(err)
	}
	return u
}

var apiURL = env.NewKey("EXAMPLE_API_URL", url.Parse, mustURL("https://api.github.com"))

func ExampleNewKey() {
	show := func(ctx context.Context) {
		u, err := apiURL.Get(ctx)
		fmt.Println(u, err)
	}
	ctx := context.Background()
	show(ctx)
	show(env.Set(ctx, "EXAMPLE_API_URL", "http://127.0.0.1:4321"))
	show(scope.With(ctx, apiURL.Bind(mustURL("http://127.0.0.1:1234"))))
	// Output:
	// https://api.github.com <nil>
	// http://127.0.0.1:4321 <nil>
	// http://127.0.0.1:1234 <nil>
}

// A program that wants to fail at its start asks for its keys there.
func ExampleKey_Get_invalid() {
	delay := env.NewKey("EXAMPLE_DELAY", time.ParseDuration, time.Minute)
	pin := env.NewKey("EXAMPLE_PIN", strconv.Atoi, 0, scope.Redacted())
	ctx := scope.With(context.Background(),
		env.Bind("EXAMPLE_DELAY", "10 parsecs"),
		env.Bind("EXAMPLE_PIN", "hunter2"))

	_, err := delay.Get(ctx)
	fmt.Println(err)
	_, err = pin.Get(ctx)
	fmt.Println(err)
	// Output:
	// env: EXAMPLE_DELAY="10 parsecs": time: unknown unit " parsecs" in duration "10 parsecs"
	// env: EXAMPLE_PIN=‹redacted›: invalid value
}
