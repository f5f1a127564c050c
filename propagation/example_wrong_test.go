package propagation_test

import (
	"context"
	"fmt"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/propagation"
)

// A token can be read by all who see the request, so no secret is allowed in it.
func ExampleAllow_wrongRedactedKey() {
	apiKey := scope.NewKey("api.key", "", scope.Redacted())

	_, err := propagation.New(propagation.Config{
		Allow: []propagation.Entry{propagation.Allow(apiKey, propagation.Text)}, // wrong
	})
	fmt.Println(err)
	// Output:
	// propagation: entry "api.key": the key "api.key" is redacted: its values must not travel
}

// Extract returns a new context. The goroutine is bound by scope.Run.
func ExamplePropagator_Extract_wrongResultDropped() {
	p := newExample()
	headers := propagation.MapCarrier{}
	p.Inject(scope.Set(context.Background(), Preview, "pr-17"), headers)

	ctx := context.Background()
	p.Extract(ctx, headers) //scopevet:ignore wrong: ctx stays as it was
	fmt.Println(scope.Get(ctx, Preview))

	ctx, _ = p.Extract(ctx, headers)
	fmt.Println(scope.Get(ctx, Preview))
	fmt.Println(Preview.Get()) // wrong: nobody bound this goroutine
	scope.Run(ctx, func(context.Context) { fmt.Println(Preview.Get()) })
	// Output:
	// none
	// pr-17
	// none
	// pr-17
}

// What is bound on one side and not allowed on the other does not arrive.
func ExampleConfig_wrongNotAllowed() {
	region := scope.NewKey("region", "nowhere")
	p := newExample() // allows Preview alone

	headers := propagation.MapCarrier{}
	p.Inject(scope.With(context.Background(), Preview.Bind("pr-17"), region.Bind("eu")), headers)
	ctx, _ := p.Extract(context.Background(), headers)
	fmt.Println(scope.Get(ctx, Preview), scope.Get(ctx, region))
	// Output:
	// pr-17 nowhere
}
