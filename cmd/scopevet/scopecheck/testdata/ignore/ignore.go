package ignore

import (
	"context"

	"github.com/jtolds/gls"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/env"
)

var url = scope.NewKey("url", "")

func work() {}

func ignored(ctx context.Context) {
	scope.With(ctx) //scopevet:ignore it is called for its cost

	//scopevet:ignore it is called for its cost
	scope.With(ctx)

	//scopevet:ignore it is called for its cost,
	// which is a long story
	scope.With(ctx)

	//scopevet:ignore it is called for its cost
	//nolint:errcheck
	scope.With(ctx)

	//scopevet:ignore the whole statement
	_ = scope.With(
		context.Background(),
		url.Bind(""),
	)

	_ = scope.With( //scopevet:ignore the whole statement
		context.Background(),
		url.Bind(""),
	)
}

//scopevet:ignore the whole declaration
var spawn = []func(func()){
	gls.Go,
}

func notIgnored(ctx context.Context) {
	//scopevet:ignore
	scope.With(ctx) // want `changes nothing else \(the ignore comment needs a reason\)`

	//scopevet:ignored by mistake
	scope.With(ctx) // want `discarded`

	// scopevet:ignore this is prose
	scope.With(ctx) // want `discarded`

	scope.With(ctx) //scopevet:ignore this line, and no other
	scope.With(ctx) // want `discarded`

	//scopevet:ignore too far away

	scope.With(ctx) // want `changes nothing else$`

	//scopevet:ignore this statement, and not those in it
	scope.Run(ctx, func(ctx context.Context) {
		scope.With(ctx) // want `discarded`
		work()
	})

	_ = scope.With(
		ctx, //scopevet:ignore another line
		env.Bind("URL",
			env.Get(context.Background(), "URL")), // want `carries no scope`
	)
}
