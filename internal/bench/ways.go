package main

import (
	"context"
	"net/http"

	"github.com/go-auth0-mfa/mfa"
)

// call makes one call of an operation.
type call func(context.Context) error

// way is a way to make the calls.
type way struct {
	name string
	// calls returns the calls to a tenant on a transport, by operation.
	calls func(base string, transport http.RoundTripper) map[string]call
	// own returns the transport that its users have, unless they know better.
	own func() *http.Transport
}

// The ways that are compared. Each decodes the answer, but for the bare round
// trip, which is what none can go below.
var ways = []way{
	{"sdk", sdk, mfa.NewTransport},
	{"roundtrip", roundTrip, mfa.NewTransport},
	{"nethttp", netHTTP, mfa.NewTransport},
	{"snippet", snippet, defaultTransport},
	{"restylean", restyLean, mfa.NewTransport},
	{"restynaive", restyNaive, restyTransport},
}

// defaultTransport is what http.DefaultClient uses.
func defaultTransport() *http.Transport {
	return http.DefaultTransport.(*http.Transport).Clone() //nolint:errcheck // nobody replaced it
}

// sdk is package mfa.
func sdk(base string, transport http.RoundTripper) map[string]call {
	client, err := newSDK(base, transport)
	if err != nil {
		panic(err)
	}
	token, oob, code := mfa.NewSecret(mfaToken), mfa.NewSecret(oobCode), mfa.NewSecret(bindingCode)
	return map[string]call{
		"associate": func(ctx context.Context) error {
			_, err := client.Associate(ctx, mfa.AssociateRequest{Token: token, Email: email})
			return err
		},
		"list": func(ctx context.Context) error {
			_, err := client.ListAuthenticators(ctx, mfa.ListAuthenticatorsRequest{Token: token})
			return err
		},
		"challenge": func(ctx context.Context) error {
			_, err := client.Challenge(ctx, mfa.ChallengeRequest{MFAToken: token, AuthenticatorID: authenticatorID})
			return err
		},
		"token": func(ctx context.Context) error {
			_, err := client.VerifyOOB(ctx, mfa.VerifyOOBRequest{MFAToken: token, OOBCode: oob, BindingCode: code})
			return err
		},
		"warm": client.Warm,
	}
}

func newSDK(base string, transport http.RoundTripper) (*mfa.Client, error) {
	return mfa.NewClient(base, clientID, mfa.WithHTTPClient(&http.Client{Transport: transport}), mfa.WithClientSecret(clientSecret))
}
