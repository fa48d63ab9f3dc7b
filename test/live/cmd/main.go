// Cmd checks the facts of package live against a tenant of Auth0. It needs a
// tenant, an application and a user that exist for tests only, and somebody who
// reads the user's mail. It sends nothing before that person has agreed to what
// it will do.
//
//	AUTH0_DOMAIN         the tenant's host, such as tenant.eu.auth0.com
//	AUTH0_CLIENT_ID      an application with the password and the MFA grant,
//	AUTH0_CLIENT_SECRET  which authenticates with a secret in the body
//	AUTH0_TEST_USERNAME  the e-mail address of the user
//	AUTH0_TEST_PASSWORD  the user's password
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
	"syscall"

	"github.com/go-auth0-mfa/mfa/test/live"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "live:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, getenv func(string) string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("live", flag.ContinueOnError)
	flags.SetOutput(out)
	page := flags.String("write", "", "`page` whose table of facts is replaced by what was seen")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	settings, err := read(getenv)
	if err != nil {
		return err
	}
	return check(ctx, settings, newTerminal(in, out), *page)
}

// read returns the settings, all of which are needed.
func read(getenv func(string) string) (live.Settings, error) {
	var s live.Settings
	var missing []string
	for _, variable := range []struct {
		name  string
		value *string
	}{
		{"AUTH0_DOMAIN", &s.Domain},
		{"AUTH0_CLIENT_ID", &s.ClientID},
		{"AUTH0_CLIENT_SECRET", &s.ClientSecret},
		{"AUTH0_TEST_USERNAME", &s.Username},
		{"AUTH0_TEST_PASSWORD", &s.Password},
	} {
		*variable.value = getenv(variable.name)
		if *variable.value == "" {
			missing = append(missing, variable.name)
		}
	}
	if len(missing) > 0 {
		return live.Settings{}, errors.New("nothing was sent: set " + strings.Join(missing, ", "))
	}
	return s, nil
}

// check makes the run and writes what it saw.
func check(ctx context.Context, settings live.Settings, console *terminal, page string) error {
	report, failed := live.Run(ctx, settings, console)
	if len(report.Results) == 0 {
		return failed
	}
	console.Say(live.Table(report.Results))
	for _, r := range report.Results {
		if !r.Reached() {
			console.Say("not reached: " + r.Name + ": " + r.Why)
		}
	}
	console.Say(fmt.Sprintf("%d facts were seen otherwise than expected; %d e-mails were sent.", len(report.Differences()), report.Mails))
	if failed == nil && page != "" {
		failed = write(page, report)
	}
	if len(report.Left) > 0 {
		failed = errors.Join(failed, errors.New("not deleted: "+strings.Join(report.Left, ", ")))
	}
	return failed
}

// write replaces the table of a page.
func write(page string, report live.Report) error {
	content, err := os.ReadFile(page) //nolint:gosec // the person chose it
	if err != nil {
		return err
	}
	replaced, err := live.Replace(string(content), report.Results)
	if err != nil {
		return err
	}
	return os.WriteFile(page, []byte(replaced), 0o644) //nolint:gosec // a page of the documentation
}

// terminal is the console of a run.
type terminal struct {
	lines chan string
	out   io.Writer
}

// newTerminal reads lines until the input ends. The reading goroutine ends with the
// program, because nothing ends the reading of a terminal.
func newTerminal(in io.Reader, out io.Writer) *terminal {
	t := &terminal{lines: make(chan string), out: out}
	go func() {
		defer close(t.lines)
		for scanner := bufio.NewScanner(in); scanner.Scan(); {
			t.lines <- scanner.Text()
		}
	}()
	return t
}

func (t *terminal) Say(line string) { fmt.Fprintln(t.out, line) }

func (t *terminal) Ask(ctx context.Context, question string) (string, error) {
	fmt.Fprint(t.out, question, " ")
	select {
	case line, ok := <-t.lines:
		if !ok {
			return "", errors.New("the input has ended")
		}
		return line, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
