package flow

import (
	"slices"

	"github.com/go-auth0-mfa/mfa"
)

// Contents returns what a step holds, to be compared: a step itself keeps it
// behind a func, and no two funcs are equal.
func Contents(s *Step) any { return s.data().revealed() }

// revealed returns the contents with the secrets as text: those that were made
// apart are never equal.
func (d stepData) revealed() contents {
	c := contents{d, []string{
		d.mfaToken.Reveal(), d.address.Reveal(), d.oobCode.Reveal(), d.otpSecret.Reveal(), d.barcodeURI.Reveal(), d.typed.Reveal(),
	}}
	for _, code := range d.recoveryCodes {
		c.secrets = append(c.secrets, code.Reveal())
	}
	if t := d.token; t != nil {
		c.secrets = append(c.secrets, t.AccessToken.Reveal(), t.IDToken.Reveal(), t.RefreshToken.Reveal(), t.RecoveryCode.Reveal(),
			t.TokenType, t.Scope, t.ExpiresIn.String())
		c.token = nil
	}
	c.binding = mfa.Secret{} // a step that was not opened has none
	c.mfaToken, c.address, c.oobCode, c.otpSecret, c.barcodeURI, c.typed = mfa.Secret{}, mfa.Secret{}, mfa.Secret{}, mfa.Secret{}, mfa.Secret{}, mfa.Secret{}
	c.recoveryCodes = slices.Clone(d.recoveryCodes)
	clear(c.recoveryCodes)
	return c
}

type contents struct {
	stepData
	secrets []string
}

// Identity returns what tells the seals of a login apart, and logins from each other.
func Identity(s *Step) (id string, calls int) { return s.data().id, s.data().calls }

// MFAToken returns the mfa_token that a step holds.
func MFAToken(s *Step) mfa.Secret { return s.data().mfaToken }
