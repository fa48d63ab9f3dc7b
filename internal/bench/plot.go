package main

import (
	"image/color"
	"os"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// colours tell the ways apart, also for those who see colours differently.
//
// https://jfly.uni-koeln.de/color/
var colours = map[string]color.Color{
	"sdk":         color.RGBA{R: 0xd5, G: 0x5e, B: 0x00, A: 0xff},
	"sdk, warmed": color.RGBA{R: 0xe6, G: 0x9f, B: 0x00, A: 0xff},
	"roundtrip":   color.RGBA{R: 0x99, G: 0x99, B: 0x99, A: 0xff},
	"nethttp":     color.RGBA{R: 0x56, G: 0xb4, B: 0xe9, A: 0xff},
	"snippet":     color.RGBA{R: 0x00, G: 0x72, B: 0xb2, A: 0xff},
	"restylean":   color.RGBA{R: 0xcc, G: 0x79, B: 0xa7, A: 0xff},
	"restynaive":  color.RGBA{R: 0x00, G: 0x9e, B: 0x73, A: 0xff},
}

// plot draws the report.
func (r *report) plot(path string) error {
	var panels [][]*plot.Plot
	for _, row := range [][]func() (*plot.Plot, error){{r.plotAllocs, r.plotTimes}, {r.plotConnections, r.plotGrowth}} {
		var drawn []*plot.Plot
		for _, panel := range row {
			p, err := panel()
			if err != nil {
				return err
			}
			drawn = append(drawn, p)
		}
		panels = append(panels, drawn)
	}
	canvas := vgimg.PngCanvas{Canvas: vgimg.New(26*vg.Centimeter, 19*vg.Centimeter)} // no SVG: its text needs the reader's fonts
	dc := draw.New(canvas)
	dc.SetColor(color.White)
	dc.Fill(dc.Path())
	tiles := draw.Tiles{Rows: 2, Cols: 2, PadX: vg.Centimeter, PadY: vg.Centimeter, PadTop: vg.Millimeter * 3, PadBottom: vg.Millimeter * 3, PadLeft: vg.Millimeter * 3, PadRight: vg.Millimeter * 3}
	for i, row := range plot.Align(panels, tiles, dc) {
		for j := range row {
			panels[i][j].Draw(row[j])
		}
	}
	file, err := os.Create(path) //nolint:gosec // the path is the caller's
	if err != nil {
		return err
	}
	if _, err := canvas.WriteTo(file); err != nil {
		_ = file.Close()
		return err
	}
	return file.Close()
}

func (r *report) plotAllocs() (*plot.Plot, error) {
	return r.operationBars("Allocations of a call, no network", func(op, way string) float64 {
		return median(r.of("call", "stub", op, way), allocs)
	})
}

func (r *report) plotTimes() (*plot.Plot, error) {
	return r.operationBars("Time of a call, no network; snippet = 1", func(op, way string) float64 {
		return median(r.timeRatios("stub", op, way, "snippet"), wall)
	})
}

func (r *report) operationBars(title string, value func(op, way string) float64) (*plot.Plot, error) {
	var places, names []string
	for _, op := range operations {
		places = append(places, op.name)
	}
	for _, w := range ways {
		names = append(names, w.name)
	}
	return bars(title, places, names, value)
}

func (r *report) plotConnections() (*plot.Plot, error) {
	places := []string{"h1/20ms", "h1/150ms", "h2/20ms", "h2/150ms"}
	names := []string{"sdk", "sdk, warmed", "nethttp", "snippet", "restynaive"}
	return bars("Connections per 1,000 calls, bursts of 64", places, names, func(at, way string) float64 {
		return median(r.of("burst", at, "challenge", way), func(s sample) float64 { return s.Conns })
	})
}

// bars is a bar for each name at each place.
func bars(title string, places, names []string, value func(place, name string) float64) (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text = title
	p.Legend.Top, p.Legend.Left = true, true
	p.Legend.Padding = vg.Millimeter
	p.Y.Min = 0
	width := vg.Millimeter * 3.2
	for i, name := range names {
		values := make(plotter.Values, len(places))
		for j, at := range places {
			values[j] = value(at, name)
		}
		chart, err := plotter.NewBarChart(values, width)
		if err != nil {
			return nil, err
		}
		chart.Color = colours[name]
		chart.LineStyle.Width = 0
		chart.Offset = width * vg.Length(float64(i)-float64(len(names)-1)/2)
		p.Add(chart)
		p.Legend.Add(name, chart)
	}
	p.NominalX(places...)
	p.Y.Max *= 1.7 // room for the legend
	return p, nil
}

// plotGrowth draws what a call allocates, as things grow.
func (r *report) plotGrowth() (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text = "Kilobytes allocated, as things grow"
	p.X.Label.Text = "how much there is"
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.LogTicks{Prec: -1}, plot.LogTicks{Prec: -1}
	p.Legend.Top, p.Legend.Left = true, true
	for i, g := range growths {
		var xys plotter.XYs
		for _, point := range r.points(g, g.costs[1]) {
			if point.x > 0 { // there is no logarithm of an empty list
				xys = append(xys, plotter.XY{X: point.x, Y: point.y})
			}
		}
		line, dots, err := plotter.NewLinePoints(xys)
		if err != nil {
			return nil, err
		}
		line.Color = []color.Color{colours["sdk"], colours["snippet"], colours["restynaive"]}[i]
		dots.Color = line.Color
		dots.Shape = []draw.GlyphDrawer{draw.CircleGlyph{}, draw.SquareGlyph{}, draw.TriangleGlyph{}}[i]
		p.Add(line, dots)
		p.Legend.Add(g.what, line, dots)
	}
	return p, nil
}
