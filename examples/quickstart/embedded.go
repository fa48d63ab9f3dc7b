package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// embedded runs the whole flow on a fake tenant, with a user who types one wrong code.
func embedded(ctx context.Context, out io.Writer) error {
	const address, password = "ada.lovelace@example.com", "correct horse battery staple"
	tenant := mfatest.NewTenant()
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: address, Password: password})
	client := tenant.Client()
	defer client.CloseIdleConnections()

	s := signIn{client: client, out: out, user: address, password: password, email: address}
	typed := 0
	s.code = func(context.Context) (string, error) {
		code, arrived := tenant.LastCode(address)
		if !arrived {
			return "", errors.New("no mail arrived")
		}
		s.say("mailbox: mail %d holds the code", len(tenant.Inbox(address)))
		if typed++; typed == 1 {
			s.say("user: types a wrong code")
			return wrong(code), nil
		}
		s.say("user: types the code")
		return code, nil
	}

	s.say("First login: nothing is enrolled")
	if err := s.run(ctx); err != nil {
		return err
	}
	s.say("")
	s.say("Second login: the address is enrolled")
	if err := s.run(ctx); err != nil {
		return err
	}
	s.say("")
	s.say("Third login: enrolling another address with an mfa_token")
	mfaToken, err := s.login(ctx)
	if err != nil {
		return err
	}
	_, err = client.Associate(ctx, mfa.AssociateRequest{Token: mfaToken, Email: "ada@example.org"})
	if !errors.Is(err, mfa.ErrAlreadyEnrolled) {
		return fmt.Errorf("enrolling twice: got %w, want ErrAlreadyEnrolled", err)
	}
	s.say("enroll: %v", explain(err))
	s.say("  -> %v", mfa.NextAction(err))
	return nil
}

// wrong returns another code of the same form.
func wrong(code string) string {
	if code[0] == '9' {
		return "0" + code[1:]
	}
	return string(code[0]+1) + code[1:]
}
