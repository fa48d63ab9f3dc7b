// Loginui serves a login page with a second factor: package flow behind forms
// that work without JavaScript.
//
// Without settings it runs against a fake tenant on this machine, and shows the tenant's
// mailbox on another page. If AUTH0_DOMAIN, AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET are
// set, it signs in to a real tenant.
//
// For a login page of your own, copy the folder ui.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/examples/loginui/ui"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/flow/redisstore"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "loginui:", err)
		os.Exit(1)
	}
}

// run runs the program until the context ends. The options are for tests, which reach no
// real tenant.
func run(ctx context.Context, args []string, getenv func(string) string, out io.Writer, opts ...mfa.Option) error {
	set, err := parse(args, getenv, out)
	if err != nil || set == nil {
		return err
	}
	logger := slog.New(slog.NewTextHandler(out, nil))
	store, closeStore := set.store()
	defer closeStore()
	var s *ui.Pages
	if set.domain == "" {
		tenant := mfatest.NewTenant(mfatest.WithClock(time.Now))
		defer tenant.Close()
		s, err = ui.Embedded(ctx, tenant, logger, store, opts)
	} else {
		s, err = onAuth0(ctx, set, logger, store, opts)
	}
	if err != nil {
		return err
	}
	defer s.Close()

	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", set.addr)
	if err != nil {
		return fmt.Errorf("-addr: %w", err)
	}
	server := &http.Server{
		Handler: onlyHere(s.Handler()), ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 20 * time.Second, WriteTimeout: time.Minute, IdleTimeout: time.Minute,
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	s.Announce(out, "http://"+listener.Addr().String())

	select {
	case <-ctx.Done():
		err = server.Close()
		<-served //nolint:errcheck // http.ErrServerClosed
		return err
	case err := <-served:
		return err
	}
}

// store returns what the tabs of a browser share, and a function that closes it.
func (set *settings) store() (store flow.Store, closed func()) { //nolint:ireturn // a flag says which one
	if set.redis == "" {
		return flow.NewMemoryStore(), func() {}
	}
	client := redis.NewClient(&redis.Options{Addr: set.redis, ContextTimeoutEnabled: true, DialTimeout: time.Second, ReadTimeout: time.Second})
	return redisstore.New(client), func() { _ = client.Close() }
}

// onAuth0 returns the login page of a real tenant.
func onAuth0(ctx context.Context, set *settings, logger *slog.Logger, store flow.Store, opts []mfa.Option) (*ui.Pages, error) {
	client, err := mfa.NewClient(set.domain, set.clientID, append(opts, mfa.WithClientSecret(set.clientSecret))...)
	if err != nil {
		if e, ok := errors.AsType[*mfa.Error](err); ok && len(e.Fields) > 0 {
			return nil, fmt.Errorf("settings AUTH0_…: %w (%v); -h explains", err, e.Fields)
		}
		return nil, fmt.Errorf("settings AUTH0_…: %w; -h explains", err)
	}
	return ui.New(ctx, client, &http.Client{Timeout: 10 * time.Second}, time.Now, logger, store)
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
