// Command curves measures how costs grow, which a table of ratios can't show.
// It draws the curves as SVG into bench/results:
//
//	cd bench && go run ./curves
package main

import (
	"fmt"
	"image/color"
	"log"
	"math"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/scopetree/scope/bench"
)

const results = "results"

func main() {
	log.SetFlags(0)
	picture("lookup-values.svg", "Reading the oldest of n values", "values", "ns",
		curves([]int{1, 2, 4, 8, 16, 32, 64, 128, 256}, bench.Get))
	picture("lookup-depth.svg", "Reading the outermost of n nested scopes", "scopes", "ns",
		curves([]int{1, 2, 4, 8, 16, 32, 64}, bench.GetDeep))
	picture("lookup-ambient.svg", "Reading with no context, by frames of stack", "frames", "ns",
		curves([]int{1, 5, 10, 20, 50, 100}, func(frames int) bench.Row { return bench.Ambient(1, frames) }))
	picture("spawn.svg", "Spawning n goroutines that have their parent's value", "goroutines", "µs",
		perThousand(curves([]int{1, 4, 16, 64}, spawns)))
	picture("suite.svg", "400 tests that each wait 50 ms for their own server", "-parallel", "s",
		map[string]plotter.XYs{"go test": suite([]int{1, 2, 4, 8, 16, 32, 64})})
}

// curves measures a row's peers at each x.
func curves(xs []int, row func(int) bench.Row) map[string]plotter.XYs {
	found := map[string]plotter.XYs{}
	for _, x := range xs {
		for _, p := range row(x).Peers {
			found[p.Name] = append(found[p.Name], plotter.XY{X: float64(x), Y: best(p)})
		}
	}
	return found
}

// best returns a peer's nanoseconds per operation, in the best of some rounds.
func best(p bench.Peer) float64 {
	n, least := 1, math.Inf(1)
	for rounds := 0; rounds < 12; {
		began := time.Now()
		p.Loop(n)
		took := time.Since(began)
		if took < 2*time.Millisecond {
			n *= 2
			continue
		}
		least = min(least, float64(took.Nanoseconds())/float64(n))
		rounds++
	}
	return least
}

// spawns returns bench.Spawn, with its work done many times over.
func spawns(times int) bench.Row {
	row := bench.Spawn(true)
	for i, p := range row.Peers {
		row.Peers[i].Loop = func(n int) { p.Loop(n * times) }
	}
	return row
}

func perThousand(all map[string]plotter.XYs) map[string]plotter.XYs {
	for _, xys := range all {
		for i := range xys {
			xys[i].Y /= 1000
		}
	}
	return all
}

// suite returns how many seconds the suite of the tests takes.
func suite(parallel []int) plotter.XYs {
	var xys plotter.XYs
	took := regexp.MustCompile(`suite: \d+ tests in (\d+) ms`)
	for _, n := range parallel {
		out, err := exec.Command("go", "test", "-count=1", "-v", "-run=^TestSuite$", fmt.Sprint("-parallel=", n), ".", "-args", "-suite").CombinedOutput()
		m := took.FindSubmatch(out)
		if err != nil || m == nil {
			log.Fatalf("curves: the suite with -parallel %d: %v\n%s", n, err, out)
		}
		ms, _ := strconv.Atoi(string(m[1]))
		fmt.Printf("suite, -parallel %d: %d ms\n", n, ms)
		xys = append(xys, plotter.XY{X: float64(n), Y: float64(ms) / 1000})
	}
	return xys
}

// picture writes a picture in which both axes are logarithmic.
func picture(file, title, x, y string, lines map[string]plotter.XYs) {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.LogTicks{Prec: -1}, plot.LogTicks{Prec: -1}
	p.BackgroundColor = color.White
	p.Legend.Top, p.Legend.Left = true, true
	p.Add(plotter.NewGrid())
	i := 0
	for _, name := range sorted(lines) {
		line, points, err := plotter.NewLinePoints(lines[name])
		if err != nil {
			log.Fatal(err)
		}
		line.Width = vg.Points(1.5)
		line.Color, points.Color = colors[i%len(colors)], colors[i%len(colors)]
		points.Shape = shapes[i%len(shapes)]
		p.Add(line, points)
		p.Legend.Add(name, line, points)
		i++
	}
	p.Y.Max *= 4 // room for the legend
	if err := p.Save(16*vg.Centimeter, 10*vg.Centimeter, filepath.Join(results, file)); err != nil {
		log.Fatal(err)
	}
	fmt.Println(filepath.Join(results, file))
}
