// Package authjs runs the MFA client of @auth0/auth0-auth-js, Auth0's own
// library for JavaScript, against a tenant of package mfatest. What it takes
// and how it reads the responses does not depend on this repository.
package authjs
