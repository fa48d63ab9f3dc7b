package ui

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// maxKept is the length of the longest secret that a cookie keeps, sealed and with its
// attributes.
const maxKept = 2800

// keep keeps a secret of the session in a cookie, sealed, and reports whether it did. It
// keeps none that is too long.
func (p *Pages) keep(w http.ResponseWriter, r *http.Request, user User, name string, secret mfa.Secret, life time.Duration) bool {
	sealed := ""
	if text := secret.Reveal(); text != "" && len(text) <= maxKept {
		var err error
		if sealed, err = p.sealer.SealSecret(secret, user.bound(name)); err != nil {
			p.c.Log.ErrorContext(r.Context(), "not kept", "error", err)
		}
	}
	setCookie(w, r, name, sealed, life)
	return sealed != ""
}

// kept returns what was kept in this session, or zero.
func (p *Pages) kept(r *http.Request, user User, name string) mfa.Secret {
	cookie, err := r.Cookie(cookieName(r, name))
	if err != nil {
		return mfa.Secret{}
	}
	secret, err := p.sealer.OpenSecret(cookie.Value, user.bound(name))
	if err != nil {
		return mfa.Secret{} // of an earlier session
	}
	return secret
}

// bound is what a secret of the session is sealed for.
func (user User) bound(name string) []byte { return []byte(user.Binding + " " + name) }

// keepCodes adds recovery codes to those that the user has not stored yet, once: a double
// click gets the same ones twice.
func (p *Pages) keepCodes(w http.ResponseWriter, r *http.Request, user User, codes []mfa.Secret) {
	all := p.keptCodes(r, user)
	for _, code := range codes {
		if !slices.ContainsFunc(all, code.Equal) {
			all = append(all, code)
		}
	}
	if len(all) == 0 {
		return
	}
	texts := make([]string, len(all))
	for i, code := range all {
		texts[i] = code.Reveal()
	}
	list, _ := json.Marshal(texts) // cannot fail
	p.keep(w, r, user, cookieCodes, mfa.NewSecret(string(list)), browserLife)
}

// keptCodes returns the recovery codes that the user has not stored yet.
func (p *Pages) keptCodes(r *http.Request, user User) []mfa.Secret {
	list := p.kept(r, user, cookieCodes)
	if list.IsZero() {
		return nil
	}
	var texts []string
	_ = json.Unmarshal([]byte(list.Reveal()), &texts) // keepCodes wrote it
	codes := make([]mfa.Secret, len(texts))
	for i, text := range texts {
		codes[i] = mfa.NewSecret(text)
	}
	return codes
}

// keepAccessToken keeps the access token for the MFA audience until it ends, and reports
// whether it did.
func (p *Pages) keepAccessToken(w http.ResponseWriter, r *http.Request, user User, token mfa.Secret, life time.Duration) bool {
	until := p.c.Now().Add(life).Format(time.RFC3339Nano)
	return p.keep(w, r, user, cookieManage, mfa.NewSecret(until+" "+token.Reveal()), life)
}

// accessToken returns the access token for the MFA audience, or zero if there is none or it
// has ended.
func (p *Pages) accessToken(r *http.Request, user User) mfa.Secret {
	end, token, _ := strings.Cut(p.kept(r, user, cookieManage).Reveal(), " ")
	until, err := time.Parse(time.RFC3339Nano, end)
	if err != nil || !p.c.Now().Before(until) {
		return mfa.Secret{}
	}
	return mfa.NewSecret(token)
}
