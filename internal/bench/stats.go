package main

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// median returns the median of a value of the samples; NaN if there is none.
func median(samples []sample, value func(sample) float64) float64 {
	return quantile(samples, value, 0.5)
}

// quantile returns a quantile of a value of the samples, interpolated.
func quantile(samples []sample, value func(sample) float64, p float64) float64 {
	if len(samples) == 0 {
		return math.NaN()
	}
	values := make([]float64, len(samples))
	for i, s := range samples {
		values[i] = value(s)
	}
	slices.Sort(values)
	at := p * float64(len(values)-1)
	below := int(at)
	above := min(below+1, len(values)-1)
	return values[below] + (at-float64(below))*(values[above]-values[below])
}

// exponent is how cost grows with x where both are large: 1 is linear, 2 is
// quadratic. It is the slope of a line through the upper half of the points on
// logarithmic scales.
func exponent(points []point) float64 {
	upper := points[len(points)/2:]
	x, y := make([]float64, len(upper)), make([]float64, len(upper))
	for i, p := range upper {
		x[i], y[i] = math.Log(p.x), math.Log(p.y)
	}
	_, slope := stat.LinearRegression(x, y, nil, false)
	return slope
}

type point struct{ x, y float64 }
