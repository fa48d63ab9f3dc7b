package mfatest

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// grant is what a login leads to: tokens for this application, user and API.
type grant struct {
	app      *application
	user     *account
	audience string
	scopes   []string
	nonce    string
	mfa      bool // the user proved a second factor
}

// session is what an mfa_token, or an access token for the MFA audience, stands for.
type session struct {
	grant
	token     string
	jwt       bool // an access token
	expires   time.Time
	passed    int // factors of a chain that this login has behind it
	exchanges bucket
}

// challenge is a code that was sent, or a push that waits for the user.
type challenge struct {
	oobCode     string
	session     *session
	device      *device
	expires     time.Time
	code        string // "" for a push
	codeExpires time.Time
	spent       bool
	decision    decision
	polled      time.Time
}

// decision is what a user did about a push.
type decision int

const (
	undecided decision = iota
	approved
	rejected
)

// openSession makes an mfa_token.
func (t *Tenant) openSession(now time.Time, g grant, passed int) *session {
	expires := now.Add(lifetimeToken)
	s := &session{grant: g, token: sealed(2000, expires), expires: expires, passed: passed}
	t.sessions[s.token] = s
	return s
}

// openChallenge makes an oob_code; for all but a push it sends a code too.
func (t *Tenant) openChallenge(now time.Time, s *session, d *device, purpose Purpose) *challenge {
	expires := now.Add(lifetimeToken)
	ch := &challenge{oobCode: sealed(600, expires), session: s, device: d, expires: expires, codeExpires: now.Add(lifetimeCode)}
	t.challenges[ch.oobCode] = ch
	d.newest = ch
	if d.kind().bindingMethod == "" {
		s.user.waiting = append(s.user.waiting, ch)
		return ch
	}
	ch.code = randomCode()
	t.messages = append(t.messages, Message{To: d.address, Code: ch.code, SentAt: now, Purpose: purpose})
	return ch
}

// bearer returns the session of the Authorization header: of an access token
// with the scope or, where the endpoint takes one, of an mfa_token. What the
// service answers to a token without the scope is not documented.
func (t *Tenant) bearer(c call, scope string, takesMFAToken bool) (*session, *answer) {
	scheme, token, _ := strings.Cut(c.header.Get("Authorization"), " ")
	s := t.sessions[token]
	if !strings.EqualFold(scheme, "Bearer") || s == nil || !c.now.Before(s.expires) || !s.jwt && !takesMFAToken {
		a := refuse(http.StatusUnauthorized, "invalid_grant", "The mfa_token provided is invalid. Try getting a new token.")
		return nil, &a
	}
	if s.jwt && !slices.Contains(s.scopes, scope) {
		a := refuse(http.StatusForbidden, "insufficient_scope", "Insufficient scope, expected any of: "+scope)
		return nil, &a
	}
	return s, nil
}

// bodySession returns the session of the parameter mfa_token. An access token
// is good only for confirming what was enrolled with it.
func (t *Tenant) bodySession(c call, takesJWT bool) (*session, *answer) {
	s := t.sessions[c.params.text("mfa_token")]
	var a answer
	switch {
	case s == nil || s.jwt && !takesJWT:
		a = malformed("mfa_token")
	case s.app != c.app:
		a = refuse(http.StatusBadRequest, "invalid_request", "mfa_token not issued to this client")
	case !c.now.Before(s.expires):
		a = expired("mfa_token")
	default:
		return s, nil
	}
	return nil, &a
}
