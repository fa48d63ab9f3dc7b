// Package sessions keeps what lies between two forms of a login in a session of scs,
// which writes it with encoding/gob. gob refuses a Secret, so a Sealer seals it first.
package sessions

import (
	"context"

	"github.com/alexedwards/scs/v2"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

// Store keeps secrets in the sessions of scs.
type Store struct {
	sessions *scs.SessionManager
	sealer   *flow.Sealer
}

// New returns a Store.
func New(sessions *scs.SessionManager, sealer *flow.Sealer) *Store {
	return &Store{sessions: sessions, sealer: sealer}
}

// binding is what a secret is sealed for: this session and this name, so that no other
// session can use it and none can take the place of another.
func (s *Store) binding(ctx context.Context, name string) []byte {
	return []byte(s.sessions.GetString(ctx, "binding") + " " + name)
}

// Start ties the session to a random value. Call it at the password form, with a text
// such as crypto/rand.Text returns. The ID of a session of scs is no such value,
// because it changes when the user signs in.
func (s *Store) Start(ctx context.Context, binding string) {
	s.sessions.Put(ctx, "binding", binding)
}

// Put keeps a secret: an mfa_token until the code form, or a refresh token.
func (s *Store) Put(ctx context.Context, name string, secret mfa.Secret) error {
	sealed, err := s.sealer.SealSecret(secret, s.binding(ctx, name))
	if err != nil {
		return err
	}
	s.sessions.Put(ctx, name, sealed)
	return nil
}

// Get returns a secret. It returns [flow.ErrStepInvalid] if there is none: then the user
// logs in again.
func (s *Store) Get(ctx context.Context, name string) (mfa.Secret, error) {
	return s.sealer.OpenSecret(s.sessions.GetString(ctx, name), s.binding(ctx, name))
}
