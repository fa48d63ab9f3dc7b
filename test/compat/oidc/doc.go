// Package oidc runs github.com/coreos/go-oidc and golang.org/x/oauth2 against
// a tenant of package mfatest: the one verifies id tokens, the other logs in
// and leaves mfa_required to package mfa.
package oidc
