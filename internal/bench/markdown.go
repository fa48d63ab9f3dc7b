package main

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
)

const preface = `# What a call costs

Written by ` + "`make bench`" + ` (` + "`go run .`" + ` in [internal/bench](../internal/bench)); do not edit it.

Ratios are what counts here. A ratio is taken within one round, between ways that took turns in one process, and is then
the median over %d rounds, each a process of its own. Times alone depend on the machine and are no promise. These rounds
ran on %d processors, %s, %s/%s; the tenant was another process.

![Four plots: allocations, time without a network, connections of bursts, growth](cost.png)

| way | what it is |
|---|---|
| sdk | package mfa: deadline, bounded answer, typed errors, secrets, proof of what was sent |
| roundtrip | the request of the sdk, recorded and sent again by the transport alone, nothing decoded: what none can go below |
| nethttp | net/http by a careful hand, with the same JSON library and nothing of what the sdk adds |
| snippet | what [Auth0's documentation](https://auth0.com/docs/secure/multi-factor-authentication/authenticate-using-ropg-flow-with-mfa/enroll-and-challenge-email-authenticators) shows for Go, with the answer decoded by encoding/json |
| restylean | resty by a careful hand, with that JSON library, a deadline and the hooks that tell whether a request was sent: about the least that a client built on resty can cost |
| restynaive | resty as its README shows it: SetBody, SetResult, SetError |

`

// markdown is the document.
func (r *report) markdown() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, preface, r.rounds, runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	names := make([]string, len(operations))
	for i, op := range operations {
		names[i] = op.name
	}

	b.WriteString("## Allocations of a call\n\nWithout a network; the transport's own one is counted. In brackets the kilobytes.\n\n")
	var rows [][]string
	for _, w := range ways {
		row := []string{w.name}
		for _, op := range operations {
			samples := r.of("call", "stub", op.name, w.name)
			row = append(row, fmt.Sprintf("%.0f (%.1f)", median(samples, allocs), median(samples, allocated)/1000))
		}
		rows = append(rows, row)
	}
	table(&b, append([]string{""}, names...), rows)

	b.WriteString("## Time of a call without a network, against the snippet\n\n")
	r.times(&b, "stub", "snippet", names)
	b.WriteString("## Time of a call over TLS on loopback, against a bare round trip\n\nThe nearest that a network can be: every real one is slower, and the ratios nearer to 1.\n\n")
	for _, place := range []string{"h1", "h2"} {
		b.WriteString(protocols[place] + "\n\n")
		r.times(&b, place, "roundtrip", names)
	}

	b.WriteString("## Bursts of 64 challenges, over TLS\n\nEach way on the transport that its users have unless they know better, from a cold start. In the last columns, against the snippet.\n\n")
	rows = nil
	for _, latency := range latencies[1:] {
		for _, protocol := range []string{"h1", "h2"} {
			at := place(protocol, latency)
			for _, name := range []string{"sdk", "sdk, warmed", "nethttp", "snippet", "restynaive"} {
				rows = append(rows, []string{
					protocols[protocol], latency.String(), name,
					fmt.Sprintf("%.0f", median(r.of("burst", at, "challenge", name), func(s sample) float64 { return s.Conns })),
					fmt.Sprintf("%.2f", r.ratio("burst", at, "challenge", name, "snippet", processor)),
					fmt.Sprintf("%.2f", r.ratio("burst", at, "challenge", name, "snippet", wall)),
				})
			}
		}
	}
	table(&b, []string{"protocol", "tenant answers after", "way", "connections per 1,000 calls", "processor time", "time until all are answered"}, rows)

	b.WriteString("## Memory of a connection that waits\n\nKilobytes after collecting; over HTTP/2 the client with it, as it needs but one.\n\n")
	rows = nil
	for _, protocol := range []string{"h1", "h2"} {
		samples := r.of("memory", protocol, "challenge", "sdk")
		rows = append(rows, []string{protocols[protocol], fmt.Sprintf("%.0f", median(samples, kilobytes)), fmt.Sprintf("%.0f", median(samples, func(s sample) float64 { return s.X / 1000 }))})
	}
	table(&b, []string{"", "heap", "stacks"}, rows)

	b.WriteString("## How cost grows\n\nOf the sdk: of one call, and of all together where several are in flight. Time is against the smallest; an exponent of\n1 is linear.\n\n")
	for _, g := range growths {
		r.growth(&b, g)
	}

	b.WriteString("## Targets\n\nIn brackets the middle half of the rounds.\n\n")
	rows = nil
	for _, t := range r.targets() {
		rows = append(rows, []string{t.name, t.got, t.most, map[bool]string{false: "yes", true: "**no**"}[t.missed]})
	}
	table(&b, []string{"", "measured", "allowed", "met"}, rows)
	return append(bytes.TrimRight(b.Bytes(), "\n"), '\n')
}

// times is a table of ratios of time.
func (r *report) times(b *bytes.Buffer, place, other string, names []string) {
	var rows [][]string
	for _, w := range ways {
		row := []string{w.name}
		for _, op := range operations {
			row = append(row, fmt.Sprintf("%.2f", median(r.timeRatios(place, op.name, w.name, other), wall)))
		}
		rows = append(rows, row)
	}
	table(b, append([]string{""}, names...), rows)
}

// growth is a table of how the costs grow with one thing.
func (r *report) growth(b *bytes.Buffer, g growth) {
	header := []string{g.what}
	var rows [][]string
	for i, c := range g.costs {
		points := r.points(g, c)
		timed := strings.Contains(c.name, "time")
		header = append(header, c.name+c.inUnit(timed))
		for j, p := range points {
			if i == 0 {
				rows = append(rows, []string{fmt.Sprintf("%g", p.x)})
			}
			value := fmt.Sprintf("%.4g", p.y)
			if timed {
				value = fmt.Sprintf("%.3g×", p.y/points[0].y)
			}
			rows[j] = append(rows[j], value)
		}
	}
	last := []string{"exponent"}
	for _, c := range g.costs {
		last = append(last, fmt.Sprintf("%.2f", exponent(r.points(g, c))))
	}
	table(b, header, append(rows, last))
}

func (c growingCost) inUnit(relative bool) string {
	if relative || c.unit == "" {
		return ""
	}
	return "," + c.unit
}

// table writes a table of Markdown.
func table(b *bytes.Buffer, header []string, rows [][]string) {
	line := func(cells []string) { b.WriteString("| " + strings.Join(cells, " | ") + " |\n") }
	line(header)
	b.WriteString("|" + strings.Repeat("---|", len(header)) + "\n")
	for _, row := range rows {
		line(row)
	}
	b.WriteByte('\n')
}
