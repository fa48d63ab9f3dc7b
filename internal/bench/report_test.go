package main

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// found are samples of three rounds in which the sdk takes 1, 2 and 5 times as
// long, the others as long as each other but for what stands here.
func found() []sample {
	var all []sample
	for _, slower := range []float64{5, 1, 2} {
		for _, op := range operations {
			for _, at := range []string{"stub", "h1", "h2"} {
				sdk := sample{Suite: "call", Place: at, Op: op.name, Way: "sdk", Allocs: 1000}
				if at == "stub" {
					sdk.Allocs = map[string]float64{"associate": 51, "list": 46.4, "challenge": 41, "token": 45.5}[op.name]
					sdk.Bytes = 5900
				}
				for _, turn := range []float64{9, 10, 90} { // the first was disturbed
					sdk.Turns = append(sdk.Turns, turn*slower)
				}
				all = append(all, sdk)
				for way, takes := range map[string]float64{
					"snippet": 2, "restynaive": 4, "roundtrip": map[string]float64{"h1": 1.6, "h2": 2, "stub": 9}[at],
				} {
					all = append(all, sample{Suite: "call", Place: at, Op: op.name, Way: way, Turns: []float64{takes, 10 * takes, 90 * takes, 1}})
				}
			}
		}
		for _, protocol := range []string{"h1", "h2"} {
			at := place(protocol, 20*time.Millisecond)
			all = append(all,
				sample{Suite: "burst", Place: at, Op: "challenge", Way: "sdk", Conns: 125, CPU: slower, Time: 3 * slower},
				sample{Suite: "burst", Place: at, Op: "challenge", Way: "snippet", Conns: 973, CPU: 4, Time: 4},
				sample{Suite: "memory", Place: protocol, Op: "challenge", Way: "sdk", Bytes: 21000, X: 8000},
				sample{Suite: "burst", Place: "stub", Op: "challenge", Way: "sdk", Allocs: 9, Turns: []float64{9}},
			)
		}
		for x := 1.0; x <= 32; x *= 2 {
			small := 1.0
			if x < 8 {
				small = 9 // what is small does not count
			}
			all = append(all,
				sample{Suite: "growth", Place: growthSize, X: x, Allocs: small * x, Bytes: 1000 * small * math.Pow(x, 1.2), Time: 1000 * small * math.Pow(x, 1.2)},
				sample{Suite: "growth", Place: growthList, X: x, Allocs: small, Bytes: small * x, Time: small * math.Pow(x, 1.3)},
				sample{Suite: "growth", Place: growthFlight, X: x, Allocs: small, Bytes: small * x, CPU: small},
				sample{Suite: "memory", Place: growthSize, X: x, Allocs: 1, Bytes: 1, Time: 1},
			)
		}
	}
	return all
}

func TestReport_targets(t *testing.T) {
	t.Parallel()
	got := map[string]string{}
	for _, target := range newReport(found(), 3).targets() {
		got[target.name] = fmt.Sprintf("%s of %s, missed %t", target.got, target.most, target.missed)
	}
	want := map[string]string{
		"allocations, associate": "51 of 51, missed false",
		"allocations, list":      "46 of 46, missed false",
		"allocations, challenge": "41 of 40, missed true",
		"allocations, token":     "46 of 45, missed true",

		"time against the vendor's snippet, token": "1.00 (0.75 to 1.75) of 0.55, missed true",

		"growth of allocations with kB of an answer":    "x^1.00 of x^1.10, missed false",
		"growth of bytes with kB of an answer":          "x^1.20 of x^1.10, missed true",
		"growth of time with kB of an answer":           "x^1.20 of x^1.25, missed false",
		"growth of allocations with authenticators":     "x^0.00 of x^1.10, missed false",
		"growth of bytes with authenticators":           "x^1.00 of x^1.10, missed false",
		"growth of time with authenticators":            "x^1.30 of x^1.25, missed true",
		"growth of allocations with calls in flight":    "x^1.00 of x^1.10, missed false",
		"growth of bytes with calls in flight":          "x^2.00 of x^1.10, missed true",
		"growth of processor time with calls in flight": "x^1.00 of x^1.25, missed false",
	}
	for _, op := range operations {
		if op.name != "token" {
			want["time against the vendor's snippet, "+op.name] = "1.00 (0.75 to 1.75) of 1.00, missed false"
		}
		want["time against resty used plainly, "+op.name] = "0.50 (0.38 to 0.88) of 0.50, missed false"
		want["time against a bare round trip over TLS, HTTP/1.1, "+op.name] = "1.25 (0.94 to 2.19) of 1.20, missed true"
		want["time against a bare round trip over TLS, HTTP/2, "+op.name] = "1.00 (0.75 to 1.75) of 1.20, missed false"
	}
	assert.Equal(t, want, got)
}

// What was not measured is missed, not met.
func TestReport_missed(t *testing.T) {
	t.Parallel()
	nothing := newReport(nil, 0)
	require.NotEmpty(t, nothing.targets())
	assert.Len(t, nothing.missed(), len(nothing.targets()))

	for _, missed := range newReport(found(), 3).missed() {
		assert.True(t, missed.missed, missed.name)
	}
}

func TestReport_markdown(t *testing.T) {
	t.Parallel()
	page := string(newReport(found(), 3).markdown())

	for _, part := range []string{
		"over 3 rounds",
		"| sdk | 51 (5.9) | 46 (5.9) | 41 (5.9) | 46 (5.9) |\n",
		"against the snippet\n\n|  | associate | list | challenge | token |\n|---|---|---|---|---|\n| sdk | 1.00 | 1.00 | 1.00 | 1.00 |\n",
		"HTTP/1.1\n\n|  | associate | list | challenge | token |\n|---|---|---|---|---|\n| sdk | 1.25 | 1.25 | 1.25 | 1.25 |\n| roundtrip | 1.00 |",
		"HTTP/2\n\n|  | associate | list | challenge | token |\n|---|---|---|---|---|\n| sdk | 1.00 |",
		"| HTTP/1.1 | 20ms | sdk | 125 | 0.50 | 1.50 |\n",
		"| HTTP/1.1 | 20ms | snippet | 973 | 1.00 | 1.00 |\n",
		"| HTTP/2 | 21 | 8 |\n",
		"| kB of an answer | allocations | bytes, kB | time |\n|---|---|---|---|\n| 1 | 9 | 9 | 1× |\n",
		"| 8 | 8 | 12.13 | 1.35× |\n",
		"| exponent | 1.00 | 1.20 | 1.20 |\n",
		"| calls in flight | allocations | bytes, kB | processor time |\n|---|---|---|---|\n| 1 | 9 | 0.009 | 1× |\n",
		"| allocations, list | 46 | 46 | yes |\n| allocations, challenge | 41 | 40 | **no** |\n",
	} {
		assert.Contains(t, page, part)
	}
}
