package wiretest

import (
	"context"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
)

// What [Usual] holds, and how forms escape it.
const (
	MFAToken     = "Fe26.2*1*mfa-token"
	MFATokenForm = "Fe26.2%2A1%2Amfa-token"
	OOBCode      = "Fe26.2*1*oob-code"
	OOBCodeForm  = "Fe26.2%2A1%2Aoob-code"
	AccessToken  = "eyJhbGciOi.eyJhdWQiOi.c2lnbmF0dXJl"
	EmailID      = "email|dev_hdkmORJuqOmjRRQU"
)

// Values are what one call sends.
type Values struct {
	MFAToken, AccessToken  string
	OOBCode, BindingCode   string
	OTP, RecoveryCode      string
	Email, AuthenticatorID string
	Username, Password     string
	RefreshToken           string
	EndUserIP              netip.Addr // if zero, none is sent
}

// Usual are the values that [Operation.Call] sends.
var Usual = Values{
	MFAToken: MFAToken, AccessToken: AccessToken, OOBCode: OOBCode, BindingCode: "000042",
	OTP: "001337", RecoveryCode: "N3BGPZZWJ85JLCNPZBDW6QXC",
	Email: "ada@example.com", AuthenticatorID: EmailID, Username: "ada@example.com", Password: "correct horse",
	RefreshToken: "v1.MRjVR0SsTqX4lPbFsQ",
}

// Operation is a method of the client.
type Operation struct {
	Op           mfa.Op
	Method       string
	Route        string     // as in Event.Route
	Acts         bool       // sends a message, spends a code or changes something
	AfterUnknown mfa.Action // what a page does when the outcome is unknown
	Success      Response
	// With makes the call with these values. The result is nil when there is
	// none.
	With func(context.Context, *mfa.Client, Values) (result any, err error)
	// Bearer is the token in the Authorization header; if nil, there is none.
	Bearer func(Values) string
	// Parameters are what the body carries beside the grant type and the
	// credentials; if nil, there is no body.
	Parameters func(Values) url.Values
}

// String names the operation in the name of a test.
func (o Operation) String() string { return strings.ReplaceAll(string(o.Op), " ", "_") }

// Call makes the call with the [Usual] values.
func (o Operation) Call(ctx context.Context, c *mfa.Client) (result any, err error) {
	return o.With(ctx, c, Usual)
}

// Fails asserts that the call fails with an *mfa.Error of the operation, and
// returns that.
func (o Operation) Fails(t *testing.T, ctx context.Context, c *mfa.Client) (*mfa.Error, error) {
	t.Helper()
	result, err := o.Call(ctx, c)
	assert.Nil(t, result)
	var e *mfa.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, o.Op, e.Op)
	return e, err
}

// Sends returns the values that the call sends and that must not come back in
// an error.
func (o Operation) Sends(v Values) []string {
	var sent []string
	if o.Bearer != nil {
		sent = append(sent, o.Bearer(v))
	}
	if o.Method == http.MethodDelete {
		sent = append(sent, v.AuthenticatorID)
	}
	if o.Parameters != nil {
		parameters := o.Parameters(v)
		for _, name := range slices.Sorted(maps.Keys(parameters)) {
			if !slices.Contains([]string{"authenticator_types", "oob_channels", "challenge_type"}, name) {
				sent = append(sent, parameters[name]...)
			}
		}
	}
	if o.Route == "/oauth/token" && v.EndUserIP.IsValid() {
		sent = append(sent, v.EndUserIP.String())
	}
	return sent
}

// TokenResponse is a success of the token endpoint.
var TokenResponse = Response{Status: http.StatusOK, Body: `{"access_token":"eyJ.access","token_type":"Bearer","expires_in":86400}`}

// Operations are all methods of the client that make a call.
var Operations = []Operation{
	{
		Op: mfa.OpAssociate, Method: http.MethodPost, Route: "/mfa/associate", Acts: true, AfterUnknown: mfa.ActionCheckInbox,
		Success: Response{Status: http.StatusOK, Body: `{"authenticator_type":"oob","binding_method":"prompt","oob_code":"Fe26.o","oob_channel":"email"}`},
		With: func(ctx context.Context, c *mfa.Client, v Values) (any, error) {
			return Plain(c.Associate(ctx, mfa.AssociateRequest{Token: mfa.NewSecret(v.MFAToken), Email: v.Email}))
		},
		Bearer: mfaToken,
		Parameters: func(v Values) url.Values {
			return url.Values{"authenticator_types": {"oob"}, "oob_channels": {"email"}, "email": {v.Email}}
		},
	},
	{
		Op: mfa.OpListAuthenticators, Method: http.MethodGet, Route: "/mfa/authenticators", AfterUnknown: mfa.ActionRetryLater,
		Success: Response{Status: http.StatusOK, Body: `[{"id":"email|dev_1","authenticator_type":"oob","active":true,"oob_channel":"email"}]`},
		With: func(ctx context.Context, c *mfa.Client, v Values) (any, error) {
			list, err := c.ListAuthenticators(ctx, mfa.ListAuthenticatorsRequest{Token: mfa.NewSecret(v.MFAToken)})
			if list == nil {
				return nil, err
			}
			return list, err
		},
		Bearer: mfaToken,
	},
	{
		Op: mfa.OpDeleteAuthenticator, Method: http.MethodDelete, Route: "/mfa/authenticators/{id}", Acts: true, AfterUnknown: mfa.ActionRetryLater,
		Success: Response{Status: http.StatusNoContent},
		With: func(ctx context.Context, c *mfa.Client, v Values) (any, error) {
			return nil, c.DeleteAuthenticator(ctx, mfa.DeleteAuthenticatorRequest{Token: mfa.NewSecret(v.AccessToken), AuthenticatorID: v.AuthenticatorID})
		},
		Bearer: func(v Values) string { return v.AccessToken },
	},
	{
		Op: mfa.OpChallenge, Method: http.MethodPost, Route: "/mfa/challenge", Acts: true, AfterUnknown: mfa.ActionCheckInbox,
		Success: Response{Status: http.StatusOK, Body: `{"challenge_type":"oob","oob_code":"Fe26.o","binding_method":"prompt"}`},
		With: func(ctx context.Context, c *mfa.Client, v Values) (any, error) {
			return Plain(c.Challenge(ctx, mfa.ChallengeRequest{MFAToken: mfa.NewSecret(v.MFAToken), AuthenticatorID: v.AuthenticatorID}))
		},
		Parameters: func(v Values) url.Values {
			return url.Values{"mfa_token": {v.MFAToken}, "challenge_type": {"oob"}, "authenticator_id": {v.AuthenticatorID}}
		},
	},
	atTokenEndpoint(mfa.OpVerifyOOB, mfa.ActionResend,
		func(ctx context.Context, c *mfa.Client, v Values) (*mfa.Token, error) {
			return c.VerifyOOB(ctx, mfa.VerifyOOBRequest{
				MFAToken: mfa.NewSecret(v.MFAToken), OOBCode: mfa.NewSecret(v.OOBCode), BindingCode: mfa.NewSecret(v.BindingCode), EndUserIP: v.EndUserIP,
			})
		},
		func(v Values) url.Values {
			return url.Values{"mfa_token": {v.MFAToken}, "oob_code": {v.OOBCode}, "binding_code": {v.BindingCode}}
		}),
	atTokenEndpoint(mfa.OpPollPush, mfa.ActionRetryLater,
		func(ctx context.Context, c *mfa.Client, v Values) (*mfa.Token, error) {
			return c.PollPush(ctx, mfa.PollPushRequest{MFAToken: mfa.NewSecret(v.MFAToken), OOBCode: mfa.NewSecret(v.OOBCode), EndUserIP: v.EndUserIP})
		},
		func(v Values) url.Values { return url.Values{"mfa_token": {v.MFAToken}, "oob_code": {v.OOBCode}} }),
	atTokenEndpoint(mfa.OpVerifyOTP, mfa.ActionAskAgain,
		func(ctx context.Context, c *mfa.Client, v Values) (*mfa.Token, error) {
			return c.VerifyOTP(ctx, mfa.VerifyOTPRequest{MFAToken: mfa.NewSecret(v.MFAToken), OTP: mfa.NewSecret(v.OTP), EndUserIP: v.EndUserIP})
		},
		func(v Values) url.Values { return url.Values{"mfa_token": {v.MFAToken}, "otp": {v.OTP}} }),
	atTokenEndpoint(mfa.OpVerifyRecoveryCode, mfa.ActionRestartLogin,
		func(ctx context.Context, c *mfa.Client, v Values) (*mfa.Token, error) {
			return c.VerifyRecoveryCode(ctx, mfa.VerifyRecoveryCodeRequest{
				MFAToken: mfa.NewSecret(v.MFAToken), RecoveryCode: mfa.NewSecret(v.RecoveryCode), EndUserIP: v.EndUserIP,
			})
		},
		func(v Values) url.Values {
			return url.Values{"mfa_token": {v.MFAToken}, "recovery_code": {v.RecoveryCode}}
		}),
	atTokenEndpoint(mfa.OpPasswordLogin, mfa.ActionRetryLater,
		func(ctx context.Context, c *mfa.Client, v Values) (*mfa.Token, error) {
			return c.PasswordLogin(ctx, mfa.PasswordLoginRequest{Username: v.Username, Password: mfa.NewSecret(v.Password), EndUserIP: v.EndUserIP})
		},
		func(v Values) url.Values { return url.Values{"username": {v.Username}, "password": {v.Password}} }),
	atTokenEndpoint(mfa.OpRefresh, mfa.ActionRetryLater,
		func(ctx context.Context, c *mfa.Client, v Values) (*mfa.Token, error) {
			return c.Refresh(ctx, mfa.RefreshRequest{RefreshToken: mfa.NewSecret(v.RefreshToken), EndUserIP: v.EndUserIP})
		},
		func(v Values) url.Values { return url.Values{"refresh_token": {v.RefreshToken}} }),
	{
		Op: mfa.OpWarm, Method: http.MethodGet, Route: "/.well-known/openid-configuration", AfterUnknown: mfa.ActionRetryLater,
		Success: Response{Status: http.StatusOK, Body: `{"issuer":"https://tenant.eu.auth0.com/"}`},
		With:    func(ctx context.Context, c *mfa.Client, _ Values) (any, error) { return nil, c.Warm(ctx) },
	},
}

func mfaToken(v Values) string { return v.MFAToken }

// atTokenEndpoint returns an operation of the token endpoint.
func atTokenEndpoint(
	op mfa.Op, afterUnknown mfa.Action, call func(context.Context, *mfa.Client, Values) (*mfa.Token, error), parameters func(Values) url.Values,
) Operation {
	return Operation{
		Op: op, Method: http.MethodPost, Route: "/oauth/token", Acts: true, AfterUnknown: afterUnknown, Success: TokenResponse,
		With:       func(ctx context.Context, c *mfa.Client, v Values) (any, error) { return Plain(call(ctx, c, v)) },
		Parameters: parameters,
	}
}

// Named returns the operation with the name.
func Named(op mfa.Op) Operation {
	return Operations[slices.IndexFunc(Operations, func(o Operation) bool { return o.Op == op })]
}

// Plain turns a nil pointer into a plain nil.
func Plain[T any](result *T, err error) (any, error) {
	if result == nil {
		return nil, err
	}
	return result, err
}
