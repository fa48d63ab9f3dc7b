package input

import (
	"crypto/sha256"
	"encoding/binary"
)

// Login is what a login that needs another factor was made with. The error of
// package mfa has it for package flow, where its method As finds it and no printer does.
type Login struct {
	Domain, ClientID string
	// Digest is a hash of what else the tokens depend on: the user, and what was asked
	// for. It can be guessed from a user's name, so it is not to be shown.
	Digest string
}

// NewLogin returns the Login with the parameters, which differ from those of any other
// login.
func NewLogin(domain, clientID string, parameters ...string) *Login {
	return &Login{domain, clientID, Digest(parameters...)}
}

// Digest hashes the parts. Each has its length in front, so that none can be taken for
// another.
func Digest(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write([]byte(part))
	}
	return string(h.Sum(nil))
}
