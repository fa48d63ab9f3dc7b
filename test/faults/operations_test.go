package faults

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

const (
	clientID     = "client-id-1"
	clientSecret = "client+secret/7&=%"
	endUserIP    = "203.0.113.77"

	// What responses carry beside the value that tells whose response it is.
	idToken      = "eyJ.id-token+/7="
	refreshToken = "refresh+token/7="
	newRecovery  = "NEWRECOVERY7CODE"
	chainedToken = "Fe26.2*chained+token/7="
)

// values are what one call sends.
type values = wiretest.Values

// newValues returns values that no other call sends. Escaping changes every
// secret among them.
func newValues(mark string) values {
	token := "Fe26.2*mfa+token/" + mark + "="
	return values{
		MFAToken: token, AccessToken: token,
		OOBCode:         "oob+code/" + mark + "&",
		BindingCode:     "4829+1/" + mark,
		OTP:             "7301+5/" + mark,
		RecoveryCode:    "RECOVERY+/" + mark,
		Password:        `pä"ss\word+/ &` + mark,
		RefreshToken:    "v1.refresh+/" + mark + "=",
		Username:        "ada+" + mark + "@example.com",
		Email:           "ada+" + mark + "@mail.example",
		AuthenticatorID: "email|dev_" + mark,
		EndUserIP:       netip.MustParseAddr(endUserIP),
	}
}

// largest returns values that are as long as the client accepts.
func largest() values {
	v := newValues("large")
	v.MFAToken = strings.Repeat("t/", 8<<10)
	v.AccessToken = v.MFAToken
	v.RefreshToken = v.MFAToken
	v.OOBCode = strings.Repeat("o&", 8<<10)
	v.Password = strings.Repeat("ä", 2<<10)
	return v
}

// secrets are all of them, also those that a given operation does not send.
func secrets(v values) []string {
	return []string{v.MFAToken, v.AccessToken, v.OOBCode, v.BindingCode, v.OTP, v.RecoveryCode, v.Password, v.Username, v.Email, v.AuthenticatorID, v.RefreshToken}
}

// result holds what a call returned: the value that tells whose response it was.
type result struct {
	own   string
	none  bool          // no result, or a zero one
	lasts time.Duration // of a token
}

// operation is one method of the client that users call.
type operation struct{ wiretest.Operation }

// operations are all but Warm, which nobody waits for.
var operations = func() (all []operation) {
	for _, op := range wiretest.Operations {
		if op.Op != mfa.OpWarm {
			all = append(all, operation{op})
		}
	}
	return all
}()

// reads reports whether the operation changes nothing and may be repeated.
func (o operation) reads() bool { return !o.Acts }

// path is where the path of its requests begins.
func (o operation) path() string {
	path, _, _ := strings.Cut(o.Route, "{")
	return path
}

// isJSON reports whether the body of the request is JSON, and not a form.
func (o operation) isJSON() bool { return strings.HasPrefix(o.Route, "/mfa/") }

// call makes the call.
func (o operation) call(ctx context.Context, c *mfa.Client, v values) (result, error) {
	got, err := o.With(ctx, c, v)
	switch got := got.(type) {
	case *mfa.AssociateResponse:
		return result{own: got.OOBCode.Reveal()}, err
	case []mfa.Authenticator:
		if len(got) == 0 {
			return result{}, err
		}
		return result{own: got[0].ID}, err
	case *mfa.ChallengeResponse:
		return result{own: got.OOBCode.Reveal()}, err
	case *mfa.Token:
		return result{own: got.AccessToken.Reveal(), lasts: got.ExpiresIn}, err
	default:
		return result{none: true}, err
	}
}

// success is a response with a value that tells whose it is, and with every
// member that holds a secret.
func (o operation) success(own string) response {
	switch o.Op {
	case mfa.OpAssociate:
		return ok(`{"authenticator_type":"oob","binding_method":"prompt","oob_code":%q,"oob_channel":"email","recovery_codes":[%q]}`, own, newRecovery)
	case mfa.OpListAuthenticators:
		return ok(`[{"id":%q,"authenticator_type":"oob","active":true,"oob_channel":"email","name":"ada@exam*******"}]`, own)
	case mfa.OpDeleteAuthenticator:
		return response{status: http.StatusNoContent}
	case mfa.OpChallenge:
		return ok(`{"challenge_type":"oob","oob_code":%q,"binding_method":"prompt"}`, own)
	default:
		return ok(`{"access_token":%q,"id_token":%q,"refresh_token":%q,"recovery_code":%q,"token_type":"Bearer","expires_in":86400}`,
			own, idToken, refreshToken, newRecovery)
	}
}

// ok is a 200 response with a JSON body.
func ok(format string, args ...any) response {
	return response{status: http.StatusOK, header: jsonType, body: fmt.Sprintf(format, args...)}
}

var jsonType = []string{"Content-Type", "application/json"}

// The operations by kind, as rows name them.
var (
	tokens     = []mfa.Op{"verify oob", "verify otp", "verify recovery code", "poll push", "password login", "refresh"}
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
	return slices.DeleteFunc(slices.Clone(operations), func(o operation) bool { return !slices.Contains(names, o.Op) })
}
