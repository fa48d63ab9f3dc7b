// Command compare measures two versions of this module against each other.
//
//	compare [-rounds n] [-bursts] COMMIT
//
// runs in the root of the module. It builds the benchmark of the working tree
// twice, once with the module as it was at COMMIT, and runs the two programs in
// turn, in a process each, so that whatever else the machine does hits both.
// Time is processor time: without a network a call waits for nothing. COMMIT is
// also measured against itself, which tells how far to trust the rest. It fails
// if a call takes more time or allocates more than is allowed. With -bursts it
// measures many calls at once instead, against a COMMIT that opened a connection for
// each, with the server in a process of its own.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"

	"golang.org/x/perf/benchfmt"
)

const (
	mostTime  = 1.05 // of COMMIT
	mostNoise = 0.01 // of COMMIT, between COMMIT and itself
	counts    = 10   // runs in a round, of which the fastest counts
	calls     = "1000x"
)

// allocations are what a call of each operation may allocate, the stub's own one
// included: 51, 46, 40 and 45, and one more for each secret of the response.
var allocations = map[string]float64{"associate": 51 + 2, "list": 46, "challenge": 40 + 1, "token": 45 + 3}

var ops = []string{"associate", "list", "challenge", "token"}

func main() {
	rounds := flag.Int("rounds", 20, "how often all programs take their turn")
	bursts := flag.Bool("bursts", false, "measure bursts instead of single calls")
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout, flag.Arg(0), *rounds, *bursts)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, commit string, rounds int, bursts bool) error {
	dir, err := os.MkdirTemp("", "compare")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary directory
	programs, err := build(ctx, dir, commit)
	if err != nil {
		return err
	}
	if bursts {
		return runBursts(ctx, out, programs, commit, rounds)
	}
	found := map[string]*measured{}
	for _, op := range ops {
		found[op] = &measured{}
	}
	for round := range rounds {
		for _, op := range ops {
			if err := found[op].add(ctx, programs, op, round); err != nil {
				return err
			}
		}
	}
	return report(out, commit, found)
}

// build makes the programs: COMMIT, COMMIT again, and the working tree.
func build(ctx context.Context, dir, commit string) ([]string, error) {
	source, modfile := filepath.Join(dir, "source"), filepath.Join(dir, "base.mod")
	base, tree := filepath.Join(dir, "base.test"), filepath.Join(dir, "tree.test")
	for _, step := range [][]string{
		{"mkdir", source},
		{"git", "archive", "--output", source + ".tar", commit},
		{"tar", "-xf", source + ".tar", "-C", source},
		{"cp", "test/go.mod", modfile},
		{"cp", "test/go.sum", filepath.Join(dir, "base.sum")},
		{"go", "mod", "edit", "-replace", "github.com/go-auth0-mfa/mfa=" + source, modfile},
		{"go", "-C", "test", "test", "-c", "-mod=mod", "-modfile=" + modfile, "-o", base, "./bench"},
		{"go", "-C", "test", "test", "-c", "-o", tree, "./bench"},
	} {
		if said, err := exec.CommandContext(ctx, step[0], step[1:]...).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%s: %w\n%s", step, err, said)
		}
	}
	return []string{base, base, tree}, nil
}

// measured holds the results of all rounds for one operation.
type measured struct {
	null, time  []float64 // COMMIT against itself, the working tree against COMMIT, a ratio a round
	wall        []float64 // as time, by the clock
	was, allocs float64   // allocations of a call of COMMIT, of the working tree
}

// add runs each program once, in another order each round.
func (m *measured) add(ctx context.Context, programs []string, op string, round int) error {
	var got [3]cost
	for turn := range programs {
		i := (turn + round) % len(programs)
		var err error
		if got[i], err = bench(ctx, programs[i], op); err != nil {
			return err
		}
	}
	m.null = append(m.null, got[1].processor/got[0].processor)
	m.time = append(m.time, got[2].processor/((got[0].processor+got[1].processor)/2))
	m.wall = append(m.wall, got[2].wall/((got[0].wall+got[1].wall)/2))
	m.was, m.allocs = got[0].allocs, max(m.allocs, got[2].allocs)
	return nil
}

// cost is the cost of a call, in seconds and allocations.
type cost struct{ processor, wall, allocs float64 }

// bench returns the least that a call took in several runs of the program: what
// else the machine does only adds.
func bench(ctx context.Context, program, op string) (cost, error) {
	command := exec.CommandContext(ctx, program, "-test.run=^$", "-test.benchtime="+calls, fmt.Sprint("-test.count=", counts),
		"-test.bench=^BenchmarkCall$/^net=stub$/^op="+op+"$/^way=mfa$")
	output, err := command.CombinedOutput()
	if err != nil {
		return cost{}, fmt.Errorf("%s: %w\n%s", op, err, output)
	}
	var all []cost
	for reader := benchfmt.NewReader(bytes.NewReader(output), program); reader.Scan(); {
		result, ok := reader.Result().(*benchfmt.Result)
		if !ok {
			continue
		}
		var one cost
		for unit, value := range map[string]*float64{"cpu-sec/op": &one.processor, "sec/op": &one.wall, "allocs/op": &one.allocs} {
			if *value, ok = result.Value(unit); !ok {
				return cost{}, fmt.Errorf("%s: no %s\n%s", op, unit, output)
			}
		}
		all = append(all, one)
	}
	if len(all) != counts {
		return cost{}, fmt.Errorf("%s: %d results of %d\n%s", op, len(all), counts, output)
	}
	least := all[0]
	for _, one := range all {
		least = cost{min(least.processor, one.processor), min(least.wall, one.wall), max(least.allocs, one.allocs)}
	}
	return least, nil
}

// report prints what was found and says what is not allowed.
func report(out io.Writer, commit string, found map[string]*measured) error {
	fmt.Fprintf(out, "processor time of a call against %s, median of the rounds (middle half); allocations of a call\n\n", commit)
	fmt.Fprintln(out, "| operation | base against itself | time | allowed | by the clock | allocations | base | allowed |")
	fmt.Fprintln(out, "|---|---|---|---|---|---|---|---|")
	var failed error
	for _, op := range ops {
		m := found[op]
		null, time := quantile(m.null, 0.5), quantile(m.time, 0.5)
		fmt.Fprintf(out, "| %s | %.3f | %.3f (%.3f to %.3f) | %.2f | %.3f | %.0f | %.0f | %.0f |\n", op, null,
			time, quantile(m.time, 0.25), quantile(m.time, 0.75), mostTime, quantile(m.wall, 0.5), m.allocs, m.was, allocations[op])
		if null < 1-mostNoise || null > 1+mostNoise {
			failed = errors.Join(failed, fmt.Errorf("%s: %s against itself took %.3f: the machine is too busy to tell", op, commit, null))
		}
		if time > mostTime {
			failed = errors.Join(failed, fmt.Errorf("%s: takes %.3f of the time at %s", op, time, commit))
		}
		if m.allocs > allocations[op] {
			failed = errors.Join(failed, fmt.Errorf("%s: %.0f allocations", op, m.allocs))
		}
	}
	return failed
}

// quantile returns the value below which a share q of the values lies.
func quantile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	at := q * float64(len(sorted)-1)
	low := int(at)
	high := min(low+1, len(sorted)-1)
	return sorted[low] + (at-float64(low))*(sorted[high]-sorted[low])
}
