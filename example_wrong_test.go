package scope_test

import (
	"context"
	"fmt"

	"github.com/scopetree/scope"
)

// Set returns a new context. A call whose result is dropped does nothing, as
// with append and context.WithValue.
func ExampleSet_wrongResultDropped() {
	ctx := context.Background()

	scope.Set(ctx, baseURL, "http://127.0.0.1:4321") //scopevet:ignore wrong: ctx stays as it was
	fmt.Println(scope.Get(ctx, baseURL))

	ctx = scope.Set(ctx, baseURL, "http://127.0.0.1:4321")
	fmt.Println(scope.Get(ctx, baseURL))
	// Output:
	// https://payments.example.com
	// http://127.0.0.1:4321
}

// Set binds nothing to the goroutine: Key.Get sees what Run, Go or Attach bind.
func ExampleSet_wrongGoroutineNotBound() {
	ctx := scope.Set(context.Background(), baseURL, "http://127.0.0.1:4321")

	fmt.Println(baseURL.Get()) // wrong: nobody bound this goroutine

	fmt.Println(scope.Get(ctx, baseURL))
	scope.Run(ctx, func(context.Context) { fmt.Println(baseURL.Get()) })
	// Output:
	// https://payments.example.com
	// http://127.0.0.1:4321
	// http://127.0.0.1:4321
}
