// Package acmelogin is an example of an SDK that wraps package mfa, as a company may
// write one for its own teams. It names itself in the User-Agent, adds a header, and has
// errors of its own, in the words of its users.
//
// Copy and change it. It is not an API to depend on.
package acmelogin

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"slices"

	"github.com/go-auth0-mfa/mfa"
)

// Version is the version of this SDK.
const Version = "1.4.0"

// Config configures a [Client].
type Config struct {
	Domain       string // such as "login.acme.example"
	ClientID     string
	ClientSecret string
	// Team is the team that runs the page, for the header X-Acme-Team.
	Team string
	// Transport sends the requests. If nil, it is mfa.NewTransport().
	Transport http.RoundTripper
}

// Client logs users in. It is safe for concurrent use.
type Client struct{ mfa *mfa.Client }

// New returns a Client. Callers can add options of package mfa, such as mfa.WithLogger
// and mfa.WithProduct.
func New(c Config, opts ...mfa.Option) (*Client, error) {
	if c.Transport == nil {
		c.Transport = mfa.NewTransport()
	}
	client, err := mfa.NewClient(c.Domain, c.ClientID, append([]mfa.Option{
		mfa.WithClientSecret(c.ClientSecret),
		mfa.WithHTTPClient(&http.Client{Transport: &withTeam{c.Transport, c.Team}}),
		mfa.WithProduct("acme-login", Version),
	}, opts...)...)
	if err != nil {
		return nil, wrap(err)
	}
	return &Client{client}, nil
}

// Pending is a login that waits for the code that was mailed. It belongs in the user's
// session, encrypted.
type Pending struct {
	MFAToken mfa.Secret
	OOBCode  mfa.Secret
}

// SignIn checks the password. It returns tokens if no second factor is due, a Pending if
// a code was mailed, and otherwise an *Error. The address is the user's, as the page's
// own proxy saw it, for Auth0's attack protection.
func (c *Client) SignIn(ctx context.Context, email string, password mfa.Secret, userIP netip.Addr) (*mfa.Token, *Pending, error) {
	token, err := c.mfa.PasswordLogin(ctx, mfa.PasswordLoginRequest{Username: email, Password: password, EndUserIP: userIP})
	if err == nil {
		return token, nil, nil
	}
	var required *mfa.RequiredError
	if !errors.As(err, &required) || required.MFAToken.IsZero() {
		return nil, nil, wrap(err)
	}
	oobCode, err := c.send(ctx, required.MFAToken, email)
	if err != nil {
		return nil, nil, wrap(err)
	}
	return nil, &Pending{required.MFAToken, oobCode}, nil
}

// Confirm checks the code that the user typed. The address is as in SignIn.
func (c *Client) Confirm(ctx context.Context, p *Pending, code mfa.Secret, userIP netip.Addr) (*mfa.Token, error) {
	token, err := c.mfa.VerifyOOB(ctx, mfa.VerifyOOBRequest{
		MFAToken: p.MFAToken, OOBCode: p.OOBCode, BindingCode: code, EndUserIP: userIP,
	})
	if err != nil {
		return nil, wrap(err)
	}
	return token, nil
}

// send sends a code to the user's active address, or enrolls the given one if no factor
// is active. Acme's tenant has recovery codes disabled, so there are none to show.
func (c *Client) send(ctx context.Context, mfaToken mfa.Secret, email string) (mfa.Secret, error) {
	list, err := c.mfa.ListAuthenticators(ctx, mfa.ListAuthenticatorsRequest{Token: mfaToken})
	if err != nil {
		return mfa.Secret{}, err
	}
	for _, a := range list {
		if !a.Active || a.Factor() != mfa.FactorEmail {
			continue
		}
		challenge, err := c.mfa.Challenge(ctx, mfa.ChallengeRequest{MFAToken: mfaToken, AuthenticatorID: a.ID})
		if err != nil {
			return mfa.Secret{}, err
		}
		return challenge.OOBCode, nil
	}
	if slices.ContainsFunc(list, func(a mfa.Authenticator) bool { return a.Active }) {
		// Acme's pages know e-mail only. Somebody who only knows the password must not get
		// around another factor by enrolling an address.
		return mfa.Secret{}, mfa.ErrAlreadyEnrolled
	}
	enrollment, err := c.mfa.Associate(ctx, mfa.AssociateRequest{Token: mfaToken, Email: email})
	if err != nil {
		return mfa.Secret{}, err
	}
	return enrollment.OOBCode, nil
}

// withTeam adds a header to each request.
type withTeam struct {
	base http.RoundTripper
	team string
}

// RoundTrip sends a copy, because a RoundTripper must not change the request.
func (t *withTeam) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("X-Acme-Team", t.team)
	return t.base.RoundTrip(req)
}

// CloseIdleConnections lets mfa.Client.CloseIdleConnections through.
func (t *withTeam) CloseIdleConnections() {
	if c, ok := t.base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}
