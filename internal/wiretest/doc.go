// Package wiretest holds what the tests of this repository share: a tenant on a
// mock transport, the one table of operations, the errors to match, the errors that
// Auth0 is known to send, and a Redis behind a proxy. Only tests import it.
package wiretest
