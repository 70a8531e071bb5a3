package main

import (
	"bytes"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/thence-go/thence/bench/figures"
)

// The colors have enough contrast on white and on black: the pictures have no
// background of their own.
var (
	ink     = color.RGBA{0x80, 0x85, 0x90, 0xff}
	faint   = color.RGBA{0x80, 0x85, 0x90, 0x50}
	ours    = color.RGBA{0x1f, 0x8f, 0x7a, 0xff}
	slow    = color.RGBA{0xc9, 0x6a, 0x2b, 0xff}
	mark    = color.RGBA{0x6f, 0x7f, 0xd8, 0xff}
	palette = []color.Color{ours, slow, mark, color.RGBA{0xb0, 0x55, 0xa8, 0xff}, color.RGBA{0x9a, 0x8b, 0x2d, 0xff},
		color.RGBA{0x4a, 0x94, 0xc9, 0xff}, color.RGBA{0xc0, 0x5a, 0x6a, 0xff}}
)

// writePictures draws all of docs/benchmarks.
func writePictures(root, _ string, all figures.Results) error {
	dir := filepath.Join(root, "docs", "benchmarks")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, section := range figures.Sections {
		bars := barsOf(section, all)
		if len(bars) == 0 {
			continue
		}
		height := vg.Length(len(bars))*18 + 60
		if err := save(drawBars(bars), 760, height, filepath.Join(dir, "ratios-"+section.Package+".svg")); err != nil {
			return err
		}
	}
	for _, c := range figures.Curves {
		if lines := all.Lines(c.Name); len(lines) > 0 {
			if err := saveLines(lines, c.X, c.Y, axis{ticks(sizesOf(lines)), plot.LogScale{}}, filepath.Join(dir, "curve-"+c.File+".svg")); err != nil {
				return err
			}
		}
	}
	for _, d := range figures.Distributions {
		if lines := all.Percentiles(d.Name); len(lines) > 0 {
			if err := saveLines(lines, "percentile", "", percentiles, filepath.Join(dir, "distribution-"+d.File+".svg")); err != nil {
				return err
			}
		}
	}
	return nil
}

// axis is how sizes lie from left to right.
type axis struct {
	ticks plot.ConstantTicks
	scale plot.Normalizer
}

var percentiles = axis{
	plot.ConstantTicks{{Value: 1, Label: "50"}, {Value: 2, Label: "90"}, {Value: 3, Label: "99"}, {Value: 4, Label: "99.9"}},
	plot.LinearScale{},
}

func saveLines(lines []figures.Line, x, y string, along axis, file string) error {
	p, err := drawLines(lines, x, y, along)
	if err != nil {
		return err
	}
	return save(p, 640, 340, file)
}

func newPlot() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = color.Transparent
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Color, axis.Tick.Color = ink, ink
		write(&axis.Label.TextStyle, 11)
		write(&axis.Tick.Label, 10)
	}
	write(&p.Legend.TextStyle, 10)
	return p
}

func write(t *text.Style, size vg.Length) {
	t.Color = ink
	t.Font.Variant, t.Font.Size = "Sans", size
}

func save(p *plot.Plot, width, height vg.Length, file string) error {
	canvas := vgsvg.New(width, height)
	p.Draw(draw.Crop(draw.New(canvas), 30, -10, 5, -5)) // text may be wider than it was measured
	var svg bytes.Buffer
	if _, err := canvas.WriteTo(&svg); err != nil {
		return err
	}
	// Most readers do not have the font that the text was measured in.
	return os.WriteFile(file, bytes.ReplaceAll(svg.Bytes(), []byte("Liberation Sans"), []byte("Liberation Sans,Arial,Helvetica,sans-serif")), 0o644)
}

// drawLines draws lines on a logarithmic axis.
func drawLines(lines []figures.Line, x, y string, along axis) (*plot.Plot, error) {
	p := newPlot()
	p.X.Label.Text, p.Y.Label.Text = x, y
	p.X.Scale, p.Y.Scale = along.scale, plot.LogScale{}
	p.X.Tick.Marker = along.ticks
	p.Y.Tick.Marker = durations{}
	p.Legend.Top, p.Legend.Left, p.Legend.Padding = true, true, 2
	least, most := math.Inf(1), 0.0
	for i, l := range lines {
		var xys plotter.XYs
		for _, point := range l.Points {
			xys = append(xys, plotter.XY{X: point.Size, Y: point.Center})
			least, most = min(least, point.Center), max(most, point.Center)
		}
		line, points, err := plotter.NewLinePoints(xys)
		if err != nil {
			return nil, err
		}
		line.Color, points.Color = palette[i%len(palette)], palette[i%len(palette)]
		line.Width, points.Shape = vg.Points(1.5), draw.CircleGlyph{}
		p.Add(line, points)
		p.Legend.Add(l.Side, line, points)
	}
	p.Y.Min = math.Pow(10, math.Floor(math.Log10(least)))
	p.Y.Max = math.Pow(10, math.Ceil(math.Log10(most)+0.4)) // room for the legend
	return p, nil
}

// ticks are at the sizes.
func ticks(sizes []float64) (ts plot.ConstantTicks) {
	for _, size := range sizes {
		ts = append(ts, plot.Tick{Value: size, Label: short(size)})
	}
	return ts
}

// durations has the ticks of a logarithmic axis of nanoseconds.
type durations struct{}

func (durations) Ticks(least, most float64) []plot.Tick {
	ts := plot.LogTicks{Prec: -1}.Ticks(least, most)
	for i, t := range ts {
		if t.Label != "" && t.Value >= 1 {
			ts[i].Label = time.Duration(t.Value).String()
		}
	}
	return ts
}
