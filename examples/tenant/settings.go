package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
)

const usage = `Tenant serves a tenant to try a login page against, in any language.

  go run ./examples/tenant -user ada@example.com:secret

It prints where the tenant and its mailboxes are, and ends at Ctrl-C. The
tenant answers as Auth0 does, and forgets everything when it ends.

`

// The settings of the clock.
const (
	clockReal   = "real"
	clockFrozen = "frozen"
)

// settings are what the flags say.
type settings struct {
	addr, page             string
	users                  users
	verified, public       bool
	clock                  string
	clientID, clientSecret string
	certificate            string
}

// user is a user as the page shows them.
type user struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

// users is a flag that may be repeated.
type users []user

// String is for package flag, which prints defaults with it.
func (u *users) String() string { return "" }

// Set reads one user.
func (u *users) Set(text string) error {
	email, password, found := strings.Cut(text, ":")
	if !found || password == "" || !strings.Contains(email, "@") {
		return errors.New("want email:password")
	}
	for _, other := range *u {
		if strings.EqualFold(other.Email, email) {
			return errors.New("the user is there already")
		}
	}
	*u = append(*u, user{email, password})
	return nil
}

// parse reads the flags; nil without an error: help was asked for, and printed.
func parse(args []string, out io.Writer) (*settings, error) {
	s := &settings{}
	flags := flag.NewFlagSet("tenant", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // a wrong flag gets one line, like any other wrong setting
	flags.StringVar(&s.addr, "addr", "127.0.0.1:8443", "`host:port` of the tenant, on this machine only; port 0 takes a free one")
	flags.StringVar(&s.page, "page", "127.0.0.1:8025", "`host:port` of the page with the mailboxes, likewise")
	flags.Var(&s.users, "user", "`email:password` of a user; may be repeated (default ada@example.com:correct-horse)")
	flags.BoolVar(&s.verified, "verified", false, "the users' addresses are verified, so that they can be challenged without being enrolled")
	flags.StringVar(&s.clock, "clock", clockReal, "`real`, or frozen: stands still until the page moves it")
	flags.BoolVar(&s.public, "public", false, "the application has no secret")
	client := flags.String("client", "", "`id:secret` of the application; by default both are new at each start")
	flags.StringVar(&s.certificate, "cert", "", "`file` to write the certificate to; by default a temporary one")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(out, usage)
		flags.SetOutput(out)
		flags.PrintDefaults()
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("%w; -h explains", err)
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q; -h explains", flags.Arg(0))
	}

	if err := loopback(s.addr); err != nil {
		return nil, fmt.Errorf("-addr %q: %w", s.addr, err)
	}
	if err := loopback(s.page); err != nil {
		return nil, fmt.Errorf("-page %q: %w", s.page, err)
	}
	if s.clock != clockReal && s.clock != clockFrozen {
		return nil, fmt.Errorf("-clock %q: want %s or %s", s.clock, clockReal, clockFrozen)
	}
	if *client != "" {
		id, secret, found := strings.Cut(*client, ":")
		switch {
		case s.public:
			return nil, errors.New("-client and -public: want one of them")
		case !found || id == "" || secret == "":
			return nil, errors.New("-client: want id:secret")
		}
		s.clientID, s.clientSecret = id, secret
	}
	if len(s.users) == 0 {
		s.users = users{{"ada@example.com", "correct-horse"}}
	}
	return s, nil
}

// loopback refuses addresses that other machines could reach.
func loopback(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return errors.New("want host:port")
	}
	if !isLoopback(host) {
		return errors.New("only an address of this machine will do, such as 127.0.0.1:8443")
	}
	return nil
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
