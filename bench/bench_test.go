package bench_test

import (
	"testing"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/bench"
)

// run runs a benchmark for each of a row's peers, with names that benchstat
// understands.
func run(b *testing.B, rows ...bench.Row) {
	for _, r := range rows {
		_, params := cut(r.Name)
		for _, p := range r.Peers {
			b.Run(params+"peer="+p.Name, func(b *testing.B) {
				b.ReportAllocs()
				p.Loop(1)
				b.ResetTimer()
				p.Loop(b.N)
			})
		}
	}
}

// cut splits a row's name into the name of the benchmark and its parameters.
func cut(name string) (benchmark, params string) {
	for i := range name {
		if name[i] == '/' {
			return name[:i], name[i+1:] + "/"
		}
	}
	return name, ""
}

func BenchmarkGet(b *testing.B) {
	run(b, bench.Get(1), bench.Get(4), bench.Get(16), bench.Get(64), bench.Get(256))
}

func BenchmarkGetUnset(b *testing.B) { run(b, bench.GetUnset(1), bench.GetUnset(64)) }

func BenchmarkGetBelow(b *testing.B) { run(b, bench.GetBelow(1), bench.GetBelow(10)) }

func BenchmarkGetDeep(b *testing.B) {
	run(b, bench.GetDeep(1), bench.GetDeep(8), bench.GetDeep(64))
}

func BenchmarkGetUnscoped(b *testing.B) { run(b, bench.GetUnscoped()) }

func BenchmarkAmbient(b *testing.B) {
	run(b, bench.Ambient(1, 0), bench.Ambient(64, 0), bench.Ambient(1, 20))
}

func BenchmarkSet(b *testing.B) { run(b, bench.Set(0), bench.Set(4), bench.Set(64)) }

func BenchmarkSetAll(b *testing.B) { run(b, bench.SetAll(8), bench.SetAll(64), bench.SetAll(256)) }

func BenchmarkWith(b *testing.B) { run(b, bench.With(1), bench.With(8), bench.With(64)) }

func BenchmarkNew(b *testing.B) { run(b, bench.New()) }

func BenchmarkSpawn(b *testing.B) { run(b, bench.Spawn(false), bench.Spawn(true)) }

func BenchmarkRun(b *testing.B) { run(b, bench.Run()) }

func BenchmarkBind(b *testing.B) { run(b, bench.Bind()) }

func BenchmarkRequest(b *testing.B) { run(b, requests(b)) }

func labels() bool { return scope.Carrier() == "labels" }
