package discarded

import (
	"context"

	. "github.com/scopetree/scope"
)

func dot(ctx context.Context) {
	With(ctx) // want `scope.With is discarded`
}
