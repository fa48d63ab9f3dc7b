package faults

import (
	"encoding/binary"
	"strconv"
	"strings"
	"time"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

// replayed is an expectation for what net/http by itself repeats without end,
// unless it cannot: even a read is sent only so often.
func replayed(op operation) want { return expect(lost).reads(span{3, 6})(op) }

var http2Faults = []fault{
	{name: "REFUSED_STREAM", on: onHTTP2, serve: http2Wire(http2Reset(wiretest.CodeRefusedStream)), want: replayed},
	{name: "REFUSED_STREAM on a kept connection", on: onHTTP2, warm: true, serve: http2Wire(http2Reset(wiretest.CodeRefusedStream)), want: replayed},
	{name: "PROTOCOL_ERROR after processing", on: onHTTP2, serve: http2Wire(http2Reset(wiretest.CodeProtocolError)), want: replayed},
	{name: "PROTOCOL_ERROR on a kept connection", on: onHTTP2, warm: true, serve: http2Wire(http2Reset(wiretest.CodeProtocolError)), want: replayed},
	{name: "GOAWAY NO_ERROR after processing", on: onHTTP2, serve: http2Wire(http2GoAway(wiretest.CodeNoError)), want: drained},
	{name: "GOAWAY NO_ERROR, then the reset", on: onHTTP2, serve: http2Wire(func(c *http2Conn, stream uint32) {
		http2GoAway(wiretest.CodeNoError)(c, stream)
		http2Reset(wiretest.CodeRefusedStream)(c, stream)
	}), want: drained},
	{name: "GOAWAY on a kept connection", on: onHTTP2, warm: true, serve: http2Wire(http2GoAway(wiretest.CodeNoError)), want: drained},
	{name: "INTERNAL_ERROR", on: onHTTP2, serve: http2Wire(http2Reset(wiretest.CodeInternalError)), want: lost},
	{name: "CANCEL", on: onHTTP2, serve: http2Wire(http2Reset(wiretest.CodeCancel)), want: lost},
	{name: "ENHANCE_YOUR_CALM", on: onHTTP2, serve: http2Wire(http2Reset(wiretest.CodeEnhanceYourCalm)), want: lost},
	{name: "GOAWAY INTERNAL_ERROR", on: onHTTP2, serve: http2Wire(http2GoAway(wiretest.CodeInternalError)), want: expect(drained).changed(func(w *want, _ operation) { w.delivery = mfa.DeliveryNotSent })},
	{name: "reset without a reason", on: onHTTP2, serve: http2Wire(http2Reset(wiretest.CodeNoError)), want: lost},
	{name: "RST_STREAM in the middle of the body", on: onHTTP2, serve: http2Wire(inTheMiddle(http2Reset(wiretest.CodeInternalError))), want: lost},
	{name: "REFUSED_STREAM in the middle of the body", on: onHTTP2, serve: http2Wire(inTheMiddle(http2Reset(wiretest.CodeRefusedStream))), want: lost},
	{name: "GOAWAY in the middle of the body", on: onHTTP2, serve: http2Wire(inTheMiddle(http2GoAway(wiretest.CodeNoError))), want: lost},
	{name: "GOAWAY with an error in the middle of the body", on: onHTTP2, serve: http2Wire(inTheMiddle(http2GoAway(wiretest.CodeInternalError))), want: lost},
	{name: "connection closed in the middle of the body", on: onHTTP2, serve: http2Wire(inTheMiddle(hangUp)), want: lost},
	{
		name: "window never opened", on: onHTTP2, warm: true, within: soon,
		serve: http2Wire(func(*http2Conn, uint32) {}, shut...),
		want:  expect(lostInTime).changed(func(w *want, _ operation) { w.requests = atMost(1) }),
	},
	{name: "SETTINGS flood", on: onBoth[1:], warm: true, within: soon, heavy: true, serve: http2Wire(http2Flood(wiretest.FrameSettings)), want: lostInTime},
	{name: "PING flood", on: onBoth[1:], warm: true, within: soon, heavy: true, serve: http2Wire(http2Flood(wiretest.FramePing, make([]byte, 8)...)), want: lostInTime},

	{name: "slow headers over HTTP/2", on: onHTTP2, warm: true, within: soon, serve: http2Wire(http2SlowHeader), want: lostInTime},
	{name: "endless continuation of the header", on: []carrier{http2}, heavy: true, serve: http2Wire(http2Continues), want: lost},
	{name: "endless early hints over HTTP/2", on: []carrier{http2}, heavy: true, serve: http2Wire(http2Hints), want: lost},
	{name: "malformed header field", on: onHTTP2, serve: http2Wire(func(c *http2Conn, stream uint32) {
		c.send(wiretest.FrameHeaders, wiretest.FlagEndHeaders|wiretest.FlagEndStream, stream, literal(response{status: 200}.fields(), "X "+c.hostile(), c.hostile())...)
	}), want: lost},
	{name: "no status", on: onHTTP2, serve: http2Wire(func(c *http2Conn, stream uint32) {
		c.send(wiretest.FrameHeaders, wiretest.FlagEndHeaders|wiretest.FlagEndStream, stream, literal(nil, "x-filler", c.hostile())...)
	}), want: lost},
	{name: "undecodable header", on: onHTTP2, serve: http2Wire(func(c *http2Conn, stream uint32) {
		c.send(wiretest.FrameHeaders, wiretest.FlagEndHeaders|wiretest.FlagEndStream, stream, 0xff, 0xff, 0xff, 0xff)
	}), want: lost},
	{name: "HTML in place of frames", on: onHTTP2, serve: http2Wire(func(c *http2Conn, _ uint32) {
		_, _ = c.conn.Write([]byte("<html><body>" + c.hostile() + strings.Repeat("</body></html>", 100)))
	}), want: lost},
	{name: "stream shorter than declared", on: onHTTP2, serve: http2Wire(func(c *http2Conn, stream uint32) {
		body := []byte(c.success().body)
		c.send(wiretest.FrameHeaders, wiretest.FlagEndHeaders, stream, response{status: 200, header: []string{"Content-Length", strconv.Itoa(len(body) + 10)}}.fields()...)
		c.data(stream, body, true)
	}), want: lost},
	{name: "stream longer than declared", on: onHTTP2, serve: http2Wire(func(c *http2Conn, stream uint32) {
		c.send(wiretest.FrameHeaders, wiretest.FlagEndHeaders, stream, response{status: 200, header: []string{"Content-Length", "1"}}.fields()...)
		c.data(stream, []byte("{}"), true)
	}), want: lost},
	{name: "slow stream", on: onHTTP2, warm: true, within: soon, serve: http2Wire(http2SlowBody), want: lostInTime},
	{name: "endless stream", on: onHTTP2, heavy: true, serve: http2Wire(http2Pour()), want: unexpectedOK},
}

// shut are settings with no room for the body of a request.
var shut = append(binary.BigEndian.AppendUint16(nil, settingInitialWindow), uint32Bytes(0)...)

// inTheMiddle sends half of a successful response before what happens.
func inTheMiddle(happens func(*http2Conn, uint32)) func(*http2Conn, uint32) {
	return func(c *http2Conn, stream uint32) {
		a := c.success()
		c.send(wiretest.FrameHeaders, wiretest.FlagEndHeaders, stream, response{status: 200, header: jsonType}.fields()...)
		c.data(stream, []byte(a.body)[:len(a.body)/2], false)
		happens(c, stream)
	}
}

// http2Flood sends a frame five thousand times, and no response. What net/http
// spends on each frame no client can bound, so the number is fixed, not the time.
func http2Flood(kind byte, payload ...byte) func(*http2Conn, uint32) {
	return func(c *http2Conn, _ uint32) {
		for range 5_000 {
			if !c.send(kind, 0, 0, payload...) {
				return
			}
		}
	}
}

// http2Continues begins a header and goes on with it without end.
func http2Continues(c *http2Conn, stream uint32) {
	c.send(wiretest.FrameHeaders, 0, stream, response{status: 200}.fields()...)
	c.endless(wiretest.FrameContinuation, 0, stream, literal(nil, "x-filler", filler)...)
}

// http2Hints sends informational responses without end.
func http2Hints(c *http2Conn, stream uint32) {
	c.endless(wiretest.FrameHeaders, wiretest.FlagEndHeaders, stream, literal(response{status: 103}.fields(), "x-filler", filler)...)
}

// http2SlowHeader sends a header a little at a time. Nothing else may be sent
// in between.
func http2SlowHeader(c *http2Conn, stream uint32) {
	c.write.Lock()
	defer c.write.Unlock()
	c.sendLocked(wiretest.FrameHeaders, 0, stream, response{status: 200, header: jsonType}.fields()...)
	c.slowly(func() bool { return c.sendLocked(wiretest.FrameContinuation, 0, stream, literal(nil, "x", "y")...) })
	c.sendLocked(wiretest.FrameContinuation, wiretest.FlagEndHeaders, stream)
}

// http2SlowBody sends a body a little at a time.
func http2SlowBody(c *http2Conn, stream uint32) {
	c.send(wiretest.FrameHeaders, wiretest.FlagEndHeaders, stream, response{status: 200, header: jsonType}.fields()...)
	c.slowly(func() bool { return c.data(stream, []byte("{"), false) })
}

// slowly does something every 20 ms while the fault lasts and it can be done.
func (s *scene) slowly(do func() bool) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for do() {
		select {
		case <-s.over:
			return
		case <-tick.C:
		}
	}
}

// http2Pour sends a body as long as the client takes it.
func http2Pour(header ...string) func(*http2Conn, uint32) {
	return func(c *http2Conn, stream uint32) {
		c.send(wiretest.FrameHeaders, wiretest.FlagEndHeaders, stream, response{status: 200, header: header}.fields()...)
		for sent := int64(0); c.limit == 0 || sent < c.limit; sent += maxFrame {
			if !c.data(stream, zeros[:maxFrame], false) {
				return
			}
		}
	}
}

// zeros is what large bodies are made of.
var zeros = make([]byte, 64<<10)
