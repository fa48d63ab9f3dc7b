// Package demo has what an example needs and a real program has not: settings for a fake
// tenant, its mailbox, and a server for this machine only.
package demo

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/flow/redisstore"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// Tenant is what a program knows of its tenant, a fake or a real one.
type Tenant struct {
	// Client calls it.
	Client *mfa.Client
	// HTTP reaches its public keys.
	HTTP *http.Client
	// Now is its clock, which the mailbox can move.
	Now func() time.Time
	// Store is what browser tabs share.
	Store flow.Store
	// Mailbox is nil for a real tenant.
	Mailbox *Mailbox

	close []func()
}

// Open opens the tenant of the settings, for sign-in pages under a path. The options are
// for tests, which reach no real tenant.
func Open(set *Settings, ui string, opts ...mfa.Option) (*Tenant, error) {
	t := &Tenant{HTTP: &http.Client{Timeout: 10 * time.Second}, Now: time.Now, Store: flow.NewMemoryStore()}
	if set.Domain == "" {
		fake := mfatest.NewTenant(mfatest.WithClock(time.Now))
		t.Client, t.HTTP, t.Now, t.Mailbox = fake.Client(opts...), fake.HTTPClient(), fake.Now, NewMailbox(fake, ui)
		t.close = append(t.close, fake.Close)
	} else {
		var err error
		if t.Client, err = mfa.NewClient(set.Domain, set.ClientID, append(opts, mfa.WithClientSecret(set.ClientSecret))...); err != nil {
			if e, ok := errors.AsType[*mfa.Error](err); ok && len(e.Fields) > 0 {
				return nil, fmt.Errorf("settings AUTH0_…: %w (%v); -h explains", err, e.Fields)
			}
			return nil, fmt.Errorf("settings AUTH0_…: %w; -h explains", err)
		}
	}
	if set.Redis != "" {
		client := redis.NewClient(&redis.Options{Addr: set.Redis, ContextTimeoutEnabled: true, DialTimeout: time.Second, ReadTimeout: time.Second})
		t.Store = redisstore.New(client)
		t.close = append(t.close, func() { _ = client.Close() })
	}
	return t, nil
}

// Close ends all connections, and the fake tenant.
func (t *Tenant) Close() {
	t.Client.CloseIdleConnections()
	for _, end := range t.close {
		end()
	}
}

// Footer links to the mailbox, if there is one.
func (t *Tenant) Footer() template.HTML {
	if t.Mailbox == nil {
		return ""
	}
	return `Example: codes arrive in the <a href="/mailbox" target="_blank" rel="noopener">mailbox</a>`
}

// Serve serves the pages and the mailbox, on this machine only, until the context ends.
func (t *Tenant) Serve(ctx context.Context, addr string, pages http.Handler, log *slog.Logger, out io.Writer) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("-addr: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", pages)
	if t.Mailbox != nil {
		mux.Handle("/mailbox", t.Mailbox)
	}
	server := &http.Server{
		Handler: onlyHere(mux), ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 20 * time.Second, WriteTimeout: time.Minute, IdleTimeout: time.Minute,
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.announce(out, "http://"+listener.Addr().String())

	select {
	case <-ctx.Done():
		err = server.Close()
		<-served //nolint:errcheck // http.ErrServerClosed
		return err
	case err := <-served:
		return err
	}
}

// onlyHere refuses requests by any other name that resolves to this machine: the site of
// that name could read the mailbox.
func onlyHere(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host // port 80
		}
		if !isLoopback(host) {
			http.Error(w, "this page is only for this machine", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// announce prints the addresses of the pages.
func (t *Tenant) announce(out io.Writer, url string) {
	text := "login page  " + url + "/\n"
	if t.Mailbox != nil {
		text += "mailbox     " + url + "/mailbox\n"
		for _, u := range t.Mailbox.Users {
			text += fmt.Sprintf("user        %s with password %q: %s\n", u.Email, u.Password, u.Has)
		}
	}
	_, _ = io.WriteString(out, text+"Ctrl-C stops it.\n") // nobody needs to read it
}
