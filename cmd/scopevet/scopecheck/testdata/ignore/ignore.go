package ignore

import (
	"context"

	"github.com/scopetree/scope"
)

func ignored(ctx context.Context) {
	scope.With(ctx) //scopevet:ignore it is called for its cost

	//scopevet:ignore it is called for its cost
	scope.With(ctx)
}

func notIgnored(ctx context.Context) {
	//scopevet:ignore
	scope.With(ctx) // want `discarded`

	//scopevet:ignored by mistake
	scope.With(ctx) // want `discarded`

	// scopevet:ignore this is prose
	scope.With(ctx) // want `discarded`

	scope.With(ctx) //scopevet:ignore this line, and no other
	scope.With(ctx) // want `discarded`

	//scopevet:ignore too far away

	scope.With(ctx) // want `discarded`
}
