package mfatest

import (
	"crypto/subtle"
	"net/http"
	"net/url"
	"time"
)

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// maxAssertion is the length that the service takes at most.
const maxAssertion = 2048

// authenticate finds out which application calls. The answer to two methods at
// once and to a missing client_id are not documented.
func (t *Tenant) authenticate(c call) (*application, *answer) {
	id, secret, basic := basicAuth(c.header)
	posted, assertion := c.params.text("client_secret"), c.params.text("client_assertion")
	methods := 0
	for _, used := range []bool{basic, posted != "", assertion != ""} {
		if used {
			methods++
		}
	}
	if methods > 1 {
		a := refuse(http.StatusBadRequest, "invalid_request", "Only one method of client authentication may be used")
		return nil, &a
	}
	switch named := c.params.text("client_id"); {
	case !basic:
		id, secret = named, posted
	case named != "" && named != id:
		return nil, unauthenticated("Client authentication failed")
	}
	if id == "" {
		return nil, missing("client_id")
	}
	app := t.settings.applications[id]
	switch {
	case app == nil:
		return nil, unauthenticated("Unknown client.")
	case assertion != "":
		if !app.signed || c.params.text("client_assertion_type") != assertionType || !t.verifyAssertion(app, assertion, c.now) {
			return nil, unauthenticated("Client authentication failed")
		}
	case app.signed || subtle.ConstantTimeCompare([]byte(app.secret), []byte(secret)) == 0 && app.secret != "":
		a := refuse(http.StatusUnauthorized, "access_denied", "Unauthorized")
		return nil, &a
	}
	return app, nil
}

func unauthenticated(text string) *answer {
	a := refuse(http.StatusUnauthorized, "invalid_client", text)
	return &a
}

// basicAuth returns id and secret of HTTP Basic, which OAuth escapes like a form.
func basicAuth(header http.Header) (id, secret string, ok bool) {
	id, secret, ok = (&http.Request{Header: header}).BasicAuth()
	if !ok {
		return "", "", false
	}
	id, errID := url.QueryUnescape(id)
	secret, errSecret := url.QueryUnescape(secret)
	return id, secret, errID == nil && errSecret == nil
}

// verifyAssertion checks a client_assertion.
func (t *Tenant) verifyAssertion(app *application, assertion string, now time.Time) bool {
	claims, ok := parseJWT(assertion, app.key)
	if !ok || len(assertion) > maxAssertion || claims.Issuer != app.id || claims.Subject != app.id {
		return false
	}
	dies := time.Unix(claims.Expiry, 0)
	return claims.Audience.has(t.origin+"/") && (now.Before(dies) || time.Now().Before(dies))
}
