package mfa

import (
	"cmp"
	"context"
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/go-auth0-mfa/mfa/internal/input"
)

// The known values of ChallengeType and BindingMethod. Auth0 may add others.
//
// Auth0 docs: https://auth0.com/docs/api/authentication/multi-factor-authentication/request-mfa-challenge
const (
	ChallengeTypeOOB    = "oob"    // a code that was sent, or a push notification
	ChallengeTypeOTP    = "otp"    // a code of an authenticator app
	BindingMethodPrompt = "prompt" // ask the user for the code that was sent
)

// ChallengeRequest holds the parameters of [Client.Challenge].
type ChallengeRequest struct {
	// MFAToken is the token of the [*RequiredError]. Required. Auth0 refuses an access
	// token (JWT) with [ErrInvalidToken].
	MFAToken Secret
	// AuthenticatorID is an [Authenticator.ID]. If empty, Auth0 picks the user's default
	// factor. E-mail has to be named.
	AuthenticatorID string
	// ChallengeType is [ChallengeTypeOOB], [ChallengeTypeOTP], or both separated by a
	// space. If empty, it is ChallengeTypeOOB.
	ChallengeType string
}

// ChallengeResponse describes a challenge.
type ChallengeResponse struct {
	// ChallengeType is [ChallengeTypeOOB] or [ChallengeTypeOTP]. It is empty if Auth0
	// omits it.
	ChallengeType string
	// BindingMethod is [BindingMethodPrompt] if the user has to type the code that was
	// sent. It is empty for push and OTP, and if Auth0 omits it.
	BindingMethod string
	// OOBCode is the parameter of [Client.VerifyOOB] or [Client.PollPush]. It replaces
	// the one of an earlier challenge. It expires with the mfa_token, after 10 minutes;
	// the code that was sent expires after 5. It is zero for OTP.
	OOBCode Secret
}

// Challenge sends a code to an authenticator, or a notification for push. Call it again
// to send another code. The older code then stops working.
//
// Each call sends a message, except for OTP. So it is never repeated once it may have
// acted. Auth0 sends a user 20 e-mails, then one per minute. After
// [ErrOutcomeUnknown] the message may have been sent: have the user look into the inbox
// first.
//
// It returns [ErrInvalidToken], [ErrTokenExpired], [ErrNotEnrolled],
// [ErrUnsupportedChallenge], [ErrAuthenticatorNotFound], [ErrTooManyMessages],
// [ErrDeliveryFailed], [ErrInvalidClient] and, for a refused request,
// [ErrInvalidRequest].
//
// Auth0 docs: https://auth0.com/docs/api/authentication/multi-factor-authentication/request-mfa-challenge
func (c *Client) Challenge(ctx context.Context, req ChallengeRequest) (*ChallengeResponse, error) {
	call := c.newCall(OpChallenge, http.MethodPost, "/mfa/challenge")
	wire := challengeRequestWire{
		MFAToken:        call.token("MFAToken", req.MFAToken),
		ChallengeType:   cmp.Or(req.ChallengeType, ChallengeTypeOOB),
		AuthenticatorID: req.AuthenticatorID,
	}
	if req.AuthenticatorID != "" {
		call.value("AuthenticatorID", req.AuthenticatorID, input.AuthenticatorID)
	}
	call.refused.check("ChallengeType", input.ChallengeType(wire.ChallengeType))
	call.json(func(cr credentials) ([]byte, error) {
		wire.credentials = cr
		return json.Marshal(&wire)
	})
	return send(ctx, call, readChallenge)
}

// readChallenge reads the challenge from a response.
func readChallenge(status int, body []byte) (*ChallengeResponse, string) {
	var wire challengeResponseWire
	if problem := decodeSuccess(status, body, &wire); problem != "" {
		return nil, problem
	}
	switch {
	case !isAbsent(wire.Error.value):
		return nil, reportsError
	case wire.OOBCode.value == "" && wire.Type != ChallengeTypeOTP: // OTP sends nothing
		return nil, "has no oob_code"
	case wire.OOBCode.value != "" && input.Token(wire.OOBCode.value) != "":
		return nil, "has an unusable oob_code"
	}
	return &ChallengeResponse{
		ChallengeType: string(wire.Type),
		BindingMethod: string(wire.BindingMethod),
		OOBCode:       wire.OOBCode.secret(),
	}, ""
}

type challengeRequestWire struct {
	MFAToken        string `json:"mfa_token"`
	ChallengeType   string `json:"challenge_type"`
	AuthenticatorID string `json:"authenticator_id,omitzero"`
	credentials
}

type challengeResponseWire struct {
	Type          kind                 `json:"challenge_type"`
	BindingMethod label                `json:"binding_method"`
	OOBCode       secretWire           `json:"oob_code"`
	Error         once[jsontext.Value] `json:"error"`
}
