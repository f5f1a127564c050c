package scope_test

import (
	"context"
	"fmt"
	"time"

	"github.com/scopetree/scope"
)

var (
	baseURL = scope.NewKey("payments.base_url", "https://payments.example.com")
	timeout = scope.NewKey("payments.timeout", 5*time.Second)
)

func ExampleSet() {
	ctx := context.Background()
	test := scope.Set(ctx, baseURL, "http://127.0.0.1:4321")
	fmt.Println(scope.Get(test, baseURL))
	fmt.Println(scope.Get(ctx, baseURL))
	// Output:
	// http://127.0.0.1:4321
	// https://payments.example.com
}

func ExampleWith() {
	ctx := scope.With(context.Background(),
		baseURL.Bind("http://127.0.0.1:4321"),
		timeout.Bind(time.Second),
	)
	fmt.Println(scope.Get(ctx, baseURL), scope.Get(ctx, timeout))
	// Output: http://127.0.0.1:4321 1s
}

func ExampleLookup() {
	ctx := scope.Set(context.Background(), baseURL, "")
	v, ok := scope.Lookup(ctx, baseURL)
	fmt.Printf("%q %t\n", v, ok) // bound, to ""
	v, ok = scope.Lookup(context.Background(), baseURL)
	fmt.Printf("%q %t\n", v, ok)
	// Output:
	// "" true
	// "" false
}

// Code that has no context reads the scope of the goroutine that it runs on.
func ExampleKey_Get() {
	charge := func() { fmt.Println("POST", baseURL.Get()+"/charge") }

	charge()
	ctx := scope.Set(context.Background(), baseURL, "http://127.0.0.1:4321")
	scope.Run(ctx, func(context.Context) { charge() })
	// Output:
	// POST https://payments.example.com/charge
	// POST http://127.0.0.1:4321/charge
}

func ExampleGo() {
	ctx := scope.Set(context.Background(), baseURL, "http://127.0.0.1:4321")
	done := make(chan struct{})
	scope.Go(ctx, func(ctx context.Context) {
		defer close(done)
		fmt.Println(scope.Get(ctx, baseURL))
		fmt.Println(baseURL.Get())
	})
	<-done
	// Output:
	// http://127.0.0.1:4321
	// http://127.0.0.1:4321
}

func ExampleRun() {
	ctx := scope.Set(context.Background(), timeout, time.Second)
	scope.Run(ctx, func(ctx context.Context) {
		fmt.Println(timeout.Get())
		scope.Run(scope.Set(ctx, timeout, time.Minute), func(context.Context) {
			fmt.Println(timeout.Get())
		})
		fmt.Println(timeout.Get())
	})
	fmt.Println(timeout.Get())
	// Output:
	// 1s
	// 1m0s
	// 1s
	// 5s
}

// A result gets out through a variable. So does the error of a function for an
// errgroup, whose goroutines inherit nothing with the gls carrier.
func ExampleRun_result() {
	ctx := scope.Set(context.Background(), timeout, time.Second)
	load := func() error { return fmt.Errorf("nothing came within %v", timeout.Get()) }

	bound := func() (err error) { // for errgroup.Group.Go
		scope.Run(ctx, func(context.Context) { err = load() })
		return err
	}
	failed := make(chan error)
	go func() { failed <- bound() }()
	fmt.Println(<-failed)
	// Output: nothing came within 1s
}

// A timer's function runs on a goroutine that inherits nothing.
func ExampleWrap() {
	ctx := scope.Set(context.Background(), baseURL, "http://127.0.0.1:4321")
	fired := make(chan string)
	time.AfterFunc(0, scope.Wrap(ctx, func() { fired <- baseURL.Get() }))
	fmt.Println(<-fired)
	// Output: http://127.0.0.1:4321
}

// A queue passes the context of each job on, and so the job's scope.
func ExampleCapture() {
	queue := make(chan context.Context, 1)
	enqueue := func(ctx context.Context) { queue <- scope.Capture(ctx) }

	job := scope.Set(context.Background(), baseURL, "http://127.0.0.1:4321")
	scope.Run(job, func(context.Context) {
		enqueue(context.Background()) // by code that has no better one
	})
	fmt.Println(scope.Get(<-queue, baseURL))
	// Output: http://127.0.0.1:4321
}

// A worker that stays must not stay in the scope of whoever came first.
func ExampleDetach() {
	request := scope.Set(context.Background(), timeout, time.Millisecond)
	done := make(chan struct{})
	scope.Run(request, func(ctx context.Context) {
		scope.Go(scope.Detach(ctx), func(context.Context) {
			defer close(done)
			fmt.Println(timeout.Get())
		})
	})
	<-done
	// Output: 5s
}

func ExampleNew() {
	ctx, end := scope.New(context.Background(), "job-17")
	ctx = scope.Set(ctx, baseURL, "http://127.0.0.1:4321")
	fmt.Println(scope.Get(ctx, baseURL))
	end()
	fmt.Println(scope.Get(ctx, baseURL))
	// Output:
	// http://127.0.0.1:4321
	// https://payments.example.com
}

func ExampleErr() {
	ctx, end := scope.New(context.Background(), "TestCheckout")
	fmt.Println(scope.Err(ctx))
	end()
	fmt.Println(scope.Err(ctx))
	// Output:
	// <nil>
	// scope "TestCheckout" has ended
}

func ExampleName() {
	outer, endOuter := scope.New(context.Background(), "TestCheckout")
	defer endOuter()
	inner, endInner := scope.New(outer, "card")
	defer endInner()
	fmt.Println(scope.Name(inner))
	// Output: TestCheckout/card
}

func ExampleExplain() {
	fmt.Println(scope.Explain(context.Background(), timeout))

	ctx, end := scope.New(context.Background(), "TestCheckout")
	defer end()
	ctx = scope.Set(ctx, timeout, time.Second)
	inner, endInner := scope.New(ctx, "card")
	defer endInner()
	fmt.Println(scope.Explain(inner, timeout))
	// Output:
	// payments.timeout = 5s, the default; no scope in the context or the goroutine
	// payments.timeout = 1s, bound in scope "TestCheckout"; asked scope "TestCheckout/card", from the context
}

func ExampleNewKeyFunc() {
	calls := 0
	region := scope.NewKeyFunc("region", func() string {
		calls++
		return "eu-west-1"
	})
	fmt.Println(region.Get(), region.Get(), calls)
	ctx := scope.Set(context.Background(), region, "test")
	fmt.Println(scope.Get(ctx, region), calls)
	// Output:
	// eu-west-1 eu-west-1 2
	// test 2
}

func ExampleRedacted() {
	token := scope.NewKey("github.token", "", scope.Redacted())
	ctx := scope.Set(context.Background(), token, "s3cret")
	fmt.Println(scope.Explain(ctx, token))
	fmt.Println(token.Bind("s3cret"))
	fmt.Println(len(scope.Get(ctx, token)), "bytes for the code that needs it")
	// Output:
	// github.token = ‹redacted›, bound in an unnamed scope; asked an unnamed scope, from the context
	// github.token=‹redacted›
	// 6 bytes for the code that needs it
}

// Loading a configuration at start-up sets what scopes then bind over.
func ExampleKey_SetDefault() {
	level := scope.NewKey("log.level", "info")
	restore := level.SetDefault("warn")
	fmt.Println(level.Get())
	restore()
	fmt.Println(level.Get())
	// Output:
	// warn
	// info
}

func ExampleKey_Bind() {
	// A package may offer functions that return bindings.
	slow := func() scope.Binding { return timeout.Bind(time.Hour) }

	ctx := scope.With(context.Background(), slow(), baseURL.Bind("http://[::1]:80"))
	fmt.Println(scope.Get(ctx, timeout), slow())
	// Output: 1h0m0s payments.timeout=1h0m0s
}

func ExampleNewResource() {
	cache := scope.NewResource(
		func() map[string]string { fmt.Println("open"); return map[string]string{} },
		func(m map[string]string) { fmt.Println("close, with", len(m)) },
	)
	ctx, end := scope.New(context.Background(), "request")
	cache.Get(ctx)["a"] = "1"
	cache.Get(ctx)["b"] = "2"
	end()
	// Output:
	// open
	// close, with 2
}
