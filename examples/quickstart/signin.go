package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/go-auth0-mfa/mfa"
)

// signIn is one login with a second factor.
type signIn struct {
	client                *mfa.Client
	out                   io.Writer
	user, password, email string
	code                  func(context.Context) (string, error) // asks the user
}

// run logs in and prints each step.
func (s signIn) run(ctx context.Context) error {
	mfaToken, err := s.login(ctx)
	if err != nil || mfaToken.IsZero() {
		return err
	}
	oobCode, recoveryCodes, err := s.send(ctx, mfaToken)
	if err != nil {
		return err
	}
	for {
		code, err := s.code(ctx)
		if err != nil {
			return err
		}
		token, err := s.client.VerifyOOB(ctx, mfa.VerifyOOBRequest{
			MFAToken: mfaToken, OOBCode: oobCode, BindingCode: mfa.NewSecret(code),
		})
		if err == nil {
			s.say("verify: the code is right")
			s.say("  access token %v, type %s, for %v", token.AccessToken, token.TokenType, token.ExpiresIn)
			for _, code := range recoveryCodes {
				s.say("  recovery code %v, to be shown now and never again", code)
			}
			return nil
		}
		s.say("verify: %v", err)
		if mfa.NextAction(err) != mfa.ActionAskAgain {
			return err
		}
		s.say("  -> ask again, the challenge is still valid")
	}
}

// login sends the password. It returns the mfa_token, or none if the login is done.
func (s signIn) login(ctx context.Context) (mfa.Secret, error) {
	token, err := s.client.PasswordLogin(ctx, mfa.PasswordLoginRequest{
		Username: s.user, Password: mfa.NewSecret(s.password), Scopes: []string{"openid", "profile"},
	})
	var required *mfa.RequiredError
	switch {
	case err == nil:
		s.say("login: done without a second factor, access token %v", token.AccessToken)
		return mfa.Secret{}, nil
	case !errors.As(err, &required), required.MFAToken.IsZero():
		return mfa.Secret{}, explain(err)
	default:
		s.say("login: %v", err)
		s.say("  mfa_token %v", required.MFAToken)
		return required.MFAToken, nil
	}
}

// send sends a code to the active e-mail authenticator. If no factor is active, it enrolls
// the address, and Auth0 may return recovery codes.
func (s signIn) send(ctx context.Context, mfaToken mfa.Secret) (oobCode mfa.Secret, recoveryCodes []mfa.Secret, err error) {
	list, err := s.client.ListAuthenticators(ctx, mfa.ListAuthenticatorsRequest{Token: mfaToken})
	if err != nil {
		return mfa.Secret{}, nil, explain(err)
	}
	for _, a := range list {
		if !a.Active || a.Factor() != mfa.FactorEmail {
			continue
		}
		s.say("list: %s authenticator %s is active", a.Factor(), a.Name)
		challenge, err := s.client.Challenge(ctx, mfa.ChallengeRequest{MFAToken: mfaToken, AuthenticatorID: a.ID})
		if err != nil {
			return mfa.Secret{}, nil, explain(err)
		}
		s.say("challenge: a code is on its way, oob_code %v", challenge.OOBCode)
		return challenge.OOBCode, nil, nil
	}
	for _, a := range list {
		if a.Active { // who only knows the password must not get around it by enrolling another
			return mfa.Secret{}, nil, fmt.Errorf("the user has a factor that is not e-mail, %s: %w", a.Factor(), mfa.ErrAlreadyEnrolled)
		}
	}
	s.say("list: no active authenticator")
	enrollment, err := s.client.Associate(ctx, mfa.AssociateRequest{Token: mfaToken, Email: s.email})
	if err != nil {
		return mfa.Secret{}, nil, explain(err)
	}
	s.say("enroll: a code is on its way, oob_code %v", enrollment.OOBCode)
	return enrollment.OOBCode, enrollment.RecoveryCodes, nil
}

func (s signIn) say(format string, args ...any) {
	fmt.Fprintf(s.out, format+"\n", args...)
}

// explain adds what to check if a setting is the likely cause.
func explain(err error) error {
	var e *mfa.Error
	if errors.As(err, &e) && e.Hint() != "" {
		return fmt.Errorf("%w\nhint: %s", err, e.Hint())
	}
	return err
}
