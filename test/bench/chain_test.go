//go:build unix

package bench

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log"
	"math/big"
	"net"
	"time"
)

// newChain returns a certificate for loopback with an intermediate one, on the curves
// of Let's Encrypt's, and the root that signed that.
func newChain() (served tls.Certificate, root []byte) {
	var issuer *x509.Certificate
	var issuerKey *ecdsa.PrivateKey
	for serial, curve := range []elliptic.Curve{elliptic.P384(), elliptic.P384(), elliptic.P256()} { // the root, the intermediate, the leaf
		key, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			log.Fatal(err)
		}
		template := &x509.Certificate{
			SerialNumber: big.NewInt(int64(serial + 1)),
			NotBefore:    time.Now().Add(-time.Hour),
			NotAfter:     time.Now().Add(time.Hour),
			KeyUsage:     x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,

			BasicConstraintsValid: true,
			IsCA:                  serial < 2,
			IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		}
		template.Subject.CommonName = []string{"root", "intermediate", "leaf"}[serial]
		if issuer == nil {
			issuer, issuerKey = template, key
		}
		der, err := x509.CreateCertificate(rand.Reader, template, issuer, key.Public(), issuerKey)
		if err != nil {
			log.Fatal(err)
		}
		if issuer, err = x509.ParseCertificate(der); err != nil {
			log.Fatal(err)
		}
		issuerKey = key
		if serial == 0 {
			root = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
		} else {
			served.Certificate = append([][]byte{der}, served.Certificate...)
		}
	}
	served.PrivateKey = issuerKey
	return served, root
}
