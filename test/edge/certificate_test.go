//go:build linux

package edge

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// identity is the certificate of all servers here, and who trusts it.
type identity struct {
	certificate tls.Certificate
	roots       *x509.CertPool
	pem         string // certificate and key
}

var own = sync.OnceValue(func() identity {
	if inherited := os.Getenv(childIdentity); inherited != "" {
		certificate, err := tls.X509KeyPair([]byte(inherited), []byte(inherited))
		if err != nil {
			panic(err)
		}
		return newIdentity(certificate, inherited)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "edge"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(24 * time.Hour),
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	var both bytes.Buffer
	for kind, der := range map[string][]byte{"CERTIFICATE": der, "PRIVATE KEY": private} {
		if err := pem.Encode(&both, &pem.Block{Type: kind, Bytes: der}); err != nil {
			panic(err)
		}
	}
	return newIdentity(tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, both.String())
})

func newIdentity(certificate tls.Certificate, both string) identity {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(both)) {
		panic("no certificate")
	}
	return identity{certificate, roots, both}
}

// serverTLS returns a configuration of a server that speaks these protocols.
func serverTLS(protocols ...string) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{own().certificate}, NextProtos: protocols}
}

// trusting returns the package's transport, which trusts the servers here.
func trusting() *http.Transport {
	tr := mfa.NewTransport()
	tr.Proxy = nil
	tr.TLSClientConfig.RootCAs = own().roots
	return tr
}

// onlyHTTP1 returns [trusting] without HTTP/2.
func onlyHTTP1() *http.Transport {
	tr := trusting()
	tr.Protocols = new(http.Protocols)
	tr.Protocols.SetHTTP1(true)
	return tr
}
