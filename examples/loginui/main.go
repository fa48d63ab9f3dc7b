// Loginui serves sign-in pages with a second factor, which work without JavaScript.
//
// Without settings it runs against a fake tenant on this machine, and shows the tenant's
// mailbox on another page. If AUTH0_DOMAIN, AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET are
// set, it signs in to a real tenant.
//
// For pages of your own, copy the folder ui. Your program then needs what is in run, and
// four methods such as those of package sessions.
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/examples/loginui/demo"
	"github.com/go-auth0-mfa/mfa/examples/loginui/sessions"
	"github.com/go-auth0-mfa/mfa/examples/loginui/ui"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "loginui:", err)
		os.Exit(1)
	}
}

// run runs the program until the context ends. The options are for tests.
func run(ctx context.Context, args []string, getenv func(string) string, out io.Writer, opts ...mfa.Option) error {
	set, err := demo.Parse(args, getenv, out)
	if err != nil || set == nil {
		return err
	}
	tenant, err := demo.Open(set, "", opts...)
	if err != nil {
		return err
	}
	defer tenant.Close()

	// A new key at each start. A real program reads one from where its secrets are: all
	// machines that serve the pages share it, and the store.
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	log := slog.New(slog.NewTextHandler(out, nil))
	app := sessions.New()
	pages, err := ui.New(ctx, ui.Config{
		Client: tenant.Client, App: app, Key: key, Store: tenant.Store,
		Keys: tenant.HTTP, Now: tenant.Now, Log: log, Logo: "/static/icon.svg", Footer: tenant.Footer(),
	})
	if err != nil {
		return err
	}
	return tenant.Serve(ctx, set.Addr, ui.WithoutTLS(app.Load(pages)), log, out) // a real program leaves out WithoutTLS
}
