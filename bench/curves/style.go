package main

import (
	"image/color"
	"maps"
	"slices"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"

	"github.com/scopetree/scope/bench"
)

// colors are the colors of Okabe and Ito, which colour-blind people can tell
// apart.
var colors = []color.Color{
	color.RGBA{R: 213, G: 94, A: 255},
	color.RGBA{G: 114, B: 178, A: 255},
	color.RGBA{G: 158, B: 115, A: 255},
	color.RGBA{R: 204, G: 121, B: 167, A: 255},
	color.RGBA{R: 230, G: 159, A: 255},
	color.RGBA{R: 86, G: 180, B: 233, A: 255},
	color.RGBA{A: 255},
}

var shapes = []draw.GlyphDrawer{draw.CircleGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}, draw.CrossGlyph{}, draw.RingGlyph{}, draw.SquareGlyph{}, draw.TriangleGlyph{}}

// sorted returns the names of the lines, with scope's own first.
func sorted(lines map[string]plotter.XYs) []string {
	return slices.SortedFunc(maps.Keys(lines), func(a, b string) int {
		switch {
		case a == b:
			return 0
		case a == bench.Scope || b != bench.Scope && a < b:
			return -1
		}
		return 1
	})
}
