package demo

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
)

const usage = `Loginui serves a login page with a second factor.

  go -C examples/loginui run .

runs against a fake tenant on this machine, with its mailbox on another page.
To sign in to a real tenant, set

  AUTH0_DOMAIN         its domain, such as tenant.eu.auth0.com
  AUTH0_CLIENT_ID      the ID of an application with the grants Password and MFA
  AUTH0_CLIENT_SECRET  its secret

`

// Settings are the values of the flags and of the environment. Without a Domain, a program
// uses a fake tenant, and without a Redis the memory of the process.
type Settings struct {
	Addr, Redis                    string
	Domain, ClientID, ClientSecret string
}

// Parse reads the settings. If it returns neither settings nor an error, it has printed
// the help.
func Parse(args []string, getenv func(string) string, out io.Writer) (*Settings, error) {
	s := &Settings{
		Domain: getenv("AUTH0_DOMAIN"), ClientID: getenv("AUTH0_CLIENT_ID"), ClientSecret: getenv("AUTH0_CLIENT_SECRET"),
	}
	flags := flag.NewFlagSet("loginui", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // a wrong flag gets one line, as any other wrong setting does
	flags.StringVar(&s.Addr, "addr", "127.0.0.1:8080", "`host:port` to serve at, on this machine only; port 0 is any free port")
	flags.StringVar(&s.Redis, "redis", "", "`host:port` of a Redis that keeps what browser tabs share, instead of this program's memory")
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
	host, _, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return nil, fmt.Errorf("-addr %q: want host:port; -h explains", s.Addr)
	}
	if _, _, err := net.SplitHostPort(s.Redis); s.Redis != "" && err != nil {
		return nil, fmt.Errorf("-redis %q: want host:port; -h explains", s.Redis)
	}
	if !isLoopback(host) {
		return nil, fmt.Errorf("-addr %q: want an address of this machine, such as 127.0.0.1:8080", s.Addr)
	}

	var missing []string
	for _, required := range []struct{ name, value string }{
		{"AUTH0_DOMAIN", s.Domain}, {"AUTH0_CLIENT_ID", s.ClientID}, {"AUTH0_CLIENT_SECRET", s.ClientSecret},
	} {
		if required.value == "" {
			missing = append(missing, required.name)
		}
	}
	if len(missing) == 1 || len(missing) == 2 {
		return nil, fmt.Errorf("not set: %s; -h explains", strings.Join(missing, ", "))
	}
	return s, nil
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && ip.IsLoopback()
}
