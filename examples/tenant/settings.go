package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"strings"
)

const usage = `Tenant serves a fake Auth0 tenant for a login page in any language.

  go run ./examples/tenant -user ada@example.com:secret

It prints the addresses of the tenant and its mailboxes, and stops at Ctrl-C.
The tenant responds as Auth0 does. It keeps everything in memory.

The page with the mailboxes is for people. For programs it has:

  GET /tenant.json       addresses, client, users
  GET /tenant.pem        the certificate to trust
  GET /mail.json         the messages, newest first; to=ADDRESS: those to one address
                         wait=10s: waits until there is one; seen=3: until there is a fourth
  DELETE /mail.json      empties the mailboxes
  POST /users            adds a user: email=ADDRESS&password=TEXT, and verified=true
  POST /act              action=advance&by=5m moves the clock
                         action=approve&user=ADDRESS approves a push notification
                         action=reject&user=ADDRESS rejects it

A test empties the mailboxes, logs in, and waits for the code:

  curl -X DELETE localhost:8025/mail.json
  curl 'localhost:8025/mail.json?to=ada@example.com&wait=10s'

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
	origins                origins
	verified, public       bool
	expose                 bool
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

// origins is a flag that may be repeated.
type origins []string

// String is required by package flag, which prints defaults with it.
func (o *origins) String() string { return "" }

// Set adds one origin.
func (o *origins) Set(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || text != u.Scheme+"://"+u.Host {
		return errors.New("want an origin, such as http://localhost:3000")
	}
	*o = append(*o, text)
	return nil
}

// parse reads the flags. If it returns neither settings nor an error, it has
// printed the help.
func parse(args []string, out io.Writer) (*settings, error) {
	s := &settings{}
	flags := flag.NewFlagSet("tenant", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // a wrong flag gets one line, as every other wrong setting does
	flags.StringVar(&s.addr, "addr", "127.0.0.1:8443", "`host:port` of the tenant, and the name that it has in tokens; port 0 is any free port")
	flags.StringVar(&s.page, "page", "127.0.0.1:8025", "`host:port` of the page with the mailboxes")
	flags.BoolVar(&s.expose, "expose", false, "let -addr and -page be reached from other machines, which can then read all codes and secrets")
	flags.Var(&s.origins, "origin", "`origin` of a front end, such as http://localhost:3000, that may call tenant and page from a browser; may be repeated")
	flags.Var(&s.users, "user", "`email:password` of a user; may be repeated (default ada@example.com:correct-horse)")
	flags.BoolVar(&s.verified, "verified", false, "verify the users' addresses, so that they can be challenged without an enrollment")
	flags.StringVar(&s.clock, "clock", clockReal, "`real`, or frozen, which stands still until the page moves it")
	flags.BoolVar(&s.public, "public", false, "make the application a public one, without a secret")
	client := flags.String("client", "", "`id:secret` of the application, or with -public its id; by default random")
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

	if err := s.reachable(s.addr); err != nil {
		return nil, fmt.Errorf("-addr %q: %w", s.addr, err)
	}
	if err := s.reachable(s.page); err != nil {
		return nil, fmt.Errorf("-page %q: %w", s.page, err)
	}
	if s.clock != clockReal && s.clock != clockFrozen {
		return nil, fmt.Errorf("-clock %q: want %s or %s", s.clock, clockReal, clockFrozen)
	}
	if *client != "" {
		var found bool
		s.clientID, s.clientSecret, found = strings.Cut(*client, ":")
		switch {
		case s.public && (found || s.clientID == ""):
			return nil, errors.New("-client: want an id alone with -public")
		case !s.public && (s.clientID == "" || s.clientSecret == ""):
			return nil, errors.New("-client: want id:secret")
		}
	}
	if len(s.users) == 0 {
		s.users = users{{"ada@example.com", "correct-horse"}}
	}
	return s, nil
}

// reachable refuses an address that other machines could reach, unless they may.
func (s *settings) reachable(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return errors.New("want host:port")
	}
	if !s.expose && !isLoopback(host) {
		return errors.New("want an address of this machine, such as 127.0.0.1:8443, or -expose")
	}
	return nil
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
