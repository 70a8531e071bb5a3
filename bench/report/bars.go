package main

import (
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/thence-go/thence/bench/figures"
)

// bar is a ratio that a row is held to.
type bar struct {
	label  string
	ratio  figures.Interval
	target float64
}

// barsOf returns the first ratio of each row of a section.
func barsOf(section figures.Section, all figures.Results) (bars []bar) {
	for _, r := range section.Rows {
		sides := all.Sides[r.Name]
		for _, c := range r.Checks {
			side, peer, unit, most, ok := figures.Ratio(c)
			if !ok || !complete(sides, c.Needs()) {
				continue
			}
			label := fmt.Sprintf("%s, over %s", r.Title, peer)
			bars = append(bars, bar{label, figures.Over(sides[side].Of(unit), sides[peer].Of(unit)), most})
			break
		}
	}
	slices.Reverse(bars) // the first is drawn on top
	return bars
}

// drawBars draws ratios from the left on a logarithmic axis, each with its
// interval and a mark where it should end, and a line at 1.
func drawBars(bars []bar) *plot.Plot {
	p := newPlot()
	p.X.Scale = plot.LogScale{}
	p.X.Min, p.X.Max = 0.01, 10
	p.X.Tick.Marker = plot.ConstantTicks{
		{Value: 0.01, Label: "0.01"}, {Value: 0.1, Label: "0.1"}, {Value: 0.5, Label: "0.5"},
		{Value: 1, Label: "1"}, {Value: 2, Label: "2"}, {Value: 10, Label: "10"},
	}
	p.X.Label.Text = "time of Thence / time of the other; the blue mark is the target"
	p.Y.Min, p.Y.Max = -0.5, float64(len(bars))-0.5
	p.Y.Tick.Length = 0
	var ticks plot.ConstantTicks
	for i, b := range bars {
		ticks = append(ticks, plot.Tick{Value: float64(i), Label: b.label})
	}
	p.Y.Tick.Marker = ticks
	p.Y.Tick.Label.XAlign = -1.12 // room for a wider font than the one that is measured
	p.Add(barPlotter(bars))
	return p
}

type barPlotter []bar

func (bars barPlotter) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	clip := func(v float64) vg.Length { return x(min(max(v, p.X.Min), p.X.Max)) }
	line := func(col color.Color, width vg.Length, x0, y0, x1, y1 vg.Length) {
		c.StrokeLine2(draw.LineStyle{Color: col, Width: width}, x0, y0, x1, y1)
	}
	line(faint, 1, x(1), c.Min.Y, x(1), c.Max.Y)
	for i, b := range bars {
		mid, col := y(float64(i)), color.Color(ours)
		if b.ratio.Center > b.target {
			col = slow
		}
		half := vg.Length(5)
		c.FillPolygon(col, []vg.Point{
			{X: c.Min.X, Y: mid - half}, {X: clip(b.ratio.Center), Y: mid - half},
			{X: clip(b.ratio.Center), Y: mid + half}, {X: c.Min.X, Y: mid + half},
		})
		line(ink, 1, clip(b.ratio.Lo), mid, clip(b.ratio.Hi), mid)
		line(mark, 2.5, clip(b.target), mid-half-2, clip(b.target), mid+half+2)
	}
}

// short writes a size as 1k, 10M and so on.
func short(v float64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{1e6, "M"}, {1e3, "k"}} {
		if v >= unit.size && math.Mod(v, unit.size) == 0 {
			return fmt.Sprintf("%g%s", v/unit.size, unit.name)
		}
	}
	return fmt.Sprintf("%g", v)
}
