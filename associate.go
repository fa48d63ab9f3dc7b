package mfa

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/go-auth0-mfa/mfa/internal/input"
)

// AssociateRequest holds the parameters of [Client.Associate].
type AssociateRequest struct {
	// Token is the mfa_token if the user has no active authenticator. Otherwise it is an
	// access token for [Client.MFAAudience] with [ScopeEnroll]. Required.
	Token Secret
	// Factor is the factor to enroll: [FactorEmail], [FactorSMS], [FactorVoice],
	// [FactorPush] or [FactorOTP]. If empty, it is FactorEmail.
	Factor Factor
	// Email is the address to enroll, for FactorEmail only. If empty, Auth0 enrolls the
	// address of the user's account.
	Email string
	// PhoneNumber is the number to enroll, in E.164 form such as "+4930901820".
	// Required for FactorSMS and FactorVoice, refused for other factors.
	PhoneNumber string
}

// AssociateResponse describes a new authenticator. It is not active until it is
// confirmed.
type AssociateResponse struct {
	// AuthenticatorType is "oob" or "otp". It is empty if Auth0 omits it.
	AuthenticatorType string
	// OOBChannel is "email", "sms", "voice" or "auth0" (push). It is empty for OTP, and
	// if Auth0 omits it.
	OOBChannel string
	// BindingMethod is [BindingMethodPrompt] if the user has to type the code that was
	// sent. It is empty for push and OTP, and if Auth0 omits it.
	BindingMethod string
	// OOBCode is the parameter of [Client.VerifyOOB] or [Client.PollPush]. It expires
	// with the token, after 10 minutes; the code that was sent expires after 5. It is
	// zero for OTP.
	OOBCode Secret
	// RecoveryCodes come only with the user's first authenticator, and only if the
	// tenant uses them. Show them once: there is no way to read them again.
	RecoveryCodes []Secret
	// OTPSecret is the key to type into an authenticator app. It is zero for other
	// factors than FactorOTP.
	OTPSecret Secret
	// BarcodeURI is the content of the QR code to scan, for FactorOTP and FactorPush. For
	// push it expires after 5 minutes.
	BarcodeURI Secret
}

// Factor returns the factor that was enrolled, from the channel or the type that
// Auth0 sent. It is never empty: "unknown" if Auth0 sent neither.
func (r *AssociateResponse) Factor() Factor {
	return Authenticator{AuthenticatorType: r.AuthenticatorType, OOBChannel: r.OOBChannel}.Factor()
}

// maxRecoveryCodes bounds the recovery codes of one response.
const maxRecoveryCodes = 64

// Associate enrolls an authenticator. For e-mail, SMS and voice it sends a code at
// once. Confirm with [Client.VerifyOOB], and do not challenge, which would send another
// code. Confirm OTP with [Client.VerifyOTP] and push with [Client.PollPush].
//
// Each call adds an unconfirmed authenticator to the user, who can have 51. So it is
// never repeated once it may have acted. After [ErrOutcomeUnknown] the message may have
// been sent.
//
// It returns [ErrAlreadyEnrolled], [ErrInvalidToken], [ErrTooManyMessages],
// [ErrDeliveryFailed], [ErrInvalidClient] and, for a refused request,
// [ErrInvalidRequest].
//
// Auth0 docs: https://auth0.com/docs/secure/multi-factor-authentication/authenticate-using-ropg-flow-with-mfa/enroll-and-challenge-email-authenticators
func (c *Client) Associate(ctx context.Context, req AssociateRequest) (*AssociateResponse, error) {
	call := c.newCall(OpAssociate, http.MethodPost, "/mfa/associate")
	call.bearer(req.Token)
	factor := cmp.Or(req.Factor, FactorEmail)
	wire := associateRequestWire{Types: [1]string{"oob"}, Email: req.Email, PhoneNumber: req.PhoneNumber}
	switch factor {
	case FactorEmail, FactorSMS, FactorVoice:
		wire.Channels[0] = string(factor)
	case FactorPush:
		wire.Channels[0] = "auth0"
	case FactorOTP:
		wire.Types[0] = "otp"
	default:
		call.refused.add("Factor", "cannot be enrolled")
	}
	switch {
	case factor == FactorSMS || factor == FactorVoice:
		call.value("PhoneNumber", req.PhoneNumber, input.PhoneNumber)
	case req.PhoneNumber != "":
		call.refused.add("PhoneNumber", "does not go with the factor")
	}
	switch {
	case req.Email == "":
	case factor == FactorEmail:
		call.value("Email", req.Email, input.Email)
	default:
		call.refused.add("Email", "does not go with the factor")
	}
	call.json(func(cr credentials) ([]byte, error) {
		wire.credentials = cr
		return json.Marshal(&wire)
	})
	return send(ctx, call, func(status int, body []byte) (*AssociateResponse, string) {
		return readAssociation(status, body, factor)
	})
}

// readAssociation reads the new authenticator from a response.
func readAssociation(status int, body []byte, factor Factor) (*AssociateResponse, string) {
	var wire associateResponseWire
	if problem := decodeSuccess(status, body, &wire); problem != "" {
		return nil, problem
	}
	// The next step needs these.
	switch {
	case !isAbsent(wire.Error.value):
		return nil, reportsError
	case factor != FactorOTP && wire.OOBCode.value == "":
		return nil, "has no oob_code"
	case factor == FactorPush && wire.BarcodeURI.value == "":
		return nil, "has no barcode_uri"
	case factor == FactorOTP && wire.Secret.value == "":
		return nil, "has no secret"
	case wire.OOBCode.value != "" && input.Token(wire.OOBCode.value) != "":
		return nil, "has an unusable oob_code"
	case wire.Secret.value != "" && input.OpaqueToken(wire.Secret.value) != "":
		return nil, "has an unusable secret"
	case wire.BarcodeURI.value != "" && input.OpaqueToken(wire.BarcodeURI.value) != "":
		return nil, "has an unusable barcode_uri"
	}
	resp := &AssociateResponse{
		AuthenticatorType: string(wire.Type),
		OOBChannel:        string(cmp.Or(wire.Channel, wire.Channels)),
		BindingMethod:     string(wire.BindingMethod),
		OOBCode:           wire.OOBCode.secret(),
		OTPSecret:         wire.Secret.secret(),
		BarcodeURI:        wire.BarcodeURI.secret(),
	}
	for _, code := range wire.RecoveryCodes.value {
		resp.RecoveryCodes = append(resp.RecoveryCodes, NewSecret(code))
	}
	return resp, ""
}

type associateRequestWire struct {
	Types       [1]string `json:"authenticator_types"`
	Channels    [1]string `json:"oob_channels,omitzero"`
	Email       string    `json:"email,omitzero"`
	PhoneNumber string    `json:"phone_number,omitzero"`
	credentials
}

type associateResponseWire struct {
	Type          kind                 `json:"authenticator_type"`
	Channel       kind                 `json:"oob_channel"`
	Channels      kind                 `json:"oob_channels"` // the older spelling
	BindingMethod label                `json:"binding_method"`
	OOBCode       secretWire           `json:"oob_code"`
	RecoveryCodes once[recoveryCodes]  `json:"recovery_codes"`
	Secret        secretWire           `json:"secret"`
	BarcodeURI    secretWire           `json:"barcode_uri"`
	Error         once[jsontext.Value] `json:"error"`
}

// recoveryCodes is a list of codes that are shown once: one that cannot be read in
// full is an error, not an empty list. null means that there are none.
type recoveryCodes []string

// UnmarshalJSONFrom reads the list.
func (c *recoveryCodes) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	var codes []string
	if err := json.UnmarshalDecode(dec, &codes); err != nil {
		return err
	}
	if len(codes) > maxRecoveryCodes || slices.ContainsFunc(codes, func(code string) bool { return input.Code(code) != "" }) {
		return errors.New("mfa: unusable recovery codes")
	}
	*c = codes
	return nil
}
