// Mounted serves an application with pages of its own, in chi, and the sign-in pages of
// package ui under the path /auth.
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/go-auth0-mfa/mfa/examples/loginui/demo"
	"github.com/go-auth0-mfa/mfa/examples/loginui/sessions"
	"github.com/go-auth0-mfa/mfa/examples/loginui/ui"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "mounted:", err)
		os.Exit(1)
	}
}

// app has a few texts in German. A real one asks the user's language.
type app struct{ *sessions.App }

func (app) Text(_ *http.Request, key string) string {
	return map[string]string{
		"lang": "de", "login.title": "Anmelden", "email": "E-Mail-Adresse", "password": "Passwort", "login.submit": "Anmelden",
	}[key]
}

func run(ctx context.Context, args []string, getenv func(string) string, out io.Writer) error {
	set, err := demo.Parse(args, getenv, out)
	if err != nil || set == nil {
		return err
	}
	tenant, err := demo.Open(set, "/auth")
	if err != nil {
		return err
	}
	defer tenant.Close()
	log := slog.New(slog.NewTextHandler(out, nil))
	handler, err := routes(ctx, tenant, log)
	if err != nil {
		return err
	}
	return tenant.Serve(ctx, set.Addr, ui.WithoutTLS(handler), log, out) // a real program leaves out WithoutTLS
}

func routes(ctx context.Context, tenant *demo.Tenant, log *slog.Logger) (http.Handler, error) {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	app := app{sessions.New()}
	pages, err := ui.New(ctx, ui.Config{
		Client: tenant.Client, App: app, Key: key, Store: tenant.Store, Prefix: "/auth", Home: "/",
		Keys: tenant.HTTP, Now: tenant.Now, Log: log, Footer: tenant.Footer(),
	})
	if err != nil {
		return nil, err
	}
	router := chi.NewRouter()
	router.Use(middleware.Recoverer, app.Load)
	router.Mount("/auth", pages)
	router.With(pages.Require).Get("/", func(w http.ResponseWriter, r *http.Request) {
		user, _ := app.SignedIn(r)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(w, "<!doctype html>\n<html lang=\"en\">\n<title>Home</title>\n<link rel=\"icon\" href=\"/auth/static/icon.svg\">\n<h1>Welcome, <bdi>%s</bdi></h1>\n<p><a href=\"/auth/\">Your account</a></p>\n", html.EscapeString(user.Email))
	})
	return router, nil
}
