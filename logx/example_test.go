package logx_test

import (
	"context"
	"log"
	"log/slog"
	"os"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/logx"
)

// stdout is a handler without times, whose records name it.
func stdout(name string) slog.Handler {
	return slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: noTime}).WithAttrs([]slog.Attr{slog.String("to", name)})
}

func ExampleRoute() {
	logger := slog.New(logx.Handler(stdout("everyone"))).With("component", "shop")

	ctx := scope.With(context.Background(), logx.Route(stdout("ada")))
	logger.InfoContext(ctx, "paid")
	scope.Run(ctx, func(context.Context) {
		logger.Info("shipped")
	})
	logger.Info("closed")
	// Output:
	// level=INFO msg=paid to=ada component=shop
	// level=INFO msg=shipped to=ada component=shop
	// level=INFO msg=closed to=everyone component=shop
}

func ExampleInstall() {
	defer logx.Install()()

	ctx := scope.With(context.Background(), logx.Route(stdout("ada")))
	scope.Run(ctx, func(context.Context) {
		slog.Info("by slog")
		log.Print("by log")
	})
	// Output:
	// level=INFO msg="by slog" to=ada
	// level=INFO msg="by log" to=ada
}

// A program that logs one request in detail, and the others as ever.
func ExampleRoute_debug() {
	quiet := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{Level: slog.LevelInfo, ReplaceAttr: noTime})
	logger := slog.New(logx.Handler(quiet))
	verbose := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: noTime})

	for _, user := range []string{"ada", "grace"} {
		ctx := context.Background()
		if user == "grace" {
			ctx = scope.With(ctx, logx.Route(verbose))
		}
		logger.DebugContext(ctx, "query", "user", user)
		logger.InfoContext(ctx, "request", "user", user)
	}
	// Output:
	// level=INFO msg=request user=ada
	// level=DEBUG msg=query user=grace
	// level=INFO msg=request user=grace
}
