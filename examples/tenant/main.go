// Tenant serves a fake Auth0 tenant for a login page in any language: the API
// over TLS, and a page that shows the messages it sends.
package main

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/go-auth0-mfa/mfa/mfatest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "tenant:", err)
		os.Exit(1)
	}
}

// run runs the program until the context ends.
func run(ctx context.Context, args []string, out io.Writer) error {
	s, err := parse(args, out)
	if err != nil || s == nil {
		return err
	}
	tenant, err := start(s)
	if err != nil {
		return err
	}
	defer tenant.Close()

	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.page)
	if err != nil {
		return fmt.Errorf("-page: %w", err)
	}
	defer listener.Close() //nolint:errcheck // the server closes it first
	at := pageURL(listener)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: tenant.Certificate().Raw})
	if s.certificate == "" {
		if folder, err := os.MkdirTemp("", "tenant-"); err == nil {
			defer os.RemoveAll(folder) //nolint:errcheck // nothing depends on it
			s.certificate = filepath.Join(folder, "tenant.pem")
		}
	}
	if s.certificate == "" { // a container without a folder for temporary files
		s.certificate = at + "/tenant.pem"
	} else if err := os.WriteFile(s.certificate, certificate, 0o600); err != nil {
		return fmt.Errorf("-cert: %w", err)
	}

	p := newPage(s, tenant, at, certificate)
	server := p.server(ctx)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	p.announce(out)

	select {
	case <-ctx.Done():
		err = server.Close()
		<-served //nolint:errcheck // http.ErrServerClosed
		return err
	case err := <-served:
		return err
	}
}

// pageURL returns where this machine finds the page.
func pageURL(listener net.Listener) string {
	host, port, _ := net.SplitHostPort(listener.Addr().String())
	if ip, err := netip.ParseAddr(host); err == nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// start starts the tenant.
func start(s *settings) (*mfatest.Tenant, error) {
	opts := []mfatest.Option{mfatest.WithAddr(s.addr)}
	if s.clock == clockReal {
		opts = append(opts, mfatest.WithClock(time.Now))
	}
	if s.public {
		opts = append(opts, mfatest.WithPublicClient())
	}
	if len(s.origins) > 0 {
		opts = append(opts, mfatest.WithAllowedOrigins(s.origins...))
	}
	if s.clientID != "" {
		opts = append(opts, mfatest.WithApplication(s.clientID, s.clientSecret))
	}
	tenant, err := newTenant(opts)
	if err != nil {
		return nil, fmt.Errorf("-addr: %w", err)
	}
	if s.clientID == "" {
		s.clientID, s.clientSecret = tenant.ClientID, tenant.ClientSecret
	}
	for _, u := range s.users {
		tenant.AddUser(mfatest.User{Email: u.Email, Password: u.Password, EmailVerified: s.verified})
	}
	return tenant, nil
}

// newTenant is mfatest.NewTenant with an error. NewTenant panics if it cannot
// listen, because the address is part of a test's code; here it is a setting.
func newTenant(opts []mfatest.Option) (tenant *mfatest.Tenant, err error) {
	defer func() {
		switch problem := recover().(type) {
		case nil:
		case string:
			err = errors.New(problem)
		default:
			panic(problem)
		}
	}()
	return mfatest.NewTenant(opts...), nil
}

// announce prints where everything is.
func (p *page) announce(out io.Writer) {
	secret := p.ClientSecret
	if secret == "" {
		secret = "none, because the application is a public one"
	}
	text := fmt.Sprintf(`A fake Auth0 tenant, for tests only: it keeps nothing secret.

tenant         %s
client id      %s
client secret  %s
MFA audience   %s
certificate    %s
clock          %s
mailboxes      %s
next code      curl '%s/mail.json?to=ADDRESS&wait=10s'
this as JSON   %s/tenant.json
`, p.URL, p.ClientID, secret, p.Audience, p.Certificate, p.Clock, p.Page, p.Page, p.Page)
	for _, u := range p.Users {
		text += fmt.Sprintf("user           %s with password %s\n", u.Email, u.Password)
	}
	text += `
Trust the certificate with NODE_EXTRA_CA_CERTS (Node.js), REQUESTS_CA_BUNDLE
(Python), SSL_CERT_FILE (Go on Linux, Ruby) or curl --cacert.
All requests that the page knows are in -h.
Ctrl-C stops the tenant.
`
	_, _ = io.WriteString(out, text) // nobody needs to read it
}
