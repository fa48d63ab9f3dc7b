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

// AssociateRequest is what [Client.Associate] enrols.
type AssociateRequest struct {
	// Token is the mfa_token, while the user has no active authenticator, or an
	// access token for [Client.MFAAudience] with [ScopeEnroll]. Required.
	Token Secret
	// Factor is what to enrol: [FactorEmail], the zero value, [FactorSMS],
	// [FactorVoice], [FactorPush] or [FactorOTP].
	Factor Factor
	// Email is the address to enrol, for FactorEmail only; "": the user's own.
	Email string
	// PhoneNumber is the number to enrol, in E.164 form such as "+4930901820".
	// Required for FactorSMS and FactorVoice, refused for others.
	PhoneNumber string
}

// AssociateResponse is a new authenticator, not yet active.
type AssociateResponse struct {
	// AuthenticatorType is "oob" or "otp"; "" when Auth0 leaves it out.
	AuthenticatorType string
	// OOBChannel is "email", "sms", "voice" or "auth0" (push); "" for OTP, or
	// when Auth0 leaves it out.
	OOBChannel string
	// BindingMethod is [BindingMethodPrompt] when the user has to type the code that was
	// sent; "" for push and OTP, or when Auth0 leaves it out.
	BindingMethod string
	// OOBCode goes into [Client.VerifyOOB] or [Client.PollPush]. It lives as long
	// as the token, 10 minutes, the code that was sent 5. Zero for OTP.
	OOBCode Secret
	// RecoveryCodes come with the user's first authenticator only, and only if
	// the tenant uses them. Show them once; there is no way to read them again.
	RecoveryCodes []Secret
	// OTPSecret is the key to type into an authenticator app; FactorOTP only.
	OTPSecret Secret
	// BarcodeURI is what the QR code to scan holds; FactorOTP, and FactorPush,
	// where it lives 5 minutes.
	BarcodeURI Secret
}

// Factor returns the factor that was enrolled, from the channel or the type that
// Auth0 sent. It is never empty: "unknown" if Auth0 sent neither.
func (r *AssociateResponse) Factor() Factor {
	return Authenticator{AuthenticatorType: r.AuthenticatorType, OOBChannel: r.OOBChannel}.Factor()
}

// maxRecoveryCodes bounds what an answer may hold.
const maxRecoveryCodes = 64

// Associate enrols an authenticator. For e-mail, SMS and voice it sends a code
// at once: confirm with [Client.VerifyOOB], and do not challenge, which would
// send another. For OTP confirm with [Client.VerifyOTP], for push with
// [Client.PollPush].
//
// Each call adds an unconfirmed authenticator to the user, who can have 51, so
// it is never repeated. After [ErrOutcomeUnknown] the mail may be out.
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

// readAssociation takes the new authenticator out of a response.
func readAssociation(status int, body []byte, factor Factor) (*AssociateResponse, string) {
	var wire associateResponseWire
	if problem := decodeSuccess(status, body, &wire); problem != "" {
		return nil, problem
	}
	// What the next step cannot do without.
	switch {
	case !isAbsent(wire.Error):
		return nil, reportsError
	case factor != FactorOTP && wire.OOBCode == "":
		return nil, "has no oob_code"
	case factor == FactorPush && wire.BarcodeURI == "":
		return nil, "has no barcode_uri"
	case factor == FactorOTP && wire.Secret == "":
		return nil, "has no secret"
	case wire.OOBCode != "" && input.Token(wire.OOBCode) != "":
		return nil, "has an unusable oob_code"
	case wire.Secret != "" && input.OpaqueToken(wire.Secret) != "":
		return nil, "has an unusable secret"
	case wire.BarcodeURI != "" && input.OpaqueToken(wire.BarcodeURI) != "":
		return nil, "has an unusable barcode_uri"
	}
	resp := &AssociateResponse{
		AuthenticatorType: string(wire.Type),
		OOBChannel:        string(cmp.Or(wire.Channel, wire.Channels)),
		BindingMethod:     string(wire.BindingMethod),
		OOBCode:           secretAt(&wire.OOBCode),
		OTPSecret:         secretAt(&wire.Secret),
		BarcodeURI:        secretAt(&wire.BarcodeURI),
	}
	for i := range wire.RecoveryCodes {
		resp.RecoveryCodes = append(resp.RecoveryCodes, secretAt(&wire.RecoveryCodes[i]))
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
	Type          label          `json:"authenticator_type"`
	Channel       label          `json:"oob_channel"`
	Channels      label          `json:"oob_channels"` // the older spelling
	BindingMethod label          `json:"binding_method"`
	OOBCode       string         `json:"oob_code"`
	RecoveryCodes recoveryCodes  `json:"recovery_codes"`
	Secret        string         `json:"secret"`
	BarcodeURI    string         `json:"barcode_uri"`
	Error         jsontext.Value `json:"error"`
}

// recoveryCodes is a list of codes that are shown once: one that cannot be read
// in full is an error, not an empty list.
type recoveryCodes []string

// UnmarshalJSONFrom reads the list.
func (c *recoveryCodes) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	var codes []string
	if err := json.UnmarshalDecode(dec, &codes); err != nil {
		return err
	}
	if codes == nil || len(codes) > maxRecoveryCodes || slices.ContainsFunc(codes, func(code string) bool { return input.Code(code) != "" }) {
		return errors.New("mfa: unusable recovery codes")
	}
	*c = codes
	return nil
}
