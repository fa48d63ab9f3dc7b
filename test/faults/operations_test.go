package faults

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

const (
	clientID     = "client-id-1"
	clientSecret = "client+secret/7&=%"
	endUserIP    = "203.0.113.77"

	// What answers carry beside the value that tells whose answer it is.
	idToken      = "eyJ.id-token+/7="
	refreshToken = "refresh+token/7="
	newRecovery  = "NEWRECOVERY7CODE"
	chainedToken = "Fe26.2*chained+token/7="
)

var userAddress = netip.MustParseAddr(endUserIP)

// values are what one call sends. Escaping changes every secret among them.
type values struct {
	token, oobCode, bindingCode, otp, recoveryCode, password string
	username, email, id                                      string
}

// newValues returns values that no other call sends.
func newValues(mark string) values {
	return values{
		token:        "Fe26.2*mfa+token/" + mark + "=",
		oobCode:      "oob+code/" + mark + "&",
		bindingCode:  "4829+1/" + mark,
		otp:          "7301+5/" + mark,
		recoveryCode: "RECOVERY+/" + mark,
		password:     `pä"ss\word+/ &` + mark,
		username:     "ada+" + mark + "@example.com",
		email:        "ada+" + mark + "@mail.example",
		id:           "email|dev_" + mark,
	}
}

// largest returns values that are as long as the client accepts.
func largest() values {
	v := newValues("large")
	v.token = strings.Repeat("t/", 8<<10)
	v.oobCode = strings.Repeat("o&", 8<<10)
	v.password = strings.Repeat("ä", 2<<10)
	return v
}

// secrets are all of them, also those that a given operation does not send.
func (v values) secrets() []string {
	return []string{v.token, v.oobCode, v.bindingCode, v.otp, v.recoveryCode, v.password, v.username, v.email, v.id}
}

// result is what a call returned: the value that tells whose answer it was.
type result struct {
	own   string
	none  bool          // no result, or a zero one
	lasts time.Duration // of a token
}

// operation is one method of the client.
type operation struct {
	name         mfa.Op // as in [mfa.Error.Op]
	method, path string
	afterUnknown mfa.Action // what a page does when the outcome is unknown
	call         func(context.Context, *mfa.Client, values) (result, error)
	sends        func(values) []string // what must not come back in an error
	request      func(values) url.Values
	bearer       bool
	success      func(own string) answer
}

// reads reports whether the operation changes nothing and may be repeated.
func (o operation) reads() bool { return o.method == http.MethodGet }

// isJSON reports whether the body of the request is JSON, and not a form.
func (o operation) isJSON() bool { return strings.HasPrefix(o.path, "/mfa/") }

var operations = []operation{
	{
		name: "associate", method: http.MethodPost, path: "/mfa/associate", afterUnknown: mfa.ActionCheckInbox, bearer: true,
		call: func(ctx context.Context, c *mfa.Client, v values) (result, error) {
			resp, err := c.Associate(ctx, mfa.AssociateRequest{Token: mfa.NewSecret(v.token), Email: v.email})
			if resp == nil {
				return result{none: true}, err
			}
			return result{own: resp.OOBCode.Reveal()}, err
		},
		sends:   func(v values) []string { return []string{v.token, v.email} },
		request: func(v values) url.Values { return url.Values{"email": {v.email}, "authenticator_types": {"oob"}} },
		success: func(own string) answer {
			return ok(`{"authenticator_type":"oob","binding_method":"prompt","oob_code":%q,"oob_channel":"email","recovery_codes":[%q]}`, own, newRecovery)
		},
	},
	{
		name: "list authenticators", method: http.MethodGet, path: "/mfa/authenticators", afterUnknown: mfa.ActionRetryLater, bearer: true,
		call: func(ctx context.Context, c *mfa.Client, v values) (result, error) {
			list, err := c.ListAuthenticators(ctx, mfa.ListAuthenticatorsRequest{Token: mfa.NewSecret(v.token)})
			if len(list) == 0 {
				return result{none: list == nil}, err
			}
			return result{own: list[0].ID}, err
		},
		sends: func(v values) []string { return []string{v.token} },
		success: func(own string) answer {
			return ok(`[{"id":%q,"authenticator_type":"oob","active":true,"oob_channel":"email","name":"ada@exam*******"}]`, own)
		},
	},
	{
		name: "delete authenticator", method: http.MethodDelete, path: "/mfa/authenticators/", afterUnknown: mfa.ActionRetryLater, bearer: true,
		call: func(ctx context.Context, c *mfa.Client, v values) (result, error) {
			err := c.DeleteAuthenticator(ctx, mfa.DeleteAuthenticatorRequest{Token: mfa.NewSecret(v.token), AuthenticatorID: v.id})
			return result{none: true}, err
		},
		sends:   func(v values) []string { return []string{v.token, v.id} },
		success: func(string) answer { return answer{status: http.StatusNoContent} },
	},
	{
		name: "challenge", method: http.MethodPost, path: "/mfa/challenge", afterUnknown: mfa.ActionCheckInbox,
		call: func(ctx context.Context, c *mfa.Client, v values) (result, error) {
			resp, err := c.Challenge(ctx, mfa.ChallengeRequest{MFAToken: mfa.NewSecret(v.token), AuthenticatorID: v.id})
			if resp == nil {
				return result{none: true}, err
			}
			return result{own: resp.OOBCode.Reveal()}, err
		},
		sends:   func(v values) []string { return []string{v.token, v.id} },
		request: func(v values) url.Values { return url.Values{"mfa_token": {v.token}, "authenticator_id": {v.id}} },
		success: func(own string) answer {
			return ok(`{"challenge_type":"oob","oob_code":%q,"binding_method":"prompt"}`, own)
		},
	},
	tokenOperation("verify oob", mfa.ActionResend,
		func(ctx context.Context, c *mfa.Client, v values) (*mfa.Token, error) {
			return c.VerifyOOB(ctx, mfa.VerifyOOBRequest{
				MFAToken: mfa.NewSecret(v.token), OOBCode: mfa.NewSecret(v.oobCode), BindingCode: mfa.NewSecret(v.bindingCode),
				EndUserIP: userAddress,
			})
		},
		func(v values) url.Values {
			return url.Values{"mfa_token": {v.token}, "oob_code": {v.oobCode}, "binding_code": {v.bindingCode}}
		}),
	tokenOperation("verify otp", mfa.ActionAskAgain,
		func(ctx context.Context, c *mfa.Client, v values) (*mfa.Token, error) {
			return c.VerifyOTP(ctx, mfa.VerifyOTPRequest{MFAToken: mfa.NewSecret(v.token), OTP: mfa.NewSecret(v.otp), EndUserIP: userAddress})
		},
		func(v values) url.Values { return url.Values{"mfa_token": {v.token}, "otp": {v.otp}} }),
	tokenOperation("verify recovery code", mfa.ActionRestartLogin,
		func(ctx context.Context, c *mfa.Client, v values) (*mfa.Token, error) {
			return c.VerifyRecoveryCode(ctx, mfa.VerifyRecoveryCodeRequest{MFAToken: mfa.NewSecret(v.token), RecoveryCode: mfa.NewSecret(v.recoveryCode), EndUserIP: userAddress})
		},
		func(v values) url.Values {
			return url.Values{"mfa_token": {v.token}, "recovery_code": {v.recoveryCode}}
		}),
	tokenOperation("poll push", mfa.ActionRetryLater,
		func(ctx context.Context, c *mfa.Client, v values) (*mfa.Token, error) {
			return c.PollPush(ctx, mfa.PollPushRequest{MFAToken: mfa.NewSecret(v.token), OOBCode: mfa.NewSecret(v.oobCode), EndUserIP: userAddress})
		},
		func(v values) url.Values { return url.Values{"mfa_token": {v.token}, "oob_code": {v.oobCode}} }),
	tokenOperation("password login", mfa.ActionRetryLater,
		func(ctx context.Context, c *mfa.Client, v values) (*mfa.Token, error) {
			return c.PasswordLogin(ctx, mfa.PasswordLoginRequest{
				Username: v.username, Password: mfa.NewSecret(v.password), EndUserIP: userAddress,
			})
		},
		func(v values) url.Values { return url.Values{"username": {v.username}, "password": {v.password}} }),
}

// tokenOperation is an operation of the token endpoint.
func tokenOperation(name mfa.Op, afterUnknown mfa.Action, call func(context.Context, *mfa.Client, values) (*mfa.Token, error), request func(values) url.Values) operation {
	return operation{
		name: name, method: http.MethodPost, path: "/oauth/token", afterUnknown: afterUnknown,
		call: func(ctx context.Context, c *mfa.Client, v values) (result, error) {
			token, err := call(ctx, c, v)
			if token == nil {
				return result{none: true}, err
			}
			return result{own: token.AccessToken.Reveal(), lasts: token.ExpiresIn}, err
		},
		sends: func(v values) (sent []string) {
			for _, field := range request(v) {
				sent = append(sent, field...)
			}
			return append(sent, endUserIP)
		},
		request: request,
		success: func(own string) answer {
			return ok(`{"access_token":%q,"id_token":%q,"refresh_token":%q,"recovery_code":%q,"token_type":"Bearer","expires_in":86400}`,
				own, idToken, refreshToken, newRecovery)
		},
	}
}

// ok is a 200 answer with a JSON body.
func ok(format string, args ...any) answer {
	return answer{status: http.StatusOK, header: jsonType, body: fmt.Sprintf(format, args...)}
}

var jsonType = []string{"Content-Type", "application/json"}

// The operations by kind, as rows name them.
var (
	tokens     = []mfa.Op{"verify oob", "verify otp", "verify recovery code", "poll push", "password login"}
	withResult = append([]mfa.Op{"associate", "list authenticators", "challenge"}, tokens...)
	withBody   = append([]mfa.Op{"associate", "challenge"}, tokens...)
	acting     = append([]mfa.Op{"associate", "delete authenticator", "challenge"}, tokens...)
	onlyList   = []mfa.Op{"list authenticators"}
	onlyDelete = []mfa.Op{"delete authenticator"}
)

// without returns the names but one.
func without(names []mfa.Op, name mfa.Op) []mfa.Op {
	return slices.DeleteFunc(slices.Clone(names), func(n mfa.Op) bool { return n == name })
}

// named returns the operations with these names, all for nil.
func named(names []mfa.Op) []operation {
	if names == nil {
		return operations
	}
	return slices.DeleteFunc(slices.Clone(operations), func(o operation) bool { return !slices.Contains(names, o.name) })
}
