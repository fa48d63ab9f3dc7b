package faults

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// carrier is a protocol and the transport that the client speaks it with.
type carrier struct {
	name    string
	secure  bool
	http2   bool
	foreign bool // http.Transport with its default settings, not the client's own
	wrapped bool // below a round tripper of the caller's
}

var (
	clear1        = carrier{name: "HTTP/1.1"}
	clear1Foreign = carrier{name: "HTTP/1.1, http.Transport", foreign: true}
	clear1Wrapped = carrier{name: "HTTP/1.1, caller's own", wrapped: true}
	tls1          = carrier{name: "HTTP/1.1 over TLS", secure: true}
	tls1Foreign   = carrier{name: "HTTP/1.1 over TLS, http.Transport", secure: true, foreign: true}
	http2         = carrier{name: "HTTP/2", secure: true, http2: true}
	http2Foreign  = carrier{name: "HTTP/2, http.Transport", secure: true, http2: true, foreign: true}
	http2Wrapped  = carrier{name: "HTTP/2, caller's own", secure: true, http2: true, wrapped: true}
)

// Where rows run.
var (
	onClear1 = []carrier{clear1}
	onTLS    = []carrier{tls1}
	onHTTP1  = []carrier{clear1, clear1Foreign, clear1Wrapped}
	onHTTP2  = []carrier{http2, http2Foreign, http2Wrapped}
	onBoth   = []carrier{clear1, http2}
	onAll    = append(append([]carrier{}, onHTTP1...), onHTTP2...)
)

// unknownHost is a name that no name server knows.
const unknownHost = "localhost.invalid"

// origin is where the client calls. Proxy settings of the machine do not
// apply to this host.
func (c carrier) origin() string {
	if c.secure {
		return "https://localhost"
	}
	return "http://localhost"
}

// address is what the client dials for that.
func (c carrier) address() string {
	if c.secure {
		return "localhost:443"
	}
	return "localhost:80"
}

// base is the transport below all wrappings.
func (c carrier) base() *http.Transport {
	tr := mfa.NewTransport()
	if c.foreign {
		tr = http.DefaultTransport.(*http.Transport).Clone()
		tr.TLSClientConfig = &tls.Config{}
	}
	tr.TLSClientConfig.RootCAs = authority().pool
	return tr
}

// healthy serves connections as a tenant does.
func (c carrier) healthy(s *scene, conn net.Conn) { c.says(s.success())(s, conn) }

// says serves connections with a complete response while the fault lasts.
func (c carrier) says(a response) wire {
	switch {
	case c.http2:
		return http2Wire(http2Response(a))
	case c.secure:
		return overTLS(trusted("http/1.1"), http1(says(a)))
	default:
		return http1(says(a))
	}
}

// ca signs the certificates of the scenes.
type ca struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

var (
	authority = sync.OnceValue(newCA)
	stranger  = sync.OnceValue(newCA) // trusted by nobody
)

func newCA() ca {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "fault matrix"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	cert := must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key))))
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return ca{cert, key, pool}
}

// issue makes a certificate.
func (a ca) issue(until time.Time, hosts ...string) tls.Certificate {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), DNSNames: hosts,
		NotBefore: until.Add(-2 * time.Hour), NotAfter: until,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der := must(x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key))
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

var leaf = sync.OnceValue(func() tls.Certificate { return authority().issue(time.Now().Add(time.Hour), "localhost", unknownHost) })

// trusted is the TLS configuration of a healthy server, with the handshake that
// takes the least time.
func trusted(protocol string) func() *tls.Config {
	return func() *tls.Config {
		return &tls.Config{
			Certificates:           []tls.Certificate{leaf()},
			NextProtos:             []string{protocol},
			CurvePreferences:       []tls.CurveID{tls.X25519},
			SessionTicketsDisabled: true,
		}
	}
}

// must is for what cannot fail in a test that is right.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
