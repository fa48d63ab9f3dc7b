package mfa

import (
	"bytes"
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

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

// ListAuthenticatorsRequest holds the parameters of [Client.ListAuthenticators].
type ListAuthenticatorsRequest struct {
	// Token is the mfa_token, or an access token for [Client.MFAAudience] with
	// [ScopeReadAuthenticators]. Required.
	Token Secret
}

// Authenticator is one way in which a user can prove who they are.
// [Authenticator.Factor] tells its kind.
type Authenticator struct {
	// ID identifies it in a challenge and in a deletion: "email|dev_…".
	ID string
	// AuthenticatorType is "oob", "otp" or "recovery-code".
	AuthenticatorType string
	// OOBChannel is "email", "sms", "voice" or "auth0" (push). It is empty for other
	// types.
	OOBChannel string
	// Name is a masked address or number, or the name of a device. Show it to the user,
	// but do not compare it. It is empty if there is none.
	Name string
	// Active reports whether it is confirmed. Others cannot be challenged: hide them.
	Active bool
}

// Factor returns the factor of the authenticator. It is taken from the type, or else
// from the channel, or else from the prefix of the ID. If none of these is known, it is
// the type as Auth0 spelled it, or "unknown" without a type. It is never empty.
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

// maxAuthenticators bounds a list. Auth0's own limit is 51 for each user.
const maxAuthenticators = 256

// ListAuthenticators returns the user's authenticators, including the unconfirmed ones.
// If there are none, the list is empty, not nil. A verified e-mail address of the
// user's account is listed as an active authenticator.
//
// It changes nothing, so it is sent up to three times if the server or the connection
// fails. It returns [ErrInvalidToken] and, for a refused request, [ErrInvalidRequest].
//
// Auth0 docs: https://auth0.com/docs/api/authentication/multi-factor-authentication/list-authenticators
func (c *Client) ListAuthenticators(ctx context.Context, req ListAuthenticatorsRequest) ([]Authenticator, error) {
	call := c.newCall(OpListAuthenticators, http.MethodGet, "/mfa/authenticators")
	call.reads = true
	call.bearer(req.Token)
	return send(ctx, call, readAuthenticators)
}

// readAuthenticators reads the list from a response.
func readAuthenticators(status int, body []byte) ([]Authenticator, string) {
	if bytes.Count(body, []byte{'{'}) > 4*maxAuthenticators {
		return nil, notReadable // small entries would cost much memory
	}
	wire := make([]authenticatorWire, 0, 4) // most users have no more
	if problem := decodeSuccess(status, body, &wire); problem != "" {
		return nil, problem
	}
	if wire == nil || len(wire) > maxAuthenticators {
		return nil, notReadable
	}
	list := make([]Authenticator, len(wire))
	for i, w := range wire {
		switch {
		case !w.ID.set || w.ID.null: // an empty one is data
			return nil, "has an authenticator without an id"
		case strings.Contains(w.ID.value, "\ufffd"): // was no text
			return nil, "has an authenticator with an unusable id"
		}
		list[i] = Authenticator{
			ID:                w.ID.value,
			AuthenticatorType: string(w.Type),
			OOBChannel:        string(cmp.Or(w.Channel, w.Channels)),
			Name:              string(w.Name),
			Active:            w.Active,
		}
	}
	return list, ""
}

type authenticatorWire struct {
	ID       once[string] `json:"id"`
	Type     kind         `json:"authenticator_type"`
	Channel  kind         `json:"oob_channel"`
	Channels kind         `json:"oob_channels"` // the spelling of the reference page
	Name     label        `json:"name"`
	Active   bool         `json:"active"`
}

// DeleteAuthenticatorRequest holds the parameters of [Client.DeleteAuthenticator].
type DeleteAuthenticatorRequest struct {
	// Token is an access token for [Client.MFAAudience] with
	// [ScopeRemoveAuthenticators]. Auth0 refuses an mfa_token. Required.
	Token Secret
	// AuthenticatorID is an [Authenticator.ID]. Required.
	AuthenticatorID string
}

// DeleteAuthenticator deletes an authenticator of the user. Push and OTP of one app are
// deleted together, and so are SMS and voice of one number. The address of the user's
// account cannot be deleted.
//
// Calling again is safe: [ErrAuthenticatorNotFound] then means that the authenticator is
// gone. Auth0 documents only the status of that response, so any 404 with a JSON body
// means this. It returns [ErrInvalidToken] and, for a refused request,
// [ErrInvalidRequest].
//
// Auth0 docs: https://auth0.com/docs/api/authentication/multi-factor-authentication/delete-authenticator
func (c *Client) DeleteAuthenticator(ctx context.Context, req DeleteAuthenticatorRequest) error {
	call := c.newCall(OpDeleteAuthenticator, http.MethodDelete, "/mfa/authenticators/{id}")
	call.bearer(req.Token)
	id := call.value("AuthenticatorID", req.AuthenticatorID, input.AuthenticatorID)
	call.request.Path = "/mfa/authenticators/" + url.PathEscape(id)
	_, err := send(ctx, call, func(status int, body []byte) (none struct{}, problem string) {
		if status == http.StatusNoContent || status == http.StatusOK && isEmptyOrJSON(body) {
			return none, ""
		}
		return none, notSuccess
	})
	return err
}

// isEmptyOrJSON reports whether body is nothing, or any JSON that reports no error.
func isEmptyOrJSON(body []byte) bool {
	body = bytes.TrimSpace(body)
	if jsontext.Value(body).Kind() == '{' {
		return isObjectWithoutError(body)
	}
	return len(body) == 0 || jsontext.Value(body).IsValid()
}
