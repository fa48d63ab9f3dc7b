package main

import (
	"net/http"
	"runtime"
	"time"
)

// memory measures what is kept by a connection that waits for the next call.
func (m *measuring) memory() error {
	const latency, many = 20 * time.Millisecond, 64
	for _, protocol := range []string{"h1", "h2"} {
		clients, each := 1, many // HTTP/1.1: a connection for each of the calls at once
		if protocol == "h2" {
			clients, each = many, 1 // one connection, whatever the calls: the client is counted with it
		}
		var transports []*http.Transport
		heap, stacks := live()
		for range clients {
			transport, err := m.trust(ways[0].own(), protocol)
			if err != nil {
				return err
			}
			transports = append(transports, transport)
			if _, err := m.together(sdk(m.at.URLs[place(protocol, latency)], transport)["challenge"], each, 1); err != nil {
				return err
			}
		}
		heapThen, stacksThen := live()
		m.samples = append(m.samples, sample{
			Suite: "memory", Place: protocol, Op: "challenge", Way: "sdk",
			Bytes: (heapThen - heap) / many, X: max(0, stacksThen-stacks) / many, // stacks shrink when collected
		})
		for _, transport := range transports {
			transport.CloseIdleConnections()
		}
	}
	return nil
}

// live is the heap that is left after collecting, and the stacks.
func live() (heap, stacks float64) {
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc), float64(m.StackInuse)
}
