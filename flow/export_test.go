package flow

import "github.com/go-auth0-mfa/mfa"

// Contents returns what a step holds, to be compared: a step itself keeps it
// behind a func, and no two funcs are equal.
func Contents(s *Step) any { return *s.data() }

// Identity returns what tells the seals of a login apart, and logins from each other.
func Identity(s *Step) (id string, calls int) { return s.data().id, s.data().calls }

// MFAToken returns the mfa_token that a step holds.
func MFAToken(s *Step) mfa.Secret { return s.data().mfaToken }
