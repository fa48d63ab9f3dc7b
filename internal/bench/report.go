package main

import (
	"cmp"
	"fmt"
	"slices"
)

// report is what all rounds found out.
type report struct {
	samples []sample
	rounds  int
}

func newReport(samples []sample, rounds int) *report { return &report{samples, rounds} }

// of returns the samples of a way at a place, round by round.
func (r *report) of(suite, place, op, way string) []sample {
	var found []sample
	for _, s := range r.samples {
		if s.Suite == suite && s.Place == place && s.Op == op && s.Way == way {
			found = append(found, s)
		}
	}
	return found
}

// timeRatios returns, for each round, the time of one way over that of another:
// the median over their turns, as what else the machine does hits neighbours.
func (r *report) timeRatios(place, op, way, other string) []sample {
	a, b := r.of("call", place, op, way), r.of("call", place, op, other)
	ratios := make([]sample, min(len(a), len(b)))
	for i := range ratios {
		turns := make([]sample, min(len(a[i].Turns), len(b[i].Turns)))
		for j := range turns {
			turns[j].Time = a[i].Turns[j] / b[i].Turns[j]
		}
		ratios[i] = sample{Time: median(turns, wall)}
	}
	return ratios
}

// ratios returns, for each round, a value of one way over that of another.
func (r *report) ratios(suite, place, op, way, other string, value func(sample) float64) []sample {
	a, b := r.of(suite, place, op, way), r.of(suite, place, op, other)
	ratios := make([]sample, min(len(a), len(b)))
	for i := range ratios {
		ratios[i] = sample{Time: value(a[i]) / value(b[i])}
	}
	return ratios
}

// ratio is the median of the ratios.
func (r *report) ratio(suite, place, op, way, other string, value func(sample) float64) float64 {
	return median(r.ratios(suite, place, op, way, other, value), wall)
}

func wall(s sample) float64      { return s.Time }
func processor(s sample) float64 { return s.CPU }
func allocs(s sample) float64    { return s.Allocs }
func allocated(s sample) float64 { return s.Bytes }

// target is what may be spent at most.
type target struct {
	name, got, most string
	missed          bool
}

// The targets.
var (
	mostAllocs       = map[string]float64{"associate": 51, "list": 46, "challenge": 40, "token": 45}
	mostOfSnippet    = map[string]float64{"associate": 1, "list": 1, "challenge": 1, "token": 0.55}
	mostOfResty      = 0.5
	mostOfRoundTrip  = 1.2
	mostGrowth       = 1.1  // of allocations and bytes; linear, and room for buffers that double
	mostGrowthOfTime = 1.25 // which is noisier
)

// targets holds what was measured against what is allowed.
func (r *report) targets() []target {
	var all []target
	ratio := func(name string, ratios []sample, most float64) {
		got := median(ratios, wall)
		all = append(all, target{
			name, fmt.Sprintf("%.2f (%.2f to %.2f)", got, quantile(ratios, wall, 0.25), quantile(ratios, wall, 0.75)), fmt.Sprintf("%.2f", most),
			!(got <= most), // true for NaN, too
		})
	}
	for _, op := range operations {
		got := median(r.of("call", "stub", op.name, "sdk"), allocs)
		most := mostAllocs[op.name]
		all = append(all, target{"allocations, " + op.name, fmt.Sprintf("%.0f", got), fmt.Sprintf("%.0f", most), !(got < most+0.5)})
	}
	for _, op := range operations {
		ratio("time against the vendor's snippet, "+op.name, r.timeRatios("stub", op.name, "sdk", "snippet"), mostOfSnippet[op.name])
	}
	for _, op := range operations {
		ratio("time against resty used plainly, "+op.name, r.timeRatios("stub", op.name, "sdk", "restynaive"), mostOfResty)
	}
	for _, place := range []string{"h1", "h2"} {
		for _, op := range operations {
			ratio("time against a bare round trip over TLS, "+protocols[place]+", "+op.name, r.timeRatios(place, op.name, "sdk", "roundtrip"), mostOfRoundTrip)
		}
	}
	for _, g := range growths {
		for _, c := range g.costs {
			got := exponent(r.points(g, c))
			all = append(all, target{
				"growth of " + c.name + " with " + g.what, fmt.Sprintf("x^%.2f", got), fmt.Sprintf("x^%.2f", c.most), !(got <= c.most),
			})
		}
	}
	return all
}

// missed returns the targets that were missed.
func (r *report) missed() []target {
	return slices.DeleteFunc(r.targets(), func(t target) bool { return !t.missed })
}

var protocols = map[string]string{"stub": "no network", "h1": "HTTP/1.1", "h2": "HTTP/2"}

// growth is something that may grow, and what then must not grow faster.
type growth struct {
	what, op string
	costs    []growingCost
}

type growingCost struct {
	name  string
	unit  string
	value func(sample) float64
	most  float64
}

var growths = []growth{
	{growthSize, "token", []growingCost{
		{"allocations", "", allocs, mostGrowth}, {"bytes", " kB", kilobytes, mostGrowth}, {"time", " µs", microseconds, mostGrowthOfTime},
	}},
	{growthList, "list", []growingCost{
		{"allocations", "", allocs, mostGrowth}, {"bytes", " kB", kilobytes, mostGrowth}, {"time", " µs", microseconds, mostGrowthOfTime},
	}},
	{growthFlight, "challenge", []growingCost{
		{"allocations", "", func(s sample) float64 { return s.Allocs * s.X }, mostGrowth},
		{"bytes", " kB", func(s sample) float64 { return s.Bytes * s.X / 1000 }, mostGrowth},
		{"processor time", " µs", func(s sample) float64 { return s.CPU * s.X }, mostGrowthOfTime},
	}},
}

func kilobytes(s sample) float64    { return s.Bytes / 1000 }
func microseconds(s sample) float64 { return s.Time / 1000 }

// points returns the medians of a cost by how much there was.
func (r *report) points(g growth, c growingCost) []point {
	byX := map[float64][]sample{}
	for _, s := range r.samples {
		if s.Suite == "growth" && s.Place == g.what {
			byX[s.X] = append(byX[s.X], s)
		}
	}
	points := make([]point, 0, len(byX))
	for x, samples := range byX {
		points = append(points, point{x, median(samples, c.value)})
	}
	slices.SortFunc(points, func(a, b point) int { return cmp.Compare(a.x, b.x) })
	return points
}
