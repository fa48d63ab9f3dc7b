package main

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// bursts has 64 callers call at once, wait for all, and call again: each way
// on the transport that its users have, from a cold start.
func (m *measuring) bursts() error {
	const callers = 64
	for _, latency := range latencies[1:] {
		for _, protocol := range []string{"h1", "h2"} {
			order := m.random.Perm(len(ways) + 1)
			for _, i := range order {
				w := ways[i%len(ways)]
				name := w.name
				if i == len(ways) {
					name = "sdk, warmed"
				}
				if name == "roundtrip" || name == "restylean" {
					continue // the one cannot send its one request twice at once, the other has the sdk's connections
				}
				s, err := m.burst(w, protocol, latency, callers, m.effort.bursts[latency], i == len(ways))
				if err != nil {
					return err
				}
				s.Suite, s.Place, s.Op, s.Way = "burst", place(protocol, latency), "challenge", name
				m.samples = append(m.samples, s)
			}
		}
	}
	return nil
}

// burst measures bursts of one way on a new transport.
func (m *measuring) burst(w way, protocol string, latency time.Duration, callers, bursts int, warm bool) (sample, error) {
	transport, err := m.trust(w.own(), protocol)
	if err != nil {
		return sample{}, err
	}
	defer transport.CloseIdleConnections()
	var dials atomic.Int64
	dial := transport.DialContext
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		dials.Add(1)
		return dial(ctx, network, address)
	}
	calls := w.calls(m.at.URLs[place(protocol, latency)], transport)
	if warm {
		if err := calls["warm"](m.ctx); err != nil {
			return sample{}, err
		}
	}
	s, err := m.together(calls["challenge"], callers, bursts)
	s.Conns = float64(dials.Load()) / float64(callers*bursts) * 1000
	return s, err
}

// together makes bursts of so many calls.
func (m *measuring) together(one call, callers, bursts int) (sample, error) {
	s, err := m.slice(func(ctx context.Context) error {
		var all sync.WaitGroup
		failed := make(chan error, callers)
		for range callers {
			all.Go(func() { failed <- one(ctx) })
		}
		all.Wait()
		for range callers {
			if err := <-failed; err != nil {
				return err
			}
		}
		return nil
	}, bursts)
	s.Time /= 1e6 // ms a burst
	s.CPU /= float64(callers)
	s.Allocs /= float64(callers)
	s.Bytes /= float64(callers)
	return s, err
}

// growth measures how the cost of the SDK grows with what may grow.
func (m *measuring) growth() error {
	const base = "https://tenant.eu.auth0.com"
	grow := func(what, op string, x float64, answer []byte) error {
		samples, err := m.compare(map[string]call{"sdk": sdk(base, newStub(answer))[op]})
		if err != nil {
			return err
		}
		samples[0].Suite, samples[0].Place, samples[0].Op, samples[0].X = "growth", what, op, x
		m.samples = append(m.samples, samples[0])
		return nil
	}
	for size := 512; size <= 64<<10; size *= 2 {
		if err := grow(growthSize, "token", float64(size)/1024, tokenAnswer(size)); err != nil {
			return err
		}
	}
	for _, n := range []int{0, 1, 3, 6, 12, 25, 51} {
		if err := grow(growthList, "list", float64(n), listAnswer(n)); err != nil {
			return err
		}
	}
	const latency = 20 * time.Millisecond
	for n := 1; n <= 1024; n *= 4 {
		transport, err := m.trust(ways[0].own(), "h2")
		if err != nil {
			return err
		}
		calls := sdk(m.at.URLs[place("h2", latency)], transport)
		if err := calls["warm"](m.ctx); err != nil {
			return err
		}
		// Once to open what the load needs, then measured.
		if _, err := m.together(calls["challenge"], n, 1); err != nil {
			return err
		}
		s, err := m.together(calls["challenge"], n, max(m.effort.slices, 64/n))
		if err != nil {
			return err
		}
		s.Suite, s.Place, s.Op, s.Way, s.X = "growth", growthFlight, "challenge", "sdk", float64(n)
		m.samples = append(m.samples, s)
		transport.CloseIdleConnections()
	}
	return nil
}

// What grows.
const (
	growthSize   = "kB of an answer"
	growthList   = "authenticators"
	growthFlight = "calls in flight"
)
