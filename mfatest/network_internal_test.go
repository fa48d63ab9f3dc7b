package mfatest

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// inMemory runs a test on the two ends of a connection, in a bubble.
func inMemory(t *testing.T, test func(t *testing.T, near, far net.Conn)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		near, far := newMemoryConns(&net.TCPAddr{Port: 1}, &net.TCPAddr{Port: 2})
		test(t, near, far)
	})
}

func TestMemoryConn_holdsWhatNobodyReadsYet(t *testing.T) {
	t.Parallel()
	inMemory(t, func(t *testing.T, near, far net.Conn) {
		for _, c := range []net.Conn{near, far} { // both write first, as the ends of net.Pipe must not
			n, err := c.Write(make([]byte, maxBuffered))
			require.NoError(t, err)
			require.Equal(t, maxBuffered, n)
		}
		written := make(chan int, 1)
		go func() {
			n, err := near.Write([]byte("more"))
			assert.NoError(t, err)
			written <- n
		}()
		synctest.Wait()
		require.Empty(t, written, "the buffer is full")
		n, err := io.ReadFull(far, make([]byte, maxBuffered))
		require.NoError(t, err)
		require.Equal(t, maxBuffered, n)
		require.Equal(t, 4, <-written)
		require.NoError(t, near.Close())
		rest, err := io.ReadAll(far) // up to EOF
		require.NoError(t, err)
		assert.Equal(t, "more", string(rest))
	})
}

func TestMemoryConn_deadlines(t *testing.T) {
	t.Parallel()
	inMemory(t, func(t *testing.T, near, far net.Conn) {
		start := time.Now()
		timesOut := func(n int, err error) {
			t.Helper()
			assert.Zero(t, n)
			require.ErrorIs(t, err, os.ErrDeadlineExceeded)
			var network net.Error
			require.ErrorAs(t, err, &network)
			assert.True(t, network.Timeout())
		}
		require.NoError(t, near.SetReadDeadline(start.Add(3*time.Second)))
		timesOut(near.Read(make([]byte, 1)))
		assert.Equal(t, 3*time.Second, time.Since(start))
		timesOut(near.Read(nil))

		_, err := near.Write(make([]byte, maxBuffered))
		require.NoError(t, err)
		require.NoError(t, near.SetWriteDeadline(time.Now().Add(2*time.Second)))
		timesOut(near.Write([]byte("x")))
		assert.Equal(t, 5*time.Second, time.Since(start))

		require.NoError(t, near.SetDeadline(time.Time{})) // none
		_, err = far.Write([]byte("y"))
		require.NoError(t, err)
		n, err := near.Read(make([]byte, 2))
		require.NoError(t, err)
		assert.Equal(t, 1, n)

		// A deadline that has passed wakes who waits already.
		ended := make(chan error, 1)
		go func() {
			_, err := near.Read(make([]byte, 1))
			ended <- err
		}()
		synctest.Wait()
		require.Empty(t, ended)
		require.NoError(t, near.SetDeadline(time.Unix(1, 0)))
		require.ErrorIs(t, <-ended, os.ErrDeadlineExceeded)
		require.NoError(t, near.Close())
	})
}

func TestMemoryConn_closed(t *testing.T) {
	t.Parallel()
	inMemory(t, func(t *testing.T, near, far net.Conn) {
		_, err := near.Write([]byte("last"))
		require.NoError(t, err)
		ended := make(chan error, 1)
		go func() {
			_, err := near.Read(make([]byte, 1))
			ended <- err
		}()
		synctest.Wait()
		require.NoError(t, near.SetDeadline(time.Now().Add(time.Hour))) // a timer that does not outlive the connection
		require.NoError(t, near.Close())
		require.NoError(t, near.Close())
		require.ErrorIs(t, <-ended, net.ErrClosed)
		_, err = near.Write([]byte("x"))
		require.ErrorIs(t, err, net.ErrClosed)

		_, err = far.Write([]byte("x"))
		require.ErrorIs(t, err, syscall.EPIPE)
		rest, err := io.ReadAll(far)
		require.NoError(t, err)
		assert.Equal(t, "last", string(rest))
		require.NoError(t, far.Close())
		assert.Equal(t, ":1", far.RemoteAddr().String())
		assert.Equal(t, ":2", far.LocalAddr().String())
	})
}

func TestMemoryConn_reset(t *testing.T) {
	t.Parallel()
	inMemory(t, func(t *testing.T, near, far net.Conn) {
		_, err := near.Write([]byte("lost"))
		require.NoError(t, err)
		require.NoError(t, near.(*memoryConn).SetLinger(0))
		require.NoError(t, near.Close())
		_, err = far.Read(make([]byte, 4))
		require.ErrorIs(t, err, syscall.ECONNRESET)
		_, err = far.Write([]byte("x"))
		require.ErrorIs(t, err, syscall.ECONNRESET)
		require.NoError(t, far.Close())
	})
}

func TestMemoryNetwork_dialEndsWithTheListenerOrTheCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		network := newMemoryNetwork("tenant.test")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := network.dial(ctx, "tcp", "tenant.test:443") // nobody accepts
		require.ErrorIs(t, err, context.DeadlineExceeded)

		go func() {
			c, err := network.Accept()
			if assert.NoError(t, err) {
				_, _ = io.Copy(c, bytes.NewReader([]byte("hello")))
				_ = c.Close()
			}
		}()
		c, err := network.dial(t.Context(), "tcp", "tenant.test:443")
		require.NoError(t, err)
		text, err := io.ReadAll(c)
		require.NoError(t, err)
		assert.Equal(t, "hello", string(text))
		require.NoError(t, c.Close())

		require.NoError(t, network.Close())
		require.NoError(t, network.Close())
		_, err = network.Accept()
		require.ErrorIs(t, err, net.ErrClosed)
		_, err = network.dial(t.Context(), "tcp", "tenant.test:443")
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
	})
}
