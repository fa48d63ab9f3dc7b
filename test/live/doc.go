// Package live checks what docs/facts.md says of Auth0 against a tenant: each
// fact that a client can observe is a [Check], with how sure it is and where it
// is from. Its tests run the checks against package mfatest, so that the fake
// tenant and the documentation say the same. The command in folder cmd runs them
// against a tenant of Auth0, and writes what it saw into the documentation.
//
// A run is careful with the tenant and its user. It says what it will do and
// asks. It sends at most [MaxMails] e-mails. It deletes only what it enrolled
// itself, also when it fails or is interrupted, and enrolls nothing that it
// could not delete again.
package live
