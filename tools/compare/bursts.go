package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"

	"golang.org/x/perf/benchfmt"
)

// bound says what a burst may cost, as a share of COMMIT's. If zero, there is no limit.
type bound struct {
	burst       string
	connections float64 // how many, in any round
	wall        float64 // time by the clock
	processor   float64 // time of the client
}

var bounds = []bound{
	{burst: "warm", connections: 16, wall: 0.2, processor: 0.2},
	{burst: "cold", connections: 6, wall: 0.3},
	{burst: "http1", connections: 64, wall: 1.05},
	{burst: "single", connections: 1, wall: 1.02},
	{burst: "reconnect", processor: 0.8},
}

// load is what a burst cost, in seconds and numbers.
type load struct{ wall, processor, connections, failures float64 }

// rushed holds the results of all rounds for one burst.
type rushed struct {
	wall, processor  []float64 // against COMMIT, a ratio a round
	connections, was []float64
	failures         float64
}

// runBursts measures the bursts.
func runBursts(ctx context.Context, out io.Writer, programs []string, commit string, rounds int) error {
	found := map[string]*rushed{}
	for _, b := range bounds {
		found[b.burst] = &rushed{}
	}
	base, tree := programs[0], programs[len(programs)-1]
	for round := range rounds {
		for _, b := range bounds {
			if err := found[b.burst].add(ctx, base, tree, b, round); err != nil {
				return err
			}
		}
	}
	return reportBursts(out, commit, found)
}

// add runs both programs once, in another order each round.
func (r *rushed) add(ctx context.Context, base, tree string, b bound, round int) error {
	var got [2]load
	for turn := range got {
		i := (turn + round) % len(got)
		var err error
		if got[i], err = rush(ctx, []string{base, tree}[i], b); err != nil {
			return err
		}
	}
	r.wall = append(r.wall, got[1].wall/got[0].wall)
	r.processor = append(r.processor, got[1].processor/got[0].processor)
	r.was, r.connections = append(r.was, got[0].connections), append(r.connections, got[1].connections)
	r.failures += got[1].failures
	return nil
}

// rush makes a burst.
func rush(ctx context.Context, program string, b bound) (load, error) {
	command := exec.CommandContext(ctx, program, "-test.run=^$", "-test.benchtime=1x",
		"-test.bench=^BenchmarkBurst$/^burst="+b.burst+"$/^way=mfa$")
	output, err := command.CombinedOutput()
	if err != nil {
		return load{}, fmt.Errorf("%s: %w\n%s", b.burst, err, output)
	}
	for reader := benchfmt.NewReader(bytes.NewReader(output), program); reader.Scan(); {
		result, ok := reader.Result().(*benchfmt.Result)
		if !ok {
			continue
		}
		var got load
		for unit, value := range map[string]*float64{
			"sec/op": &got.wall, "cpu-sec/op": &got.processor, "connections/op": &got.connections, "failures/op": &got.failures,
		} {
			if *value, ok = result.Value(unit); !ok {
				return load{}, fmt.Errorf("%s: no %s\n%s", b.burst, unit, output)
			}
		}
		return got, nil
	}
	return load{}, fmt.Errorf("%s: no result\n%s", b.burst, output)
}

// reportBursts prints what was found and says what is not allowed.
func reportBursts(out io.Writer, commit string, found map[string]*rushed) error {
	fmt.Fprintf(out, "bursts against %s: median of the rounds (middle half), and what is allowed; most connections in a round\n\n", commit)
	fmt.Fprintln(out, "| burst | time | allowed | processor time | allowed | connections | base | allowed | failures |")
	fmt.Fprintln(out, "|---|---|---|---|---|---|---|---|---|")
	var failed error
	for _, b := range bounds {
		r := found[b.burst]
		wall, processor, connections := quantile(r.wall, 0.5), quantile(r.processor, 0.5), quantile(r.connections, 1)
		fmt.Fprintf(out, "| %s | %s | %s | %s | %s | %.0f | %.0f to %.0f | %s | %.0f |\n", b.burst,
			spread(r.wall), limit(b.wall), spread(r.processor), limit(b.processor),
			connections, quantile(r.was, 0), quantile(r.was, 1), limit(b.connections), r.failures)
		for what, excess := range map[string]bool{
			fmt.Sprintf("takes %.3f of the time at %s", wall, commit):                b.wall > 0 && wall > b.wall,
			fmt.Sprintf("takes %.3f of the processor time at %s", processor, commit): b.processor > 0 && processor > b.processor,
			fmt.Sprintf("opened %.0f connections", connections):                      b.connections > 0 && connections > b.connections,
			fmt.Sprintf("%.0f calls failed", r.failures):                             r.failures > 0,
		} {
			if excess {
				failed = errors.Join(failed, fmt.Errorf("%s: %s", b.burst, what))
			}
		}
	}
	return failed
}

func spread(values []float64) string {
	return fmt.Sprintf("%.3f (%.3f to %.3f)", quantile(values, 0.5), quantile(values, 0.25), quantile(values, 0.75))
}

func limit(most float64) string {
	if most == 0 {
		return ""
	}
	return fmt.Sprintf("%g", most)
}
