package bench_test

import (
	"context"
	"io"
	"log/slog"
	"os"
	"testing"
	"text/tabwriter"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/bench"
	"github.com/scopetree/scope/logx"
)

// logs writes one record with two attributes as JSON, through a derived logger.
// routes says whether the process may have routes for logs.
func logs(routes bool) bench.Row {
	ctx := context.Background()
	h := slog.NewJSONHandler(io.Discard, nil)
	peer := func(name string, ctx context.Context, h slog.Handler) bench.Peer {
		logger := slog.New(h).With("component", "shop")
		return bench.Peer{Name: name, Loop: func(n int) {
			for range n {
				logger.LogAttrs(ctx, slog.LevelInfo, "paid", slog.Int("order", 7), slog.String("customer", "ada"))
			}
		}}
	}
	row := bench.Row{Name: "Log", Peers: []bench.Peer{
		peer("slog", ctx, h),
		peer("logx", ctx, logx.Handler(h)),
		peer("logx_in_scope", scope.Set(ctx, scope.NewKey("other", 0), 1), logx.Handler(h)),
	}}
	if routes {
		row.Peers = append(row.Peers, peer("logx_routed", scope.With(ctx, logx.Route(h)), logx.Handler(slog.DiscardHandler)))
	}
	return row
}

func BenchmarkLog(b *testing.B) {
	for _, p := range logs(true).Peers {
		b.Run(p.Name, func(b *testing.B) {
			b.ReportAllocs()
			p.Loop(b.N)
		})
	}
}

// TestLogRatios prints its ratios, as TestRatios does.
func TestLogRatios(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("times nothing under the race detector")
	}
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	none := logs(false)
	printRatios(out,
		target{"a log record, before there is any route", none, "logx", "slog", 1.05},
		target{"a log record in a scope, before there is any route", none, "logx_in_scope", "slog", 1.05},
	)
	some := logs(true)
	printRatios(out,
		target{"a log record, not routed", some, "logx", "slog", 1.05},
		target{"a log record in a scope, not routed", some, "logx_in_scope", "slog", 1.05},
		target{"a log record, routed", some, "logx_routed", "slog", 1.5},
	)
	out.Flush()
}
