// Package oidc runs Go libraries that others wrote against a tenant of package
// mfatest. golang.org/x/oauth2 and github.com/zitadel/oidc make every grant and
// call of a login; github.com/coreos/go-oidc, github.com/zitadel/oidc and
// github.com/lestrrat-go/jwx verify its id tokens; and mfa.ParseError reads the
// errors of golang.org/x/oauth2.
package oidc
