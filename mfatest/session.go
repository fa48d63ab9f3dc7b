package mfatest

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// grant describes the tokens of a login: for this application, user and API.
type grant struct {
	app      *application
	user     *account
	audience string
	scopes   []string
	nonce    string
	mfa      bool // the user proved a second factor
}

// session is the login behind an mfa_token, or behind an access token for the
// MFA audience.
type session struct {
	grant
	token     string
	jwt       bool // an access token
	expires   time.Time
	verified  int // factors of a chain that were verified before
	exchanges bucket
}

// challenge is a code that was sent, or a push notification.
type challenge struct {
	oobCode     string
	session     *session
	device      *device
	expires     time.Time
	code        string // "" for a push notification
	codeExpires time.Time
	spent       bool
	decision    decision
	polled      time.Time
}

// decision is how a user answered a push notification.
type decision int

const (
	undecided decision = iota
	approved
	rejected
)

// openSession issues an mfa_token.
func (t *Tenant) openSession(now time.Time, g grant, verified int) *session {
	t.sweep(now)
	expires := now.Add(t.config.lifetime)
	s := &session{grant: g, token: opaqueToken(2000, expires), expires: expires, verified: verified}
	t.sessions[s.token] = s
	return s
}

// forgotten is how long after its expiry a token is refused as an unknown one.
const forgotten = 24 * time.Hour

// sweep forgets what expired long ago, whenever there is twice as much as after
// the last time.
func (t *Tenant) sweep(now time.Time) {
	if len(t.sessions)+len(t.challenges) < t.sweepAt {
		return
	}
	maps.DeleteFunc(t.sessions, func(_ string, s *session) bool { return now.After(s.expires.Add(forgotten)) })
	maps.DeleteFunc(t.challenges, func(_ string, ch *challenge) bool { return now.After(ch.expires.Add(forgotten)) })
	t.sweepAt = max(1000, 2*(len(t.sessions)+len(t.challenges)))
}

// openChallenge issues an oob_code. Unless the factor is push, it sends a code
// too.
func (t *Tenant) openChallenge(now time.Time, s *session, d *device, purpose Purpose) *challenge {
	expires := now.Add(t.config.lifetime)
	ch := &challenge{oobCode: opaqueToken(600, expires), session: s, device: d, expires: expires, codeExpires: now.Add(lifetimeCode)}
	t.challenges[ch.oobCode] = ch
	d.newest = ch
	if d.kind().bindingMethod == "" {
		s.user.pushed = slices.DeleteFunc(s.user.pushed, func(old *challenge) bool { return !now.Before(old.expires) })
		s.user.pushed = append(s.user.pushed, ch)
		return ch
	}
	ch.code = randomCode()
	t.send(Message{To: d.address, Code: ch.code, SentAt: now, Purpose: purpose})
	return ch
}

// bearer returns the session of the Authorization header. It accepts an access
// token with the scope and, where the endpoint does, an mfa_token. How Auth0
// refuses a token without the scope is not documented.
func (t *Tenant) bearer(c call, scope string, acceptMFAToken bool) (*session, error) {
	scheme, token, _ := strings.Cut(c.header.Get("Authorization"), " ")
	s := t.sessions[token]
	if !strings.EqualFold(scheme, "Bearer") || s == nil || !c.now.Before(s.expires) || !s.jwt && !acceptMFAToken {
		return nil, refuse(http.StatusUnauthorized, "invalid_grant", "The mfa_token provided is invalid. Try getting a new token.")
	}
	if s.jwt && !slices.Contains(s.scopes, scope) {
		return nil, refuse(http.StatusForbidden, "insufficient_scope", "Insufficient scope, expected any of: "+scope)
	}
	return s, nil
}

// bodySession returns the session of the parameter mfa_token. An access token is
// accepted only to confirm what was enrolled with it.
func (t *Tenant) bodySession(c call, acceptJWT bool) (*session, error) {
	s := t.sessions[c.params.text("mfa_token")]
	switch {
	case s == nil || s.jwt && !acceptJWT:
		return nil, malformed("mfa_token")
	case s.app != c.app:
		return nil, refuse(http.StatusBadRequest, "invalid_request", "mfa_token not issued to this client")
	case !c.now.Before(s.expires):
		return nil, expired("mfa_token")
	}
	return s, nil
}

// assertionType is the only client_assertion_type.
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// maxAssertion is the longest assertion that Auth0 accepts.
const maxAssertion = 2048

// authenticate returns the application that calls. How Auth0 refuses two methods
// at once and a missing client_id is not documented.
func (t *Tenant) authenticate(c call) (*application, error) {
	id, secret, basic := basicAuth(c.header)
	posted, assertion := c.params.text("client_secret"), c.params.text("client_assertion")
	methods := 0
	for _, used := range []bool{basic, posted != "", assertion != ""} {
		if used {
			methods++
		}
	}
	if methods > 1 {
		return nil, refuse(http.StatusBadRequest, "invalid_request", "Only one method of client authentication may be used")
	}
	switch named := c.params.text("client_id"); {
	case !basic:
		id, secret = named, posted
	case named != "" && named != id:
		return nil, invalidClient("Client authentication failed")
	}
	if id == "" {
		return nil, missing("client_id")
	}
	app := t.config.applications[id]
	switch {
	case app == nil:
		return nil, invalidClient("Unknown client.")
	case assertion != "":
		if !app.signed || c.params.text("client_assertion_type") != assertionType || !t.verifyAssertion(app, assertion, c.now) {
			return nil, invalidClient("Client authentication failed")
		}
	case app.signed || app.secret != "" && !equal(app.secret, secret) ||
		app.method == methodBasic && !basic || app.method == methodPost && basic:
		return nil, refuse(http.StatusUnauthorized, "access_denied", "Unauthorized")
	}
	return app, nil
}

func invalidClient(description string) error {
	return refuse(http.StatusUnauthorized, "invalid_client", description)
}

// basicAuth returns ID and secret of HTTP Basic, which OAuth escapes like a form.
func basicAuth(header http.Header) (id, secret string, ok bool) {
	id, secret, ok = (&http.Request{Header: header}).BasicAuth()
	if !ok {
		return "", "", false
	}
	id, errID := url.QueryUnescape(id)
	secret, errSecret := url.QueryUnescape(secret)
	return id, secret, errID == nil && errSecret == nil
}

// verifyAssertion reports whether a client_assertion is valid.
func (t *Tenant) verifyAssertion(app *application, assertion string, now time.Time) bool {
	claims, ok := parseJWT(assertion, app.key)
	if !ok || len(assertion) > maxAssertion || claims.Issuer != app.id || claims.Subject != app.id {
		return false
	}
	expires := time.Unix(claims.Expiry, 0)
	return claims.Audience.has(t.origin+"/") && (now.Before(expires) || time.Now().Before(expires))
}

// Alphabets of identifiers and codes.
const (
	alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	recoveryText = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
)

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: it ends the program instead
	return b
}

func randomHex(n int) string { return hex.EncodeToString(randomBytes(n)) }

// randomText returns n characters of the alphabet.
func randomText(alphabet string, n int) string {
	b := randomBytes(n)
	for i, c := range b {
		b[i] = alphabet[int(c)%len(alphabet)]
	}
	return string(b)
}

// randomCode returns 6 digits, with leading zeros.
func randomCode() string {
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(randomBytes(8))%1_000_000)
}

// opaqueToken returns a token that looks like one of Auth0's: eight parts
// separated by asterisks, of which the fifth is the sealed content and the sixth
// the expiry in Unix milliseconds.
func opaqueToken(length int, expires time.Time) string {
	parts := []string{
		"Fe26.2", "", randomHex(32), base64.RawURLEncoding.EncodeToString(randomBytes(16)), "",
		strconv.FormatInt(expires.UnixMilli(), 10), randomHex(32), base64.RawURLEncoding.EncodeToString(randomBytes(32)),
	}
	rest := length - len(strings.Join(parts, "*"))
	parts[4] = base64.RawURLEncoding.EncodeToString(randomBytes(rest))[:rest]
	return strings.Join(parts, "*")
}

// equal compares two secrets in constant time.
func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
