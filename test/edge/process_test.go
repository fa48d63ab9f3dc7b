//go:build linux

package edge

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// process is a program that a test started. It ends with the test, and also when
// the test process dies.
type process struct {
	t    testing.TB
	cmd  *exec.Cmd
	out  *output
	done chan struct{} // closed when the program has ended
	end  sync.Once
}

// output collects what a program prints, for the message of a failure.
type output struct {
	mu    sync.Mutex
	bytes bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.bytes.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.bytes.String()
}

// start starts a program in a process group of its own.
func start(t testing.TB, prepare func(*exec.Cmd), name string, args ...string) *process {
	t.Helper()
	p := &process{t: t, out: new(output), done: make(chan struct{})}
	p.cmd = exec.Command(find(t, name), args...)
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	p.cmd.SysProcAttr = &syscall.SysProcAttr{
		Setpgid: true,
		// When this process dies, a server still takes its workers along.
		Pdeathsig: syscall.SIGTERM,
	}
	p.cmd.WaitDelay = 5 * time.Second
	if prepare != nil {
		prepare(p.cmd)
	}
	require.NoError(t, p.cmd.Start())
	go func() {
		defer close(p.done)
		_ = p.cmd.Wait()
	}()
	t.Cleanup(p.stop)
	return p
}

// find returns the path of a program, which Debian may have put out of PATH.
func find(t testing.TB, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	path := filepath.Join("/usr/sbin", name)
	_, err := os.Stat(path)
	require.NoError(t, err, "%s is missing: apt-get install nginx-light haproxy squid", name)
	return path
}

// signal sends a signal to the program alone.
func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	require.NoError(p.t, p.cmd.Process.Signal(s))
}

// kill ends the program and its children at once, without a word to anybody.
func (p *process) kill() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.done
}

// stop ends the program and its children.
func (p *process) stop() {
	p.end.Do(func() {
		group := -p.cmd.Process.Pid
		_ = syscall.Kill(group, syscall.SIGCONT)
		_ = syscall.Kill(group, syscall.SIGTERM)
		select {
		case <-p.done:
		case <-time.After(5 * time.Second):
		}
		_ = syscall.Kill(group, syscall.SIGKILL) // those that outlived it
		<-p.done
		if p.t.Failed() {
			p.t.Logf("%s: %s", filepath.Base(p.cmd.Path), p.out)
		}
	})
}

// listens waits until the program accepts connections.
func (p *process) listens(address string) {
	p.t.Helper()
	require.Eventually(p.t, func() bool {
		select {
		case <-p.done:
			p.t.Logf("%s ended: %s", filepath.Base(p.cmd.Path), p.out)
			p.t.FailNow()
		default:
		}
		conn, err := net.DialTimeout("tcp", address, time.Second)
		if err != nil {
			return false
		}
		return conn.Close() == nil
	}, 30*time.Second, 5*time.Millisecond, "nobody listens: %s", p.out)
}

// ports is the last one that was taken. They are below those that the system gives
// to anybody who asks for one, so that nobody else gets them before the program.
var ports atomic.Int32

// freeAddress returns an address of this machine where nobody listens.
func freeAddress(t testing.TB) string {
	t.Helper()
	for range 1000 {
		address := "127.0.0.1:" + strconv.Itoa(15_000+(os.Getpid()+int(ports.Add(1)))%17_000)
		// Not by listening here: a program that another test starts at that moment has
		// the listener too until it is executed, and would accept the first connections.
		conn, err := net.DialTimeout("tcp", address, time.Second)
		if errors.Is(err, syscall.ECONNREFUSED) {
			return address
		}
		if err == nil {
			_ = conn.Close()
		}
	}
	require.Fail(t, "no port is free")
	return ""
}

// write writes a file for a program and returns its path.
func write(t testing.TB, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	return path
}

// openDir returns a directory that programs which give up their rights can read.
func openDir(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.Chmod(dir, 0o777))
	return dir
}

// childRole is the environment variable by which this test program is told to be
// a child of itself.
const childRole = "EDGE_CHILD"

// childIdentity is the one by which a child gets the certificate of the servers.
const childIdentity = "EDGE_IDENTITY"

// children are what a child can be. They return the exit code.
var children = map[string]func() int{"frozen": frozen, "panics": panics}

// panics starts a server, tells its processes, and panics out of reach of any
// cleanup.
func panics() int {
	tb := &childTB{}
	n := newNginx(tb, "127.0.0.1:1", "h2")
	fmt.Println(strings.Join(append(workersOf(n.cmd.Process.Pid), strconv.Itoa(n.cmd.Process.Pid)), " "))
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	go panic("out of reach")
	select {}
}

// childTB is what a test's functions need of a test, in a child.
type childTB struct{ testing.TB }

func (*childTB) Helper()                   {}
func (*childTB) Cleanup(func())            {}
func (*childTB) Logf(string, ...any)       {}
func (*childTB) FailNow()                  { panic("failed") }
func (*childTB) Errorf(f string, a ...any) { panic(fmt.Sprintf(f, a...)) }

func (*childTB) TempDir() string { return os.Args[1] }

// workersOf returns the children of a process.
func workersOf(pid int) []string {
	all, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		panic(err)
	}
	return strings.Fields(string(all))
}

// child is this test program, started as a child.
type child struct {
	*process
	in    io.WriteCloser
	lines *bufio.Reader
}

func startChild(t testing.TB, role string, args ...string) *child {
	t.Helper()
	c := &child{}
	c.process = start(t, func(cmd *exec.Cmd) {
		cmd.Env = append(os.Environ(), childRole+"="+role, childIdentity+"="+own().pem)
		var err error
		c.in, err = cmd.StdinPipe()
		require.NoError(t, err)
		cmd.Stdout = nil
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		c.lines = bufio.NewReader(out)
	}, os.Args[0], args...)
	return c
}

// tell sends the child a line.
func (c *child) tell(line string) {
	c.t.Helper()
	_, err := io.WriteString(c.in, line+"\n")
	require.NoError(c.t, err)
}

// hear returns the next line of the child.
func (c *child) hear() string {
	c.t.Helper()
	line, err := c.lines.ReadString('\n')
	require.NoError(c.t, err, c.out)
	return strings.TrimSpace(line)
}

// freeze stops the child and waits until it stands still.
func (c *child) freeze() {
	c.t.Helper()
	c.signal(syscall.SIGSTOP)
	require.Eventually(c.t, func() bool { return stateOf(c.cmd.Process.Pid) == "T" }, 10*time.Second, 100*time.Microsecond)
}

func (c *child) thaw() {
	c.t.Helper()
	c.signal(syscall.SIGCONT)
}

// stateOf returns the state of a process as ps shows it, "" if there is none.
func stateOf(pid int) string {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return ""
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	state, _, _ := strings.Cut(rest, " ")
	return state
}

// A program that a test started ends also when the test panics where no cleanup
// runs.
func TestStart_endsWithThisProcess(t *testing.T) {
	t.Parallel()
	c := startChild(t, "panics", t.TempDir())
	var pids []int
	for field := range strings.FieldsSeq(c.hear()) {
		pid, err := strconv.Atoi(field)
		require.NoError(t, err)
		pids = append(pids, pid)
	}
	require.NotEmpty(t, pids)
	for _, pid := range pids {
		require.NotEmpty(t, stateOf(pid))
	}

	c.tell("panic")

	<-c.done
	for _, pid := range pids {
		assert.Eventually(t, func() bool { s := stateOf(pid); return s == "" || s == "Z" }, 10*time.Second, time.Millisecond, pid)
	}
}
