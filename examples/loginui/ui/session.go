package ui

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// The cookies.
const (
	cookieBrowser = "mfa-browser" // a random ID that the forms are bound to; one for all sign-ins, or else the forms of other tabs would be refused
	cookieLogin   = "mfa-login"   // a random ID of this login, which the step is bound to
	cookieStep    = "mfa-step"    // the sealed step
	cookieNotice  = "mfa-notice"
	cookieEmail   = "mfa-email"   // what was typed into the password form; the step is bound to it
	cookieRefresh = "mfa-refresh" // these three are sealed for the session
	cookieManage  = "mfa-manage"
	cookieCodes   = "mfa-codes"

	stepLife    = 15 * time.Minute
	browserLife = 24 * time.Hour // also of what belongs to a session, which the end of the session ends
)

type withoutTLS struct{}

// WithoutTLS lets a browser on this machine sign in over plain HTTP, as a developer does:
// for a loopback host [Secure] is false in next. Leave it out where users sign in.
func WithoutTLS(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), withoutTLS{}, true)))
	})
}

// Secure reports whether cookies travel over TLS only, with the prefix __Host- in their
// names. They do, also behind a proxy that ends TLS, but inside of [WithoutTLS]. An
// application that goes by it as well has cookies that fail safe.
func Secure(r *http.Request) bool {
	if r.Context().Value(withoutTLS{}) == nil || r.TLS != nil || !r.ProtoAtLeast(1, 1) { // no browser speaks HTTP/1.0, but proxies do
		return true
	}
	for _, name := range []string{"Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip"} {
		if r.Header[name] != nil {
			return true
		}
	}
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host // the usual port
	}
	return !isLoopback(host)
}

// cookieName adds a prefix that makes a browser refuse the cookie from another host and
// from plain HTTP.
func cookieName(r *http.Request, name string) string {
	if Secure(r) {
		return "__Host-" + name
	}
	return name
}

// setCookie sets a cookie that no script can read and no form of another site sends. An
// empty value deletes it. Strict instead of Lax would lose the step of a user who comes
// back through a link in a mail.
func setCookie(w http.ResponseWriter, r *http.Request, name, value string, life time.Duration) {
	name = cookieName(r, name)
	set := w.Header()
	set["Set-Cookie"] = slices.DeleteFunc(set["Set-Cookie"], func(line string) bool { return strings.HasPrefix(line, name+"=") })
	age := int(life / time.Second)
	if value == "" {
		age = -1
		if _, err := r.Cookie(name); err != nil {
			return // the browser has none
		}
	}
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: Secure(r), SameSite: http.SameSiteLaxMode,
	})
}

type browserKey struct{}

// withBrowser gives every browser an ID and checks that forms come from pages of that
// browser. http.CrossOriginProtection already refuses the forms of other sites. The
// token also catches a browser that lost its cookie.
func (p *Pages) withBrowser(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := ""
		if cookie, err := r.Cookie(cookieName(r, cookieBrowser)); err == nil && len(cookie.Value) == len(rand.Text()) {
			id = cookie.Value
		}
		if r.Method == http.MethodPost {
			err := r.ParseForm()
			if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
				p.fail(w, r, http.StatusRequestEntityTooLarge, "long.title", "long.text")
				return
			}
			if err != nil || id == "" || !hmac.Equal([]byte(r.PostFormValue("form")), []byte(p.formToken(id))) {
				p.fail(w, r, http.StatusForbidden, "form.title", "form.text")
				return
			}
		}
		if id == "" {
			id = rand.Text()
			setCookie(w, r, cookieBrowser, id, browserLife)
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), browserKey{}, id)))
	})
}

// browserID returns the ID of the browser, or "" if it has none.
func browserID(r *http.Request) string {
	id, _ := r.Context().Value(browserKey{}).(string)
	return id
}

// formToken returns the token that every form of the browser carries.
func (p *Pages) formToken(browserID string) string {
	mac := hmac.New(sha256.New, p.formKey)
	mac.Write([]byte(browserID))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && ip.IsLoopback()
}
