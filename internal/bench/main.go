// Bench measures what a call through package mfa costs, beside other ways to
// make the same call, and fails when that is more than the targets allow.
//
//	go run .          # all rounds; writes docs/cost.md and docs/cost.png
//	go run . -quick   # two short rounds into a temporary directory, no targets
//
// Each round is a process of its own, in which the ways take turns. A ratio is
// taken within one round, and what counts is the median over the rounds: that
// holds on a noisy machine, where times do not.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"time"
)

// The processes beside the one that was started. Memory is measured in its own:
// what calls leave would be counted, and what it leaves makes calls dearer.
const (
	roleServer = "server"
	roleRound  = "round"
	roleMemory = "memory"
)

func main() {
	var (
		rounds = flag.Int("rounds", 8, "rounds to run")
		quick  = flag.Bool("quick", false, "two short rounds that check nothing but that everything runs")
		out    = flag.String("out", "", "`directory` for cost.md and cost.png; default: docs of this repository, or with -quick a temporary one")
		role   = flag.String("role", "", "used by the program itself: server, round or memory")
		number = flag.Int("round", 0, "used by the program itself: which round")
	)
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	switch *role {
	case roleServer:
		err = serve(os.Stdin, os.Stdout)
	case roleRound, roleMemory:
		err = child(ctx, *role, *number, *quick)
	default:
		err = run(ctx, *rounds, *quick, *out)
	}
	if err != nil {
		stop()
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run makes the rounds, writes the report and checks the targets.
func run(ctx context.Context, rounds int, quick bool, out string) error {
	if quick {
		rounds = 2
	}
	if quick && out == "" {
		temporary, err := os.MkdirTemp("", "mfa-bench-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(temporary) //nolint:errcheck // a temporary directory
		out = temporary
	} else if out == "" {
		out = filepath.Join("..", "..", "docs")
	}
	places, stop, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer stop()
	began := time.Now()
	var all []sample
	for n := range rounds {
		for _, role := range []string{roleRound, roleMemory} {
			samples, err := round(ctx, places, role, n, quick)
			if err != nil {
				return fmt.Errorf("round %d: %w", n+1, err)
			}
			all = append(all, samples...)
		}
		fmt.Fprintf(os.Stderr, "round %d of %d done after %v\n", n+1, rounds, time.Since(began).Round(time.Second))
	}
	r := newReport(all, rounds)
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, "cost.md"), r.markdown(), 0o644); err != nil { //nolint:gosec // a document
		return err
	}
	if err := r.plot(filepath.Join(out, "cost.png")); err != nil {
		return err
	}
	fmt.Printf("%s\n", r.markdown())
	if quick {
		return nil
	}
	missed := r.missed()
	for _, t := range missed {
		fmt.Fprintf(os.Stderr, "missed: %s: %s, allowed %s\n", t.name, t.got, t.most)
	}
	if len(missed) > 0 {
		return errors.New("more than the targets allow")
	}
	return nil
}

// round makes one round or its part, in a process of its own.
func round(ctx context.Context, places places, role string, n int, quick bool) ([]sample, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, "-role="+role, fmt.Sprintf("-round=%d", n), fmt.Sprintf("-quick=%t", quick))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	go func() {
		_ = json.NewEncoder(in).Encode(places)
		_ = in.Close()
	}()
	raw, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	var samples []sample
	err = json.Unmarshal(raw, &samples)
	return samples, err
}

// child is the process of a round.
func child(ctx context.Context, role string, n int, quick bool) error {
	var places places
	if err := json.NewDecoder(os.Stdin).Decode(&places); err != nil {
		return err
	}
	samples, err := measure(ctx, places, role, n, quick)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(samples)
}

// startServer starts the process that is the tenant.
func startServer(ctx context.Context) (places, func(), error) {
	self, err := os.Executable()
	if err != nil {
		return places{}, nil, err
	}
	cmd := exec.CommandContext(ctx, self, "-role="+roleServer)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return places{}, nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return places{}, nil, err
	}
	if err := cmd.Start(); err != nil {
		return places{}, nil, err
	}
	stop := func() {
		_ = in.Close()
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait()
	}
	var p places
	if err := json.NewDecoder(out).Decode(&p); err != nil {
		stop()
		return places{}, nil, err
	}
	return p, stop, nil
}
