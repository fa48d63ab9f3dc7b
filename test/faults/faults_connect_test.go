package faults

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"time"
)

var connectFaults = []fault{
	{name: "connection refused", on: onAll, stage: dials(refused), want: found[*net.OpError](unsent)},
	{name: "connection refused, but without httptrace nothing proves it", stage: func(s *scene) {
		dials(refused)(s)
		s.transport = func(below http.RoundTripper) http.RoundTripper { return &untraced{below} }
	}, want: expect(lost).unread()},
	{name: "dial black hole", on: onBoth, within: soon, stage: blackHole, want: noTime},
	{name: "NXDOMAIN", on: onTLS, stage: nowhere, want: found[*net.DNSError](unsentForGood)},
	{name: "accepts and closes", serve: func(*scene, net.Conn) {}, want: expect(lost).unread().orUnsent()},
	{name: "accepts and closes in the handshake", on: onTLS, serve: func(*scene, net.Conn) {}, want: unsent},
	{name: "accepts and resets", serve: readsAndResets(1), want: expect(lost).unread().orUnsent()},
	{name: "never responses", on: onHTTP1, within: soon, serve: http1(hangs(text(""))), want: lostInTime},
	{name: "never responses a stream", on: onHTTP2, warm: true, within: soon, serve: http2Wire(func(*http2Conn, uint32) {}), want: lostInTime},
	{name: "acts and closes", on: onHTTP1, serve: http1(writes(text(""))), want: lost},
	{name: "acts and closes, over TLS", on: onTLS, serve: overTLS(trusted("http/1.1"), http1(writes(text("")))), want: lost},
	{name: "acts and closes all streams", on: onHTTP2, serve: http2Wire(hangUp), want: expect(lost).reads(span{3, 6})},
	{name: "acts and resets", on: onHTTP1, serve: http1(func(x *exchange) bool { resets(x.Conn); return false }), want: lost},
	{name: "closes in the middle of the request", serve: closesAfter(40), want: expect(lost).unread()},
	{name: "resets in the middle of the request", serve: readsAndResets(40), want: expect(lost).unread()},
	{
		name: "never reads behind a tiny window", within: soon,
		stage: func(s *scene) { s.mine = largest(); s.dial = tinyWindow },
		serve: ignores,
		want:  expect(lostInTime).unread(),
	},
	{name: "never reads and has no window", within: soon, stage: func(s *scene) { s.dial = noWindow }, serve: ignores, want: expect(lostInTime).unread()},
	{name: "idle connection closed", on: onAll, warm: true, stage: func(s *scene) { s.serve = s.on.healthy; s.between = s.closeNoticed }, want: succeeds},
	{name: "idle connection closed at this moment", on: onAll, warm: true, stage: func(s *scene) { s.serve = s.on.healthy; s.between = s.cut }, want: succeedsOrLost},
	{name: "kept-alive connection, request processed and dropped", ops: acting, on: onHTTP1, warm: true, serve: http1(writes(text(""))), want: lost},
	{name: "kept-alive connection, streams processed and dropped", ops: acting, on: onHTTP2, warm: true, serve: http2Wire(hangUp), want: lost},
	// net/http repeats a read by itself once, which counts like any other.
	{name: "kept-alive connection, read processed and dropped", ops: onlyList, on: onHTTP1, warm: true, serve: http1(writes(text(""))), want: lost},
	{
		name: "kept-alive connection, read of a stream processed and dropped", ops: onlyList, on: onHTTP2, warm: true,
		serve: http2Wire(hangUp),
		want:  expect(lost).reads(span{3, 6}),
	},
	{name: "TLS handshake hangs", on: onTLS, within: soon, serve: stalls, want: noTime},
	{
		name: "untrusted certificate", on: onTLS,
		serve: handshakes(func() tls.Certificate { return stranger().issue(time.Now().Add(time.Hour), "localhost") }),
		want:  found[*tls.CertificateVerificationError](unsentForGood),
	},
	{
		name: "expired certificate", on: onTLS,
		serve: handshakes(func() tls.Certificate { return authority().issue(time.Now().Add(-time.Minute), "localhost") }),
		want:  found[*tls.CertificateVerificationError](unsentForGood),
	},
	{
		name: "wrong host name", on: onTLS,
		serve: handshakes(func() tls.Certificate { return authority().issue(time.Now().Add(time.Hour), "other.example") }),
		want:  found[x509.HostnameError](found[*tls.CertificateVerificationError](unsentForGood)),
	},
	{name: "TLS 1.1 only", on: onTLS, serve: overTLS(oldTLS, stalls), want: unsent},
	{name: "plain HTTP on the TLS port", on: onTLS, serve: plain, want: unsent},
}

// noTime is for calls that had no connection when the time was up.
func noTime(op operation) want { return expect(unsentForGood).because(context.DeadlineExceeded)(op) }

func succeedsOrLost(op operation) want {
	w := succeeds(op)
	w.orLost, w.requests = true, atMost(1)
	if op.reads() {
		w.requests = atMost(3)
	}
	return w
}

// dials makes the client dial this way until the fault is over.
func dials(way func(context.Context, dialer) (net.Conn, error)) func(*scene) {
	return func(s *scene) {
		s.dial = func(ctx context.Context, s *scene, base dialer, address string) (net.Conn, error) {
			if s.faulty.Load() {
				return way(ctx, base)
			}
			return toListener(ctx, s, base, address)
		}
	}
}

// refused dials the port of a connection's own end: nobody listens there, and
// nobody can begin to while it is open, unlike the port of a closed listener.
func refused(ctx context.Context, base dialer) (net.Conn, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer listener.Close() //nolint:errcheck // nobody is connected
	taken, err := (&net.Dialer{}).DialContext(ctx, "tcp", listener.Addr().String())
	if err != nil {
		return nil, err
	}
	defer taken.Close() //nolint:errcheck // nothing was sent
	return base(ctx, "tcp", taken.LocalAddr().String())
}

// nowhere gives the client a name that its name server does not know.
func nowhere(s *scene) {
	s.domain, s.address = "https://"+unknownHost, unknownHost+":443"
	server := must((&net.ListenConfig{}).ListenPacket(context.Background(), "udp", "127.0.0.1:0"))
	s.later(func() { _ = server.Close() })
	s.spawn(func() {
		query := make([]byte, 512)
		for {
			n, from, err := server.ReadFrom(query)
			if err != nil {
				return
			}
			query[2], query[3] = 0x81, 0x83 // a response: no such name
			_, _ = server.WriteTo(query[:n], from)
		}
	})
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
	s.dial = func(ctx context.Context, s *scene, base dialer, address string) (net.Conn, error) {
		if s.faulty.Load() {
			return (&net.Dialer{Resolver: resolver}).DialContext(ctx, "tcp", address)
		}
		_ = server.Close()
		return toListener(ctx, s, base, address)
	}
}

// closesAfter reads so many bytes and closes the connection, which loses no byte.
func closesAfter(n int64) wire {
	return func(_ *scene, conn net.Conn) {
		_, _ = io.CopyN(io.Discard, conn, n)
		_ = conn.(*net.TCPConn).CloseWrite()
		stalls(nil, conn)
	}
}

// readsAndResets reads so many bytes first: a reset before could fail the dial.
func readsAndResets(n int64) wire {
	return func(_ *scene, conn net.Conn) {
		_, _ = io.CopyN(io.Discard, conn, n)
		resets(conn)
	}
}

// hangUp closes the whole connection.
func hangUp(c *http2Conn, _ uint32) { _ = c.conn.Close() }

// ignores reads nothing at all.
func ignores(s *scene, conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetReadBuffer(1)
	}
	<-s.over
}

// untraced is a transport that does not know httptrace.
type untraced struct{ http.RoundTripper }

func (u *untraced) RoundTrip(req *http.Request) (*http.Response, error) {
	return u.RoundTripper.RoundTrip(req.WithContext(context.Background()))
}

func (u *untraced) CloseIdleConnections() {
	u.RoundTripper.(interface{ CloseIdleConnections() }).CloseIdleConnections()
}

// tinyWindow connects with the smallest buffers that the system has.
func tinyWindow(ctx context.Context, s *scene, base dialer, address string) (net.Conn, error) {
	conn, err := toListener(ctx, s, base, address)
	if err == nil && s.faulty.Load() {
		err = conn.(interface{ NetConn() net.Conn }).NetConn().(*net.TCPConn).SetWriteBuffer(1)
	}
	return conn, err
}

// noWindow connects by a pipe, in which not one byte fits.
func noWindow(ctx context.Context, s *scene, base dialer, address string) (net.Conn, error) {
	if !s.faulty.Load() {
		return toListener(ctx, s, base, address)
	}
	near, far := net.Pipe()
	s.spawn(func() { s.serve(s, far) })
	return near, nil
}

// closeNoticed closes the idle connections and waits until the client did too.
func (s *scene) closeNoticed() {
	s.open.Lock()
	for conn := range s.conns {
		_ = conn.(*net.TCPConn).CloseWrite()
	}
	s.open.Unlock()
	s.served(context.Background(), func() {})
}

// handshakes offers a certificate.
func handshakes(certificate func() tls.Certificate) wire {
	return overTLS(func() *tls.Config { return &tls.Config{Certificates: []tls.Certificate{certificate()}} }, stalls)
}

func oldTLS() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{leaf()}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11} // it is the fault
}

// plain responds to a handshake in clear.
func plain(s *scene, conn net.Conn) {
	_, _ = conn.Read(make([]byte, 1024))
	_, _ = io.WriteString(conn, response{status: 400, body: s.hostile()}.String())
}
