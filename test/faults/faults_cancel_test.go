package faults

import (
	"context"
	"net"
	"slices"

	"github.com/go-auth0-mfa/mfa"
)

// phase is where a call stands when its context ends.
type phase struct {
	name  string
	ops   []mfa.Op
	on    []carrier
	warm  bool
	serve wire
	stage func(*scene)
	want  expect // of a call that the deadline ends there
}

var phases = []phase{
	{name: "while dialling", on: onClear1, stage: blackHole, want: noTime},
	{name: "in the TLS handshake", on: onTLS, serve: func(s *scene, conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1))
		s.reached()
		stalls(s, conn)
	}, want: noTime},
	{name: "before the response", on: onHTTP1, serve: http1(hangs(text(""))), want: lostInTime},
	{name: "in the header", on: onHTTP1, serve: http1(hangs(text(okLine))), want: lostInTime},
	{name: "in the body", on: onHTTP1, serve: http1(hangs(func(s *scene) string { return longer(s.success()) })), want: lostInTime},
	{name: "before the stream has a response", on: onHTTP2, warm: true, serve: http2Wire(func(c *http2Conn, _ uint32) { c.reached() }), want: lostInTime},
	{name: "in the middle of the stream", on: onHTTP2, warm: true, serve: http2Wire(inTheMiddle(func(c *http2Conn, _ uint32) { c.reached() })), want: lostInTime},
}

// cancelFaults are the ends of a context in every phase of a call.
var cancelFaults = slices.Concat(
	canceled("deadline", nil),
	canceled("cancel", func(ctx context.Context, s *scene) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(ctx)
		s.reached = cancel
		return ctx, cancel
	}, context.Canceled),
	canceled("cancel with cause", func(ctx context.Context, s *scene) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancelCause(ctx)
		s.reached = func() { cancel(errUser) }
		return ctx, func() { cancel(nil) }
	}, context.Canceled, errUser),
	// A call that the caller gave up while it waits to be sent again.
	[]fault{{name: "cancel while waiting to repeat", ops: onlyList, on: onBoth,
		stage: func(s *scene) {
			s.options = []mfa.Option{mfa.WithObserver(func(context.Context, mfa.Event) { s.reached() })}
		},
		says: func(*scene) response { return response{status: 503, header: []string{"Retry-After", "4"}} },
		context: func(ctx context.Context, s *scene) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(ctx)
			s.reached = func() { cancel(errUser) }
			return ctx, func() { cancel(nil) }
		},
		want: failed(503).because(context.Canceled, errUser).reads(exactly(1)).changed(func(w *want, _ operation) {
			w.next, w.retryAfter = mfa.ActionNone, 4e9
		})}},
)

// canceled returns a row for each phase.
func canceled(how string, end func(context.Context, *scene) (context.Context, context.CancelFunc), causes ...error) (all []fault) {
	for _, p := range phases {
		f := fault{name: how + " " + p.name, ops: p.ops, on: p.on, warm: p.warm, serve: p.serve, stage: p.stage, context: end, want: p.want}
		if end == nil {
			f.within = soon
		} else {
			f.want = f.want.changed(func(w *want, _ operation) { w.causes, w.next = causes, mfa.ActionNone })
		}
		all = append(all, f)
	}
	return all
}
