package mfa_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// codes has the methods of *mfa.Client that the code form calls, so that a fake
// needs no others. It is declared where it is used.
type codes interface {
	Challenge(ctx context.Context, req mfa.ChallengeRequest) (*mfa.ChallengeResponse, error)
	VerifyOOB(ctx context.Context, req mfa.VerifyOOBRequest) (*mfa.Token, error)
}

var _ codes = (*mfa.Client)(nil)

// codeForm accepts the code that was mailed.
type codeForm struct {
	codes             codes
	mfaToken, oobCode mfa.Secret
	authenticatorID   string
}

// submit returns what the page says.
func (f *codeForm) submit(ctx context.Context, typed string) string {
	_, err := f.codes.VerifyOOB(ctx, mfa.VerifyOOBRequest{
		MFAToken: f.mfaToken, OOBCode: f.oobCode, BindingCode: mfa.NewSecret(typed),
	})
	switch mfa.NextAction(err) {
	case mfa.ActionNone:
		return "Welcome."
	case mfa.ActionAskAgain:
		return "That is not right. Please check what you typed."
	case mfa.ActionResend:
		challenge, err := f.codes.Challenge(ctx, mfa.ChallengeRequest{MFAToken: f.mfaToken, AuthenticatorID: f.authenticatorID})
		if err != nil {
			return "Please sign in again."
		}
		f.oobCode = challenge.OOBCode
		return "That code is no longer good. We sent you a new one."
	case mfa.ActionWait:
		if e := (*mfa.Error)(nil); errors.As(err, &e) && e.RetryAfter > 0 {
			return fmt.Sprintf("Too many tries. Please come back in %v.", e.RetryAfter)
		}
		return "Too many tries. Please come back later."
	default:
		return "Please sign in again."
	}
}

// fakeCodes returns an error of its own for each code.
type fakeCodes struct {
	results map[string]error
	sent    int
}

func (f *fakeCodes) Challenge(context.Context, mfa.ChallengeRequest) (*mfa.ChallengeResponse, error) {
	f.sent++
	return &mfa.ChallengeResponse{ChallengeType: "oob", BindingMethod: "prompt", OOBCode: mfa.NewSecret("second")}, nil
}

func (f *fakeCodes) VerifyOOB(_ context.Context, req mfa.VerifyOOBRequest) (*mfa.Token, error) {
	if err := f.results[req.BindingCode.Reveal()]; err != nil {
		return nil, err
	}
	return &mfa.Token{AccessToken: mfa.NewSecret("eyJhbGciOi"), TokenType: "Bearer"}, nil
}

// A page that depends on two methods, tested with a fake. An *mfa.Error that is
// made by hand means the same as one off the wire.
func Example_fake() {
	fake := &fakeCodes{results: map[string]error{
		"111111": &mfa.Error{Op: "verify oob", StatusCode: 403, Code: "invalid_grant", Description: "Invalid binding_code."},
		"222222": &mfa.Error{Op: "verify oob", StatusCode: 403, Code: "expired_token", Description: "oob_code is expired"},
		"333333": &mfa.Error{Op: "verify oob", Delivery: mfa.DeliveryUnknown}, // the reply was lost
		"444444": &mfa.Error{Op: "verify oob", StatusCode: 429, Code: "too_many_attempts", RetryAfter: 6 * time.Minute},
		"555555": mfa.ErrTokenExpired, // a bare variable will do, too
	}}
	form := &codeForm{codes: fake, mfaToken: mfa.NewSecret("Fe26"), oobCode: mfa.NewSecret("first"), authenticatorID: "email|dev_1"}
	for _, typed := range []string{"111111", "222222", "333333", "444444", "555555", "666666"} {
		fmt.Println(form.submit(context.Background(), typed))
	}
	fmt.Println(fake.sent, "mails")
	// Output:
	// That is not right. Please check what you typed.
	// That code is no longer good. We sent you a new one.
	// That code is no longer good. We sent you a new one.
	// Too many tries. Please come back in 6m0s.
	// Please sign in again.
	// Welcome.
	// 2 mails
}
