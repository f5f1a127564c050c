package main_test

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The dimensions of the picture, in pixels.
const (
	pictureWidth, plotLeft, plotRight = 760, 20, 740
	panelHeight                       = 150
)

// picture draws a line for each test, from its start to its end. Both panels have the same scale.
func picture(c comparison) []byte {
	var b bytes.Buffer
	serial, parallel := total(c.Serial), total(c.Parallel)
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d 430" width="%d" height="430" font-family="system-ui, sans-serif" role="img" aria-labelledby="title">
<title id="title">%d tests of examples/storefront: %.1f s one after another, %.1f s in parallel</title>
<rect width="100%%" height="100%%" rx="8" fill="#ffffff"/>
`, pictureWidth, pictureWidth, len(c.Serial), serial.Seconds(), parallel.Seconds())
	panel(&b, 28, c.Serial, serial, "#d55e00", fmt.Sprintf("One after another, go test -parallel 1: %.1f s", serial.Seconds()))
	panel(&b, 220, c.Parallel, serial, "#0072b2", fmt.Sprintf("In parallel, go test -parallel %d: %.1f s", lanes, parallel.Seconds()))
	axis(&b, 390, serial)
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// panel draws the tests of a run below a caption, each on its own line, in the order in which they started.
func panel(b *bytes.Buffer, top float64, spans []span, scale time.Duration, color, caption string) {
	fmt.Fprintf(b, "<text x=\"%d\" y=\"%g\" font-size=\"15\" font-weight=\"600\" fill=\"#17262a\">%s</text>\n", plotLeft, top, caption)
	spans = slices.SortedFunc(slices.Values(spans), func(a, b span) int { return cmp.Compare(a.Began, b.Began) })
	began, step := spans[0].Began, panelHeight/float64(len(spans))
	fmt.Fprintf(b, "<path stroke=\"%s\" stroke-width=\"%.2f\" d=\"", color, step*0.8)
	for i, s := range spans {
		from, to := x(s.Began-began, scale), x(s.End-began, scale)
		fmt.Fprintf(b, "M%.1f %.1fH%.1f", from, top+12+(float64(i)+0.5)*step, max(to, from+1))
	}
	b.WriteString("\"/>\n")
}

func axis(b *bytes.Buffer, y float64, scale time.Duration) {
	fmt.Fprintf(b, "<path stroke=\"#50625f\" d=\"M%d %gH%d\"/>\n", plotLeft, y, plotRight)
	for s := time.Duration(0); s <= scale; s += time.Second {
		fmt.Fprintf(b, "<path stroke=\"#50625f\" d=\"M%.1f %gv5\"/><text x=\"%.1f\" y=\"%g\" font-size=\"12\" text-anchor=\"middle\" fill=\"#50625f\">%d s</text>\n",
			x(s, scale), y, x(s, scale), y+20, s/time.Second)
	}
}

func x(at, scale time.Duration) float64 {
	return plotLeft + (plotRight-plotLeft)*float64(at)/float64(scale)
}

func TestThePictureIsSVG(t *testing.T) {
	t.Parallel()
	drawn := picture(comparison{
		Serial:   []span{{"a", 0, time.Second}, {"b", time.Second, 2 * time.Second}},
		Parallel: []span{{"a", 0, time.Second}, {"b", 0, time.Second}},
	})
	assert.Contains(t, string(drawn), "2 tests of examples/storefront: 2.0 s one after another, 1.0 s in parallel")
	for _, svg := range [][]byte{drawn, read(t, "../../docs/storefront.svg")} {
		for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
			_, err := d.Token()
			if err == io.EOF {
				break
			}
			require.NoError(t, err)
		}
	}
}
