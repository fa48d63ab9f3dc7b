package transport

import (
	"context"
	"net"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// visitor is a call of a test.
type visitor struct {
	place
	in   chan error
	stop context.CancelFunc
}

// visit has a call enter and says whether it is in.
func visit(t *testing.T, g *gate) (v *visitor, in bool) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	v = &visitor{in: make(chan error, 1), stop: stop}
	go func() { v.in <- g.enter(ctx, &v.place) }()
	synctest.Wait()
	return v, len(v.in) > 0
}

// settled is a gate with n calls on an old connection, that is full.
func settled(t *testing.T, n int) (g *gate, conn net.Conn, calls []*visitor) {
	t.Helper()
	g, conn = newGate(&http.Transport{}, "https"), &net.TCPConn{}
	for i := range n {
		v, in := visit(t, g)
		require.True(t, in)
		v.ask()
		require.True(t, v.take(conn, nil, i > 0))
		if i == 0 {
			v.answered()
			v.turn(hears, 0)
			g.ending.Add(-1)
		}
		calls = append(calls, v)
	}
	require.EqualValues(t, n, g.room.Load())
	return g, conn, calls
}

// empty fails the test if the gate counts a call.
func empty(t *testing.T, g *gate) {
	t.Helper()
	for name, n := range map[string]int32{
		"inside": g.inside.Load(), "placed": g.placed.Load(), "asking": g.asking.Load(), "ending": g.ending.Load(),
		"proving": g.proving.Load(), "waiting": g.waiting.Load(), "queue": int32(g.queue.Len()),
	} {
		assert.Zero(t, n, name)
	}
	assert.Nil(t, g.timer)
	if g.room.Load() != unlimited {
		assert.LessOrEqual(t, g.room.Load(), int32(1), "the connections may end before the next call")
	}
}

func TestGate_letsIn_whatFits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g, conn, calls := settled(t, 3)
		asker, in := visit(t, g)
		require.True(t, in, "one call looks for a connection")
		asker.ask() // and finds none
		next, in := visit(t, g)
		assert.False(t, in, "no other one does meanwhile")

		calls[0].answered()
		synctest.Wait()
		assert.Empty(t, next.in, "a response is no free stream yet")
		calls[0].leave()
		synctest.Wait()
		require.Len(t, next.in, 1, "a call that ends leaves its place")
		next.ask()
		require.True(t, next.take(conn, nil, true))

		for _, v := range append(calls, asker, next) {
			v.leave()
		}
		empty(t, g)
	})
}

// Streams become free before the calls on them leave. So the calls inside are not
// what fits, when some of them have a response.
func TestGate_doesNotCountACallTwice_whoseStreamIsFree(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g, conn, calls := settled(t, 3)
		for _, v := range calls {
			v.answered()
		}
		for range 3 { // they get the streams
			v, in := visit(t, g)
			require.True(t, in)
			v.ask()
			require.True(t, v.take(conn, nil, true))
			calls = append(calls, v)
		}
		assert.EqualValues(t, 3, g.room.Load())
		g.room.Store(10) // and then the limits fall
		asker, in := visit(t, g)
		require.True(t, in)
		asker.ask()
		assert.EqualValues(t, 3, g.room.Load())

		for _, v := range append(calls, asker) {
			v.leave()
		}
		empty(t, g)
	})
}

// A new connection has one request at a time until its SETTINGS were read.
func TestGate_turnsAway_fromAConnectionWithoutAResponse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g, _, calls := settled(t, 2)
		fresh := &net.TCPConn{}
		first, in := visit(t, g)
		require.True(t, in)
		first.ask()
		require.True(t, first.take(fresh, nil, false))

		second, in := visit(t, g)
		require.False(t, in)
		calls[0].leave()
		synctest.Wait()
		require.Len(t, second.in, 1, "as it fits")
		second.ask()
		assert.False(t, second.take(fresh, nil, true), "but the limits fell")
		second.leave()
		calls[1].leave()
		_, in = visit(t, g)
		assert.False(t, in, "nobody knows now what fits")

		first.leave() // without a response
		third, in := visit(t, g)
		assert.False(t, in, "the queue has an order")
		third.stop()
		require.ErrorIs(t, <-third.in, context.Canceled)
	})
}

func TestGate_leavesAYoungConnectionToTheNext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g, fresh := newGate(&http.Transport{}, "https"), &net.TCPConn{}
		for i := range 3 {
			v, in := visit(t, g)
			require.True(t, in)
			v.ask()
			require.True(t, v.take(fresh, nil, i > 0))
			waiting, in := visit(t, g)
			require.False(t, in)
			waiting.stop()
			require.ErrorIs(t, <-waiting.in, context.Canceled)
			v.leave() // without a response
		}
		empty(t, g)
		assert.Len(t, g.conns, 1)
	})
}

// A call that dialed and got an old connection shows that streams become free.
func TestGate_waitsForTheCallThatDialedInVain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g, conn, calls := settled(t, 2)
		asker, in := visit(t, g)
		require.True(t, in)
		asker.ask()
		g.dialing()
		calls[0].leave()
		require.True(t, asker.take(conn, nil, true))
		next, in := visit(t, g)
		assert.False(t, in)
		asker.answered()
		synctest.Wait()
		require.Len(t, next.in, 1)

		for _, v := range append(calls, asker, next) {
			v.leave()
		}
		empty(t, g)
	})
}

// A call that is let in when its context ends gives its place back.
func TestGate_losesNoPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for range 100 {
			g, _, calls := settled(t, 1)
			asker, in := visit(t, g)
			require.True(t, in)
			asker.ask()
			waiting, in := visit(t, g)
			require.False(t, in)

			g.mu.Lock()
			waiting.stop()
			g.room.Store(unlimited)
			g.admit()
			g.mu.Unlock()
			if err := <-waiting.in; err == nil {
				waiting.leave()
			}

			calls[0].leave()
			asker.leave()
			empty(t, g)
		}
	})
}

func TestGate_isOpen(t *testing.T) {
	t.Parallel()
	for name, g := range map[string]*gate{
		"over plain HTTP":                      newGate(&http.Transport{}, "http"),
		"to a transport that told nothing yet": newGate(http.NewFileTransport(nil), "https"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.EqualValues(t, unlimited, g.room.Load())
		})
	}
}
