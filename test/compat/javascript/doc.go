// Package javascript runs libraries that others wrote for JavaScript against a
// tenant of package mfatest: Auth0's own, and two for OpenID Connect in general.
// What they take and how they read the responses does not depend on this
// repository.
package javascript
