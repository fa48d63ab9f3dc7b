package faults

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
)

// response is a complete response, for either protocol.
type response struct {
	status int
	reason string   // HTTP/1 only; "": the standard one
	header []string // names and values in turn
	body   string
}

// and returns the response with more header.
func (a response) and(header ...string) response {
	a.header = append(append([]string{}, a.header...), header...)
	return a
}

// bare reports whether the status allows no body.
func (a response) bare() bool {
	return a.status == http.StatusNoContent || a.status == http.StatusNotModified || a.status < 200
}

// head is the response up to the body, without the length.
func (a response) head() string {
	reason := a.reason
	if reason == "" {
		reason = http.StatusText(a.status)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "HTTP/1.1 %03d %s\r\n", a.status, reason)
	for i := 0; i < len(a.header); i += 2 {
		b.WriteString(a.header[i] + ": " + a.header[i+1] + "\r\n")
	}
	return b.String()
}

// String is the response in HTTP/1.1.
func (a response) String() string {
	if a.bare() {
		return a.head() + "\r\n"
	}
	return a.head() + "Content-Length: " + strconv.Itoa(len(a.body)) + "\r\n\r\n" + a.body
}

// exchange is one request that was read to its end, and where its response goes.
type exchange struct {
	*scene
	net.Conn
	n int // of the request on this connection, from 1
}

// write sends text; the fault does not care whether it arrives.
func (x *exchange) write(text string) { _, _ = io.WriteString(x.Conn, text) }

// http1 serves HTTP/1.1: while the fault lasts reply responds, and the
// connection is closed when it returns false.
func http1(reply func(x *exchange) (keep bool)) wire {
	return func(s *scene, conn net.Conn) {
		in := bufio.NewReader(conn)
		for n := 1; ; n++ {
			req, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			if _, err := io.Copy(io.Discard, req.Body); err != nil {
				return
			}
			s.arrived(req.Method, req.URL.Path, req.Header)
			x := &exchange{s, conn, n}
			if !s.faulty.Load() {
				x.write(s.success().String())
			} else if !reply(x) {
				return
			}
		}
	}
}

// says responds, and keeps the connection.
func says(a response) func(*exchange) bool {
	raw := []byte(a.String())
	return func(x *exchange) bool {
		_, err := x.Write(raw)
		return err == nil
	}
}

// writes responds with these bytes and closes the connection.
func writes(text func(*scene) string) func(*exchange) bool {
	return func(x *exchange) bool {
		x.write(text(x.scene))
		return false
	}
}

// hangs responds with the beginning of a response and leaves it there.
func hangs(text func(*scene) string) func(*exchange) bool {
	return func(x *exchange) bool {
		x.write(text(x.scene))
		x.reached()
		stalls(x.scene, x.Conn)
		return false
	}
}

// drips responds a byte at a time, more slowly than any deadline of a test.
func drips(text func(*scene) string) func(*exchange) bool {
	return func(x *exchange) bool {
		left := []byte(text(x.scene))
		x.slowly(func() bool {
			_, err := x.Write(left[:1])
			left = left[1:]
			return err == nil && len(left) > 0
		})
		return false
	}
}

// floods responds with a beginning and then with more of the same, without end.
func floods(begin, more string) func(*exchange) bool {
	return func(x *exchange) bool {
		x.write(begin)
		more := []byte(more)
		for sent := int64(0); x.limit == 0 || sent < x.limit; sent += int64(len(more)) {
			if _, err := x.Write(more); err != nil {
				return false
			}
		}
		return false
	}
}

// resets closes a connection so that the other side notices at once.
func resets(conn net.Conn) {
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
}

// text is for rows whose bytes do not depend on the run.
func text(s string) func(*scene) string { return func(*scene) string { return s } }
