package faults

import (
	"bufio"
	"io"
	"net"
	"strconv"
	"strings"

	"github.com/go-auth0-mfa/mfa"
)

const okLine = "HTTP/1.1 200 OK\r\n"

var http1Faults = []fault{
	{name: "slow headers", on: onHTTP1, within: soon, serve: http1(drips(text(okLine + "X-Filler: " + filler + "\r\n"))), want: lostInTime},
	// How much of a header an injected transport takes in is for its owner to say.
	{name: "endless headers", heavy: true, serve: http1(floods(okLine, "X-Filler: "+filler+"\r\n")), want: lost},
	{name: "endless header line", heavy: true, serve: http1(floods(okLine+"X-Filler: ", filler)), want: lost},
	{name: "endless early hints", heavy: true, serve: http1(floods("", "HTTP/1.1 103 Early Hints\r\nLink: </"+filler+">\r\n\r\n")), want: lost},
	{name: "malformed status line", on: onHTTP1, serve: http1(writes(quoting("HTTP/1.1 2x0 ", "\r\n\r\n"))), want: lost},
	{name: "another protocol", on: onHTTP1, serve: http1(writes(quoting("RTSP/1.0 200 ", "\r\n\r\n"))), want: lost},
	{name: "malformed header line", on: onHTTP1, serve: http1(writes(quoting(okLine, "\r\n\r\n"))), want: lost},
	{name: "malformed header name", on: onHTTP1, serve: http1(writes(quoting(okLine+"X ", ": 1\r\n\r\n"))), want: lost},
	{name: "HTML without status line", on: onHTTP1, serve: http1(writes(quoting("<html><body>", "</body></html>"))), want: lost},
	{name: "bad Content-Length", on: onHTTP1, serve: http1(writes(quoting(okLine+"Content-Length: ", "\r\n\r\n"))), want: lost},
	{name: "negative Content-Length", on: onHTTP1, serve: http1(writes(text(okLine + "Content-Length: -1\r\n\r\n"))), want: lost},
	{name: "conflicting Content-Length", on: onHTTP1, serve: http1(writes(text(okLine + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}"))), want: lost},
	{name: "unknown Transfer-Encoding", on: onHTTP1, serve: http1(writes(quoting(okLine+"Transfer-Encoding: ", "\r\n\r\n"))), want: lost},
	{name: "bad chunk", on: onHTTP1, serve: http1(writes(quoting(okLine+"Transfer-Encoding: chunked\r\n\r\n", "\r\n"))), want: lost},
	{name: "bad chunk after a good one", on: onHTTP1, serve: http1(writes(func(s *scene) string { return chunked(s.success().body) + "zz\r\n" })), want: lost},
	{name: "no last chunk", on: onHTTP1, serve: http1(writes(func(s *scene) string { return chunked(s.success().body) })), want: lost},
	{name: "body shorter than declared", on: onHTTP1, serve: http1(writes(func(s *scene) string { return longer(s.success()) })), want: lost},
	{
		name: "slow body", on: onHTTP1, within: soon,
		serve: http1(drips(func(s *scene) string { return okLine + "Content-Length: 1000\r\n\r\n" + s.success().body + filler })),
		want:  lostInTime,
	},
	{name: "body that stops", on: onHTTP1, within: soon, serve: http1(hangs(func(s *scene) string { return longer(s.success()) })), want: lostInTime},
	{
		name: "endless chunked body", on: onHTTP1, heavy: true,
		serve: http1(floods(okLine+"Transfer-Encoding: chunked\r\n\r\n", "400\r\n"+strings.Repeat("a", 1024)+"\r\n")),
		want:  unexpectedOK,
	},
	{name: "endless body without length", on: onHTTP1, heavy: true, serve: http1(floods(okLine+"\r\n", filler)), want: unexpectedOK},
	{name: "endless trailer", heavy: true, serve: http1(floods(okLine+"Transfer-Encoding: chunked\r\n\r\n0\r\n", "X-Filler: "+filler+"\r\n")), want: lost},
	// What net/http writes to the standard logger about the second response, with
	// its bytes, is out of the client's reach and documented.
	{name: "two responses to one request", on: onHTTP1, settles: true, logs: true, serve: http1(twice), want: succeeds},
	{name: "switching protocols", on: onHTTP1, says: func(*scene) response {
		return response{status: 101, header: []string{"Upgrade", "h2c", "Connection", "Upgrade"}}
	}, want: unexpected(101)},
	{name: "switching protocols unasked", on: onHTTP1, says: func(*scene) response { return response{status: 101} }, want: unexpected(101)},
	{
		name: "refused before the body was read", ops: withBody, on: onHTTP1,
		serve: early(func(*scene) response { return refusal(400, "invalid_scope", "") }),
		want:  answered(400, mfa.ActionFix, mfa.ErrInvalidRequest).coded("invalid_scope").changed(unreadBody),
	},
	{
		name: "accepted before the body was read", ops: withBody, on: onHTTP1,
		serve: early(func(s *scene) response { return s.success() }),
		want:  expect(succeeds).changed(unreadBody),
	},
	{
		name: "refused while a large body is being sent", ops: withBody, heavy: true,
		stage: func(s *scene) { s.mine = largest(); s.dial = tinyWindow },
		serve: early(func(*scene) response { return refusal(400, "invalid_scope", "") }),
		want:  answered(400, mfa.ActionFix, mfa.ErrInvalidRequest).coded("invalid_scope").changed(unreadBody),
	},
}

// filler is a line of nothing.
var filler = strings.Repeat("a", 1000)

// refusal is a response as Auth0 gives it.
func refusal(status int, code, description string) response {
	a := ok(`{"error":%q,"error_description":%q}`, code, description)
	a.status = status
	return a
}

// quoting is text with every secret of the call in its middle.
func quoting(before, after string) func(*scene) string {
	return func(s *scene) string { return before + s.hostile() + after }
}

// chunked is a chunked response without its end.
func chunked(body string) string {
	if body == "" {
		return okLine + "Transfer-Encoding: chunked\r\n\r\n"
	}
	return okLine + "Transfer-Encoding: chunked\r\n\r\n" + strconv.FormatInt(int64(len(body)), 16) + "\r\n" + body + "\r\n"
}

// longer is the response with a length beyond its body, which is there in full.
func longer(a response) string {
	a.status = 200
	return a.head() + "Content-Length: " + strconv.Itoa(len(a.body)+10) + "\r\n\r\n" + a.body
}

// twice responds to one request two times, the second time with another's response.
func twice(x *exchange) bool {
	x.write(x.success().String() + x.op.success("stranger's").String())
	return true
}

func unreadBody(w *want, _ operation) { w.requests, w.dials = exactly(0), exactly(1) }

// early responds as soon as the header of the request is there, and reads on
// only when the call has returned.
func early(what func(*scene) response) wire {
	return func(s *scene, conn net.Conn) {
		in := bufio.NewReader(conn)
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				return
			}
			if strings.TrimSpace(line) == "" {
				break
			}
		}
		_, _ = io.WriteString(conn, what(s).and("Connection", "close").String())
		<-s.returned
		stalls(s, conn)
	}
}
