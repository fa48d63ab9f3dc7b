package mfa

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-auth0-mfa/mfa/internal/input"
)

// The scopes of an access token for [Client.MFAAudience].
//
// Auth0 docs: https://auth0.com/docs/secure/multi-factor-authentication/manage-mfa-auth0-apis/manage-authenticator-factors-mfa-api
const (
	ScopeEnroll               = "enroll"                // for Client.Associate
	ScopeReadAuthenticators   = "read:authenticators"   // for Client.ListAuthenticators
	ScopeRemoveAuthenticators = "remove:authenticators" // for Client.DeleteAuthenticator
)

// ListAuthenticatorsRequest says whose authenticators to list.
type ListAuthenticatorsRequest struct {
	// Token is the mfa_token, or an access token for [Client.MFAAudience] with
	// [ScopeReadAuthenticators]. Required.
	Token Secret
}

// Authenticator is one way in which a user can prove who they are; see
// [Authenticator.Factor] for what kind it is.
type Authenticator struct {
	// ID names it in a challenge and when it is deleted: "email|dev_…".
	ID string
	// AuthenticatorType is "oob", "otp" or "recovery-code".
	AuthenticatorType string
	// OOBChannel is "email", "sms", "voice" or "auth0" (push); "" for other types.
	OOBChannel string
	// Name is a masked address or number, or the name of a device: text to show
	// to the user, nothing to compare with. "" when there is none.
	Name string
	// Active tells that it is confirmed. Others cannot be challenged; hide them.
	Active bool
}

// Factor returns the factor that the authenticator is of: from its type, else
// from its channel, else from the prefix of its id, else its type as Auth0
// spelled it. It is never empty: an authenticator without a type is "unknown".
func (a Authenticator) Factor() Factor {
	prefix, _, _ := strings.Cut(a.ID, "|")
	for _, name := range []string{a.AuthenticatorType, a.OOBChannel, prefix} {
		if factor, ok := factorNamed(name); ok {
			return factor
		}
	}
	if a.AuthenticatorType == "" {
		return "unknown"
	}
	return Factor(a.AuthenticatorType)
}

// maxAuthenticators bounds a list; Auth0's own limit is 51 for a user.
const maxAuthenticators = 256

// ListAuthenticators returns the user's authenticators, the unconfirmed ones
// too; the list is empty, not nil, when there are none. A verified e-mail
// address of the user's account is listed as an active authenticator.
//
// It changes nothing, and is sent up to three times when the server or the
// connection fails. It returns [ErrInvalidToken] and, for a refused request,
// [ErrInvalidRequest].
//
// Auth0 docs: https://auth0.com/docs/api/authentication/multi-factor-authentication/list-authenticators
func (c *Client) ListAuthenticators(ctx context.Context, req ListAuthenticatorsRequest) ([]Authenticator, error) {
	call := c.newCall(OpListAuthenticators, http.MethodGet, "/mfa/authenticators")
	call.reads = true
	call.bearer(req.Token)
	return send(ctx, call, readAuthenticators)
}

// readAuthenticators takes the list out of a response.
func readAuthenticators(status int, body []byte) ([]Authenticator, string) {
	wire := make([]authenticatorWire, 0, 4) // as many as most users have
	if problem := decodeSuccess(status, body, &wire); problem != "" {
		return nil, problem
	}
	if wire == nil || len(wire) > maxAuthenticators {
		return nil, notReadable
	}
	list := make([]Authenticator, len(wire))
	for i, w := range wire {
		switch {
		case w.ID == nil:
			return nil, "has an authenticator without an id"
		case strings.Contains(*w.ID, "\ufffd"): // was no text
			return nil, "has an authenticator with an unusable id"
		}
		list[i] = Authenticator{
			ID:                *w.ID,
			AuthenticatorType: string(w.Type),
			OOBChannel:        string(cmp.Or(w.Channel, w.Channels)),
			Name:              string(w.Name),
			Active:            w.Active,
		}
	}
	return list, ""
}

type authenticatorWire struct {
	ID       *string `json:"id"` // an empty one is data, a missing one is not
	Type     label   `json:"authenticator_type"`
	Channel  label   `json:"oob_channel"`
	Channels label   `json:"oob_channels"` // the spelling of the reference page
	Name     label   `json:"name"`
	Active   bool    `json:"active"`
}

// DeleteAuthenticatorRequest says which authenticator to delete.
type DeleteAuthenticatorRequest struct {
	// Token is an access token for [Client.MFAAudience] with
	// [ScopeRemoveAuthenticators]. Auth0 refuses an mfa_token. Required.
	Token Secret
	// AuthenticatorID is an [Authenticator.ID]. Required.
	AuthenticatorID string
}

// DeleteAuthenticator deletes an authenticator of the user. Auth0 deletes its
// twin with it: push and OTP, SMS and voice. The address of the user's account
// cannot be deleted.
//
// Calling again is safe: [ErrAuthenticatorNotFound] then means that it is
// gone. Auth0 documents no more of that answer than its status, so any 404
// counts, a proxy's too. It returns [ErrInvalidToken] and, for a refused
// request, [ErrInvalidRequest].
//
// Auth0 docs: https://auth0.com/docs/api/authentication/multi-factor-authentication/delete-authenticator
func (c *Client) DeleteAuthenticator(ctx context.Context, req DeleteAuthenticatorRequest) error {
	call := c.newCall(OpDeleteAuthenticator, http.MethodDelete, "/mfa/authenticators/{id}")
	call.bearer(req.Token)
	id := call.value("AuthenticatorID", req.AuthenticatorID, input.AuthenticatorID)
	call.request.Path = "/mfa/authenticators/" + url.PathEscape(id)
	_, err := send(ctx, call, func(status int, body []byte) (none struct{}, problem string) {
		switch {
		case status == http.StatusNoContent, status == http.StatusOK && (len(body) == 0 || isObjectWithoutError(body)):
			return none, ""
		default:
			return none, notSuccess
		}
	})
	return err
}
