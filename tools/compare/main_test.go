package main

import (
	"strings"
	"testing"
)

// A verdict fails for each thing that is not allowed, and for nothing else.
func TestReport_failsForEachExcess(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*measured)
		want   string
	}{
		"nothing":             {func(*measured) {}, ""},
		"one slow round":      {func(m *measured) { m.time[0] = 3 }, ""},
		"time":                {func(m *measured) { m.time = []float64{1.06, 1, 1.06} }, "challenge: takes 1.060 of the time at v1"},
		"allocations":         {func(m *measured) { m.allocs = 42 }, "challenge: 42 allocations"},
		"noise, to the slow":  {func(m *measured) { m.null = []float64{1.02, 1, 1.02} }, "challenge: v1 against itself took 1.020"},
		"noise, to the quick": {func(m *measured) { m.null = []float64{0.98, 1, 0.98} }, "challenge: v1 against itself took 0.980"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := map[string]*measured{}
			for _, op := range ops {
				found[op] = &measured{null: []float64{1, 1.005, 1.1}, time: []float64{1, 1.04, 1.03}, wall: []float64{1.2}, allocs: allocations[op]}
			}
			tt.change(found["challenge"])
			var printed strings.Builder
			err := report(&printed, "v1", found)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if rows := strings.Count(printed.String(), "\n| "); rows != 1+len(ops) {
				t.Errorf("%d rows in %s", rows, &printed)
			}
		})
	}
}

func TestReportBursts_failsForEachExcess(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*rushed)
		want   string
	}{
		"nothing":         {func(*rushed) {}, ""},
		"one slow round":  {func(r *rushed) { r.wall[0], r.processor[0] = 3, 3 }, ""},
		"time":            {func(r *rushed) { r.wall = []float64{0.21, 0.1, 0.21} }, "warm: takes 0.210 of the time at v1"},
		"processor time":  {func(r *rushed) { r.processor = []float64{0.21, 0.1, 0.21} }, "warm: takes 0.210 of the processor time at v1"},
		"one bad round":   {func(r *rushed) { r.connections[1] = 17 }, "warm: opened 17 connections"},
		"one failed call": {func(r *rushed) { r.failures = 1 }, "warm: 1 calls failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := map[string]*rushed{}
			for _, b := range bounds {
				found[b.burst] = &rushed{
					wall: []float64{0.1, 0.2, 0.1}, processor: []float64{0.1, 0.2, 0.1},
					connections: []float64{1, 1, 1}, was: []float64{900, 1000, 1100},
				}
			}
			tt.change(found["warm"])
			var printed strings.Builder
			err := reportBursts(&printed, "v1", found)
			if (err == nil) != (tt.want == "") || err != nil && err.Error() != tt.want {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if rows := strings.Count(printed.String(), "\n| "); rows != 1+len(bounds) {
				t.Errorf("%d rows in %s", rows, &printed)
			}
		})
	}
}

func TestQuantile_betweenTwoValuesIsTheirMean(t *testing.T) {
	t.Parallel()
	values := []float64{4, 1, 3, 2}
	for q, want := range map[float64]float64{0: 1, 0.5: 2.5, 1: 4} {
		if got := quantile(values, q); got != want {
			t.Errorf("%v: got %v, want %v", q, got, want)
		}
	}
	if values[0] != 4 {
		t.Error("the values are in another order now")
	}
}
