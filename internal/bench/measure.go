package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"math/rand/v2"
	"net/http"
	"runtime"
	"slices"
	"time"
)

// sample is what one round found out about one way at one place.
type sample struct {
	Suite  string    // "call", "burst" or "growth"
	Place  string    // "stub", "h1", "h2", "h2/20ms", or what grows
	Op     string    // the operation
	Way    string    // how it was called
	X      float64   // growth: how much there was
	Time   float64   // ns a call; with several at once: ms until all are answered
	CPU    float64   // µs of processor time a call
	Allocs float64   // a call
	Bytes  float64   // allocated a call
	Conns  float64   // burst: connections for 1,000 calls
	Turns  []float64 `json:",omitempty"` // Time, turn by turn
}

// effort is how long things are measured.
type effort struct {
	slices int
	slice  time.Duration // so long that a change of ways, with its cold caches, does not count
	bursts map[time.Duration]int
}

var (
	full  = effort{12, 40 * time.Millisecond, map[time.Duration]int{20 * time.Millisecond: 8, 150 * time.Millisecond: 3}}
	short = effort{2, time.Millisecond, map[time.Duration]int{20 * time.Millisecond: 1, 150 * time.Millisecond: 1}}
)

// measure makes a round, or the part of one that measures memory.
func measure(ctx context.Context, at places, role string, n int, quick bool) ([]sample, error) {
	m := &measuring{ctx: ctx, at: at, effort: full, random: rand.New(rand.NewPCG(uint64(n), 0))} //nolint:gosec // an order
	if quick {
		m.effort = short
	}
	steps := []func() error{m.calls, m.bursts, m.growth}
	if role == roleMemory {
		steps = []func() error{m.memory}
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return m.samples, nil
}

type measuring struct {
	ctx     context.Context
	at      places
	effort  effort
	random  *rand.Rand
	samples []sample
}

// trust has a transport trust the tenant and speak one protocol.
func (m *measuring) trust(t *http.Transport, protocol string) (*http.Transport, error) {
	roots, err := m.at.roots()
	if err != nil {
		return nil, err
	}
	t.Proxy = nil
	t.TLSClientConfig = t.TLSClientConfig.Clone() // nil stays nil
	if t.TLSClientConfig == nil {
		t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	t.TLSClientConfig.RootCAs = roots
	t.TLSClientConfig.NextProtos = nil // what a used http.DefaultTransport has set
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP1(protocol == "h1")
	t.Protocols.SetHTTP2(protocol == "h2")
	return t, nil
}

// calls compares the ways, one call after the other on a warm connection.
func (m *measuring) calls() error {
	for _, place := range []string{"stub", "h1", "h2"} {
		for _, op := range operations {
			contenders := map[string]call{}
			for _, w := range ways {
				if place == "stub" {
					contenders[w.name] = w.calls("https://tenant.eu.auth0.com", newStub(op.answer))[op.name]
					continue
				}
				transport, err := m.trust(ways[0].own(), place)
				if err != nil {
					return err
				}
				defer transport.CloseIdleConnections()
				contenders[w.name] = w.calls(m.at.URLs[place+"/0s"], transport)[op.name]
			}
			samples, err := m.compare(contenders)
			if err != nil {
				return fmt.Errorf("%s over %s: %w", op.name, place, err)
			}
			for _, s := range samples {
				s.Suite, s.Place, s.Op = "call", place, op.name
				m.samples = append(m.samples, s)
			}
		}
	}
	return nil
}

// compare has the contenders take turns, in another order each time, so that
// what else the machine does hits all of them.
func (m *measuring) compare(contenders map[string]call) ([]sample, error) {
	names := make([]string, 0, len(contenders))
	for name := range contenders {
		names = append(names, name)
	}
	slices.Sort(names)
	found := map[string][]sample{}
	sizes := map[string]int{}
	for _, name := range names {
		n, err := m.size(contenders[name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		sizes[name] = n
	}
	for range m.effort.slices {
		m.random.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		for _, name := range names {
			s, err := m.slice(contenders[name], sizes[name])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			found[name] = append(found[name], s)
		}
	}
	var samples []sample
	for name, all := range found {
		turns := make([]float64, len(all))
		for i, s := range all {
			turns[i] = s.Time
		}
		samples = append(samples, sample{
			Turns:  turns,
			Way:    name,
			Time:   median(all, wall),
			CPU:    median(all, processor),
			Allocs: median(all, allocs),
			Bytes:  median(all, allocated),
		})
	}
	return samples, nil
}

// size returns how many calls fill a slice, and warms up on the way.
func (m *measuring) size(call call) (int, error) {
	for n := 1; ; n *= 2 {
		began := time.Now()
		for range n {
			if err := call(m.ctx); err != nil {
				return 0, err
			}
		}
		if took := time.Since(began); took > m.effort.slice/4 || n > 1<<20 {
			return max(1, int(float64(n)*float64(m.effort.slice)/float64(took))), nil
		}
	}
}

// slice measures n calls.
func (m *measuring) slice(call call, n int) (sample, error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	used, began := cpu(), time.Now()
	for range n {
		if err := call(m.ctx); err != nil {
			return sample{}, err
		}
	}
	took := time.Since(began)
	used = cpu() - used
	runtime.ReadMemStats(&after)
	calls := float64(n)
	return sample{
		Time:   float64(took.Nanoseconds()) / calls,
		CPU:    float64(used.Nanoseconds()) / 1000 / calls,
		Allocs: float64(after.Mallocs-before.Mallocs) / calls,
		Bytes:  float64(after.TotalAlloc-before.TotalAlloc) / calls,
	}, nil
}
