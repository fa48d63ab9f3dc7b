// Quickstart signs a user in with a second factor by e-mail, step by step.
//
// Without settings it runs against a fake tenant on this machine. If AUTH0_DOMAIN,
// AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET are set, it signs in to a real tenant and asks
// for the code that Auth0 mails.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/go-auth0-mfa/mfa"
)

const usage = `Quickstart signs a user in with a second factor by e-mail, step by step.

  go run ./examples/quickstart

runs against a fake tenant on this machine. To sign in to a real tenant, set

  AUTH0_DOMAIN         its domain, such as tenant.eu.auth0.com
  AUTH0_CLIENT_ID      the ID of an application with the grants Password and MFA
  AUTH0_CLIENT_SECRET  its secret

The program asks for what is missing of the following. A password typed at the prompt is visible.

`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

// run runs the program. The options are for tests, which reach no real tenant.
func run(ctx context.Context, args []string, getenv func(string) string, in io.Reader, out io.Writer, opts ...mfa.Option) error {
	flags := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // a wrong flag gets one line, as any other wrong setting does
	user := flags.String("user", "", "user `name` or e-mail address to sign in with")
	password := flags.String("password", "", "`password` of the user")
	email := flags.String("email", "", "`address` to enroll if the user has no authenticator; the user's own if empty")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(out, usage)
		flags.SetOutput(out)
		flags.PrintDefaults()
		return nil
	} else if err != nil {
		return fmt.Errorf("%w; -h explains", err)
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q; -h explains", flags.Arg(0))
	}

	settings := []string{"AUTH0_DOMAIN", "AUTH0_CLIENT_ID", "AUTH0_CLIENT_SECRET"}
	var missing []string
	for _, name := range settings {
		if getenv(name) == "" {
			missing = append(missing, name)
		}
	}
	switch {
	case len(missing) == len(settings):
		return embedded(ctx, out)
	case len(missing) > 0:
		return fmt.Errorf("not set: %s; -h explains", strings.Join(missing, ", "))
	}
	client, err := mfa.NewClient(getenv("AUTH0_DOMAIN"), getenv("AUTH0_CLIENT_ID"),
		append(opts, mfa.WithClientSecret(getenv("AUTH0_CLIENT_SECRET")))...)
	if err != nil {
		return fmt.Errorf("settings AUTH0_…: %w", err)
	}
	defer client.CloseIdleConnections()

	lines := bufio.NewScanner(in)
	ask := func(what, given string) (string, error) {
		if given != "" {
			return given, nil
		}
		fmt.Fprintf(out, "%s: ", what)
		if !lines.Scan() {
			return "", fmt.Errorf("no %s given", what)
		}
		return strings.TrimSpace(lines.Text()), nil
	}
	s := signIn{client: client, out: out, email: *email}
	s.code = func(context.Context) (string, error) { return ask("code", "") }
	if s.user, err = ask("user", *user); err != nil {
		return err
	}
	if s.password, err = ask("password", *password); err != nil {
		return err
	}
	return s.run(ctx)
}
