package main

import (
	"math"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every way makes every call, and takes the answer for a success.
func TestWays(t *testing.T) {
	t.Parallel()
	for _, w := range ways {
		for _, op := range operations {
			t.Run(w.name+"/"+op.name, func(t *testing.T) {
				t.Parallel()
				require.NoError(t, w.calls("https://tenant.eu.auth0.com", newStub(op.answer))[op.name](t.Context()))
				refused := newStub([]byte(`<html>`))
				if w.name != "roundtrip" { // which looks at the status alone
					assert.Error(t, w.calls("https://tenant.eu.auth0.com", refused)[op.name](t.Context()))
				}
			})
		}
	}
}

// The bare round trip sends what the sdk sends.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	const base = "https://tenant.eu.auth0.com"
	for _, op := range operations {
		var sent []recorder
		for _, w := range []way{ways[0], ways[1]} {
			recorded := recorder{stub: newStub(op.answer)}
			call := w.calls(base, &recorded)[op.name]
			require.NoError(t, call(t.Context()))
			require.NoError(t, call(t.Context()), "again")
			sent = append(sent, recorded)
		}
		assert.Same(t, t.Context(), sent[1].req.Context()) // a deadline is no part of a round trip
		assert.Equal(t, op.method, sent[1].req.Method)
		assert.Equal(t, sent[0].req.URL, sent[1].req.URL)
		assert.Equal(t, sent[0].req.Header, sent[1].req.Header)
		assert.Equal(t, sent[0].req.ContentLength, sent[1].req.ContentLength)
		assert.Equal(t, sent[0].body, sent[1].body)
		for _, name := range []string{"Accept", "Auth0-Client", "User-Agent"} {
			assert.NotEmpty(t, sent[1].req.Header.Get(name), name)
		}
		assert.Equal(t, op.method == http.MethodPost, len(sent[1].body) > 0)
	}
}

func TestStub(t *testing.T) {
	t.Parallel()
	sizes := map[string]int{"associate": 858, "list": 345, "challenge": 720, "token": 2386}
	for _, op := range operations {
		assert.Len(t, op.answer, sizes[op.name], op.name)
	}
	assert.Len(t, headerLines, 16)
}

func TestQuantile(t *testing.T) {
	t.Parallel()
	var samples []sample
	assert.True(t, math.IsNaN(median(samples, wall)))
	for _, v := range []float64{4, 1, 3, 2} {
		samples = append(samples, sample{Time: v})
	}
	assert.InDelta(t, 2.5, median(samples, wall), 1e-9)
	assert.InDelta(t, 1, quantile(samples, wall, 0), 1e-9)
	assert.InDelta(t, 4, quantile(samples, wall, 1), 1e-9)
}

func TestExponent(t *testing.T) {
	t.Parallel()
	for _, want := range []float64{0, 1, 2} {
		var points []point
		for x := 1.0; x <= 1024; x *= 2 {
			points = append(points, point{x, 3 * math.Pow(x, want)})
		}
		assert.InDelta(t, want, exponent(points), 1e-9)
	}
}
