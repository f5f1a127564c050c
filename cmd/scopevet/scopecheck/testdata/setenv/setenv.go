package setenv

import (
	"context"

	"example.com/tested/setenv/config"
)

func Address(ctx context.Context) string { return "127.0.0.1:" + config.Port(ctx) }
