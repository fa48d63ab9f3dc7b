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

const usage = `Tenant serves a fake Auth0 tenant for a login page in any language.

  go run ./examples/tenant -user ada@example.com:secret

It prints the addresses of the tenant and its mailboxes, and stops at Ctrl-C.
The tenant responds as Auth0 does. It keeps everything in memory.

`

// The values of -clock.
const (
	clockReal   = "real"
	clockFrozen = "frozen"
)

// settings holds the values of the flags.
type settings struct {
	addr, page             string
	users                  users
	verified, public       bool
	clock                  string
	clientID, clientSecret string
	certificate            string
}

// user is a user of the tenant.
type user struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

// users is a flag that may be repeated.
type users []user

// String is required by package flag, which prints defaults with it.
func (u *users) String() string { return "" }

// Set adds one user.
func (u *users) Set(text string) error {
	email, password, found := strings.Cut(text, ":")
	if !found || password == "" || !strings.Contains(email, "@") {
		return errors.New("want email:password")
	}
	for _, other := range *u {
		if strings.EqualFold(other.Email, email) {
			return errors.New("the user was given before")
		}
	}
	*u = append(*u, user{email, password})
	return nil
}

// parse reads the flags. If it returns neither settings nor an error, it has
// printed the help.
func parse(args []string, out io.Writer) (*settings, error) {
	s := &settings{}
	flags := flag.NewFlagSet("tenant", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // a wrong flag gets one line, as every other wrong setting does
	flags.StringVar(&s.addr, "addr", "127.0.0.1:8443", "`host:port` of the tenant, on this machine only; port 0 is any free port")
	flags.StringVar(&s.page, "page", "127.0.0.1:8025", "`host:port` of the page with the mailboxes, on this machine only")
	flags.Var(&s.users, "user", "`email:password` of a user; may be repeated (default ada@example.com:correct-horse)")
	flags.BoolVar(&s.verified, "verified", false, "verify the users' addresses, so that they can be challenged without an enrollment")
	flags.StringVar(&s.clock, "clock", clockReal, "`real`, or frozen, which stands still until the page moves it")
	flags.BoolVar(&s.public, "public", false, "make the application a public one, without a secret")
	client := flags.String("client", "", "`id:secret` of the application; by default both are random")
	flags.StringVar(&s.certificate, "cert", "", "`file` for the certificate; by default a temporary one")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(out, usage)
		flags.SetOutput(out)
		flags.PrintDefaults()
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("%w; see -h", err)
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q; see -h", flags.Arg(0))
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

// loopback refuses an address that other machines could reach.
func loopback(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return errors.New("want host:port")
	}
	if !isLoopback(host) {
		return errors.New("want an address of this machine, such as 127.0.0.1:8443")
	}
	return nil
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
