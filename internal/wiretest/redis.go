package wiretest

import (
	"bufio"
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Redis is a redis-server that ends with the test. It keeps nothing on disk. It listens
// at a socket file, so that no two servers want the same port.
type Redis struct {
	// Socket is the path of the socket file, for the network "unix".
	Socket string

	end func()
}

// StartRedis starts a Redis and waits until it responds.
func StartRedis(t testing.TB) *Redis {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	require.NoError(t, err, "redis-server is missing: apt-get install redis-server")
	dir, err := os.MkdirTemp("", "redis") //nolint:usetesting // the path of a socket has at most 107 bytes
	require.NoError(t, err)
	socket := filepath.Join(dir, "redis.sock")

	var out bytes.Buffer
	cmd := exec.Command(program, "--port", "0", "--unixsocket", socket, "--dir", dir,
		"--save", "", "--appendonly", "no", "--daemonize", "no")
	cmd.Stdout, cmd.Stderr = &out, &out
	endWithParent(cmd)
	require.NoError(t, cmd.Start())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = cmd.Wait()
	}()
	s := &Redis{Socket: socket, end: sync.OnceFunc(func() {
		_ = cmd.Process.Kill()
		<-done
		_ = os.RemoveAll(dir)
	})}
	t.Cleanup(s.End)
	require.Eventually(t, func() bool {
		select {
		case <-done:
			t.Logf("redis-server ended: %s", &out)
			t.FailNow()
		default:
		}
		return s.responds()
	}, 30*time.Second, 5*time.Millisecond)
	return s
}

// End ends the server at once.
func (s *Redis) End() { s.end() }

func (s *Redis) responds() bool {
	conn, err := net.DialTimeout("unix", s.Socket, time.Second)
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close() }()
	if conn.SetDeadline(time.Now().Add(time.Second)) != nil {
		return false
	}
	if _, err = conn.Write([]byte("PING\r\n")); err != nil {
		return false
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	return err == nil && line == "+PONG\r\n"
}
