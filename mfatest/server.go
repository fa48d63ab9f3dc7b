package mfatest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// server is the tenant's HTTPS server, with a client that trusts it.
type server struct {
	url    string
	cert   *x509.Certificate
	client *http.Client
	http   *http.Server
	from   net.Listener  // where connections come from
	served chan struct{} // closed when nothing accepts connections any more

	ctx   context.Context //nolint:containedctx // parent of every request's context; done when the server is closed
	stop  context.CancelFunc
	once  sync.Once
	conns sync.WaitGroup

	mu       sync.Mutex
	closed   bool
	handlers sync.WaitGroup // Add under mu and while not closed, so that it does not race with Wait
}

// connKey is the context key of a request's connection.
type connKey struct{}

// listen prepares a server at the address, or on a network of its own if it is
// empty.
func listen(addr string) *server {
	s := &server{served: make(chan struct{})}
	transport := &http.Transport{ForceAttemptHTTP2: true}
	var host string
	if addr == "" {
		host = "tenant-" + randomHex(8) + ".test" // a name that cannot exist: RFC 6761
		network := newMemoryNetwork(host)
		transport.DialContext = network.dial
		s.from, s.url = network, "https://"+host
	} else {
		tcp, err := new(net.ListenConfig).Listen(context.Background(), "tcp", addr)
		if err != nil {
			panic(fmt.Sprintf("mfatest: NewTenant: cannot listen: %v", err))
		}
		host, _, _ = net.SplitHostPort(addr)
		if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
			host = "127.0.0.1"
		}
		port := strconv.Itoa(tcp.Addr().(*net.TCPAddr).Port) //nolint:errcheck // the listener is TCP
		s.from, s.url = tcp, "https://"+net.JoinHostPort(host, port)
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	certificate := selfSigned(host)
	s.cert = certificate.Leaf
	s.http = &http.Server{
		TLSConfig:         &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12},
		ErrorLog:          log.New(io.Discard, "", 0),
		ReadHeaderTimeout: time.Minute,
		BaseContext:       func(net.Listener) context.Context { return s.ctx },
		ConnContext:       func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, connKey{}, c) },
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew:
				s.conns.Add(1)
			case http.StateClosed:
				s.conns.Done()
			}
		},
	}
	roots := x509.NewCertPool()
	roots.AddCert(s.cert)
	transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	s.client = &http.Client{Transport: transport}
	return s
}

// start serves requests in a goroutine of its own.
func (s *server) start(handle http.HandlerFunc) {
	s.http.Handler = s.track(handle)
	go func() {
		defer close(s.served)
		_ = s.http.ServeTLS(s.from, "", "") // ends with ErrServerClosed
	}()
}

// track counts the running handlers, because an HTTP/2 connection ends without
// waiting for its handlers.
func (s *server) track(handle http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		if s.closed {
			s.mu.Unlock()
			panic(http.ErrAbortHandler)
		}
		s.handlers.Add(1)
		s.mu.Unlock()
		defer s.handlers.Done()
		handle(w, r)
	}
}

func (s *server) close() {
	s.once.Do(func() {
		s.mu.Lock()
		s.closed = true
		s.mu.Unlock()
		s.stop()
		_ = s.http.Close()
		<-s.served
		_ = s.http.Close() // once more, for a connection that was accepted while the first one ran
		s.handlers.Wait()
		s.conns.Wait()
		s.client.CloseIdleConnections()
	})
}

// HTTPClient returns a client that trusts the tenant's certificate. Every call
// returns the same one. It has no timeout and prefers HTTP/2. Its Transport is an
// *http.Transport. For HTTP/1.1, set the Protocols of a clone, and the NextProtos
// of the clone's TLSClientConfig to nil. With [WithMemoryNetwork] the client
// reaches the tenant and nothing else.
func (t *Tenant) HTTPClient() *http.Client { return t.server.client }

// Certificate returns the tenant's self-signed certificate, to add to the
// x509.CertPool of another client. It is valid on any date.
func (t *Tenant) Certificate() *x509.Certificate { return t.server.cert }

// selfSigned makes a certificate for loopback addresses and the host. What it
// signs is valid for these alone.
func selfSigned(host string) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	mustSign(err)
	template := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(randomBytes(8)),
		// The name is unique, because OpenSSL looks certificates up by it and a bundle may hold those of several tenants.
		Subject: pkix.Name{CommonName: "mfatest " + randomHex(8)},
		// A client under test may be at any time, for example in a bubble of testing/synctest.
		NotBefore:             time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:              time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IsCA:                  true,
		BasicConstraintsValid: true,
		DNSNames:              []string{"localhost"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		// Who trusts it trusts it for nothing else.
		MaxPathLenZero:              true,
		PermittedDNSDomainsCritical: true,
		PermittedIPRanges:           []*net.IPNet{{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)}},
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = append(template.IPAddresses, ip)
	} else if host != "localhost" {
		template.DNSNames = append(template.DNSNames, host)
	}
	template.PermittedDNSDomains = template.DNSNames
	for _, ip := range template.IPAddresses {
		if v4 := ip.To4(); v4 != nil {
			ip = v4
		}
		template.PermittedIPRanges = append(template.PermittedIPRanges, &net.IPNet{IP: ip, Mask: net.CIDRMask(8*len(ip), 8*len(ip))})
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	mustSign(err)
	leaf, err := x509.ParseCertificate(der)
	mustSign(err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// mustSign panics if the standard library's cryptography failed, which does not
// happen on a machine that can run a test.
func mustSign(err error) {
	if err != nil {
		panic(fmt.Sprintf("mfatest: signing: %v", err))
	}
}
