package bench_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/baggage"
	otel "go.opentelemetry.io/otel/propagation"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/bench"
	"github.com/scopetree/scope/propagation"
)

// Carriers of baggage can carry a token, and the other way round.
var (
	_ propagation.Carrier = otel.TextMapCarrier(nil)
	_ otel.TextMapCarrier = propagation.Carrier(nil)
)

const w3cBaggage = "W3C_baggage"

// propagations returns a row for a request that leaves and one for a request that
// arrives. Each has three values, in a signed token and in W3C baggage, which is not
// signed.
func propagations(tb testing.TB) (inject, extract bench.Row) {
	tb.Helper()
	const tenant, preview, region = "acme", "pr-1234", "eu-central-1"
	ctx := context.Background()

	keys := []*scope.Key[string]{scope.NewKey("tenant", ""), scope.NewKey("preview", ""), scope.NewKey("region", "")}
	config := propagation.Config{
		Secrets:  []propagation.Secret{propagation.NewSecret("2026-11", []byte(strings.Repeat("k", 32)))},
		Audience: "staging",
		Lifetime: time.Hour, // a benchmark may take longer than a minute
	}
	var bindings []scope.Binding
	for i, v := range []string{tenant, preview, region} {
		config.Allow = append(config.Allow, propagation.Allow(keys[i], propagation.Text))
		bindings = append(bindings, keys[i].Bind(v))
	}
	p, err := propagation.New(config)
	require.NoError(tb, err)
	inScope := scope.With(ctx, bindings...)
	token := propagation.HeaderCarrier{}
	require.NoError(tb, p.Inject(inScope, token))

	var members []baggage.Member
	for i, v := range []string{tenant, preview, region} {
		m, err := baggage.NewMember(keys[i].Name(), v)
		require.NoError(tb, err)
		members = append(members, m)
	}
	bag, err := baggage.New(members...)
	require.NoError(tb, err)
	inBaggage := baggage.ContextWithBaggage(ctx, bag)
	header := otel.HeaderCarrier{}
	otel.Baggage{}.Inject(inBaggage, header)

	inject = bench.Row{Name: "Inject", Peers: []bench.Peer{
		{Name: bench.Scope, Loop: func(n int) {
			for range n {
				if err := p.Inject(inScope, propagation.HeaderCarrier{}); err != nil {
					panic(err)
				}
			}
		}},
		{Name: w3cBaggage, Loop: func(n int) {
			for range n {
				otel.Baggage{}.Inject(inBaggage, otel.HeaderCarrier{})
			}
		}},
	}}
	extract = bench.Row{Name: "Extract", Peers: []bench.Peer{
		{Name: bench.Scope, Loop: func(n int) {
			for range n {
				if _, err := p.Extract(ctx, token); err != nil {
					panic(err)
				}
			}
		}},
		{Name: w3cBaggage, Loop: func(n int) {
			for range n {
				if got := (otel.Baggage{}).Extract(ctx, header); got == ctx {
					panic("no baggage")
				}
			}
		}},
	}}
	return inject, extract
}

func BenchmarkPropagation(b *testing.B) {
	inject, extract := propagations(b)
	for _, row := range []bench.Row{inject, extract} {
		for _, p := range row.Peers {
			b.Run(row.Name+"/"+p.Name, func(b *testing.B) {
				b.ReportAllocs()
				p.Loop(b.N)
			})
		}
	}
}

// TestPropagationRatios prints the cost of a signed token against W3C baggage. Like
// TestRatios, it never fails.
func TestPropagationRatios(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("takes seconds, and times nothing under the race detector")
	}
	inject, extract := propagations(t)
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	defer out.Flush()
	printRatios(out,
		target{"Inject 3 values, against W3C baggage", inject, bench.Scope, w3cBaggage, 2},
		target{"Extract 3 values, against W3C baggage", extract, bench.Scope, w3cBaggage, 2},
	)
}
