package mfa

import (
	"cmp"
	"context"
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/go-auth0-mfa/mfa/internal/input"
)

// What [ChallengeRequest.ChallengeType], [ChallengeResponse.ChallengeType] and the
// BindingMethod of a response can be. Auth0 may add others.
//
// Auth0 docs: https://auth0.com/docs/api/authentication/multi-factor-authentication/request-mfa-challenge
const (
	ChallengeTypeOOB    = "oob"    // a code that was sent, or a push notification
	ChallengeTypeOTP    = "otp"    // a code of an authenticator app
	BindingMethodPrompt = "prompt" // ask the user for the code that was sent
)

// ChallengeRequest is what [Client.Challenge] challenges.
type ChallengeRequest struct {
	// MFAToken is the token of the [*RequiredError]. Required. An access token
	// (JWT) is refused by Auth0 with [ErrInvalidToken].
	MFAToken Secret
	// AuthenticatorID is an [Authenticator.ID]. "" lets Auth0 pick the user's
	// default factor; e-mail has to be named.
	AuthenticatorID string
	// ChallengeType is "oob", "otp" or both with a blank between; "": "oob".
	ChallengeType string
}

// ChallengeResponse is a challenge to answer.
type ChallengeResponse struct {
	// ChallengeType is "oob" or "otp"; "" when Auth0 leaves it out.
	ChallengeType string
	// BindingMethod is "prompt" when the user has to type the code that was
	// sent; "" for push and OTP, or when Auth0 leaves it out.
	BindingMethod string
	// OOBCode goes into [Client.VerifyOOB] or [Client.PollPush]. It replaces that
	// of an earlier challenge, and lives as long as the mfa_token, 10 minutes;
	// the code that was sent lives 5. Zero for OTP.
	OOBCode Secret
}

// Challenge has Auth0 send a code to an authenticator, or a notification for
// push. Call it again to send another; the older code is dead then.
//
// Each call but one for OTP sends a message, so it is never repeated once it may
// have. Auth0 sends a user 20 e-mails, then one per minute. After
// [ErrOutcomeUnknown] the mail may be out: have the user look before sending
// again.
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

// readChallenge takes the challenge out of a response.
func readChallenge(status int, body []byte) (*ChallengeResponse, string) {
	var wire challengeResponseWire
	if problem := decodeSuccess(status, body, &wire); problem != "" {
		return nil, problem
	}
	switch {
	case !isAbsent(wire.Error):
		return nil, reportsError
	case wire.OOBCode == "" && wire.Type != ChallengeTypeOTP: // which sends nothing
		return nil, "has no oob_code"
	case wire.OOBCode != "" && input.Token(wire.OOBCode) != "":
		return nil, "has an unusable oob_code"
	}
	return &ChallengeResponse{
		ChallengeType: string(wire.Type),
		BindingMethod: string(wire.BindingMethod),
		OOBCode:       secretAt(&wire.OOBCode),
	}, ""
}

type challengeRequestWire struct {
	MFAToken        string `json:"mfa_token"`
	ChallengeType   string `json:"challenge_type"`
	AuthenticatorID string `json:"authenticator_id,omitzero"`
	credentials
}

type challengeResponseWire struct {
	Type          label          `json:"challenge_type"`
	BindingMethod label          `json:"binding_method"`
	OOBCode       string         `json:"oob_code"`
	Error         jsontext.Value `json:"error"`
}
