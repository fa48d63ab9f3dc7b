package mfatest_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

const tooManyCodes = "Too many failed codes. Wait for some minutes before retrying."

func TestTenant_wrongCodes(t *testing.T) {
	t.Parallel()
	user := with("user@example.com", mfa.FactorEmail, mfa.FactorOTP)
	inBubble(t, []mfatest.User{user}, func(t *testing.T, a api) {
		challenge := func() (token, oob, code string) {
			token = a.mfaToken(user.Email)
			return token, a.challenge(token, "oob", a.id(user.Email, "email")).text("oob_code"), a.lastCode(user.Email)
		}
		token, oob, code := challenge()
		for range 9 {
			wantError(t, a.verify(token, oob, otherCode(code)), 403, "invalid_grant", "Invalid binding_code.")
		}
		wantError(t, a.verifyOTP(token, otherCode(a.tenant.OTP(user.Email))), 403, "invalid_grant", "Invalid otp_code.")
		wantError(t, a.verify(token, oob, otherCode(code)), 400, "invalid_request", tooManyCodes)
		wantError(t, a.verify(token, oob, code), 400, "invalid_request", tooManyCodes)
		wantError(t, a.verifyOTP(token, a.tenant.OTP(user.Email)), 400, "invalid_request", tooManyCodes)

		time.Sleep(6*time.Minute - 1)
		token, oob, code = challenge()
		wantError(t, a.verify(token, oob, code), 400, "invalid_request", tooManyCodes)
		time.Sleep(time.Nanosecond)
		wantTokens(t, a.verify(token, oob, code)) // a correct code does not count
		token, oob, code = challenge()
		wantError(t, a.verify(token, oob, otherCode(code)), 403, "invalid_grant", "Invalid binding_code.")
		wantError(t, a.verify(token, oob, code), 400, "invalid_request", tooManyCodes)

		time.Sleep(time.Hour) // all ten are back, and no more than ten
		token = a.mfaToken(user.Email)
		for range 10 {
			wantError(t, a.verifyOTP(token, otherCode(a.tenant.OTP(user.Email))), 403, "invalid_grant", "Invalid otp_code.")
		}
		wantError(t, a.verifyOTP(token, a.tenant.OTP(user.Email)), 400, "invalid_request", tooManyCodes)
	})
}

func TestTenant_wrongRecoveryCodes(t *testing.T) {
	t.Parallel()
	user := with("user@example.com", mfa.FactorOTP)
	user.RecoveryCode = true
	inBubble(t, []mfatest.User{user}, func(t *testing.T, a api) {
		token := a.mfaToken(user.Email)
		for range 10 {
			wantError(t, a.verifyRecovery(token, "WRONG"), 403, "invalid_grant", "MFA Authorization rejected.")
		}
		code := a.recoveryCode(user.Email)
		wantError(t, a.verifyRecovery(token, code), 400, "invalid_request", tooManyCodes)
		wantTokens(t, a.verifyOTP(token, a.tenant.OTP(user.Email))) // other codes have their own ten
		time.Sleep(6 * time.Minute)
		wantTokens(t, a.verifyRecovery(token, code))
	})
}

func TestTenant_messages(t *testing.T) {
	t.Parallel()
	user := with("user@example.com", mfa.FactorEmail, mfa.FactorSMS, mfa.FactorVoice, mfa.FactorPush)
	for name, c := range map[string]struct {
		prefixes []string
		burst    int
		every    time.Duration
		what     string
	}{
		"e-mail":         {[]string{"email"}, 20, time.Minute, "emails"},
		"texts and call": {[]string{"sms", "voice"}, 10, time.Hour, "SMS"},
		"push":           {[]string{"push"}, 5, 12 * time.Second, "push notifications"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, []mfatest.User{user}, func(t *testing.T, a api) {
				send := func(i int) response {
					return a.challenge(a.tenant.MFAToken(user.Email).Reveal(), "oob", a.id(user.Email, c.prefixes[i%len(c.prefixes)]))
				}
				for i := range c.burst {
					require.Equal(t, 200, send(i).Status, i)
				}
				text := "Too many " + c.what + " sent by the user. Wait for some minutes before retrying."
				wantError(t, send(0), 400, "invalid_request", text)
				time.Sleep(c.every - 1)
				wantError(t, send(0), 400, "invalid_request", text)
				time.Sleep(time.Nanosecond)
				assert.Equal(t, 200, send(0).Status)
				wantError(t, send(0), 400, "invalid_request", text)
			})
		})
	}
}

func TestTenant_mailsOfEnrollmentsCount(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)
	token := a.tenant.MFAToken(ada).Reveal()
	for range 20 {
		require.Equal(t, 200, a.associateEmail(token, ada).Status)
	}
	wantError(t, a.associateEmail(token, ada), 400, "invalid_request", "Too many emails sent by the user. Wait for some minutes before retrying.")
	assert.Len(t, a.tenant.Inbox(ada), 20)
	assert.Len(t, a.list(token), 21) // with the recovery code, without the one refused
}

// A QR code is not sent, so it is never one too many. It counts all the same.
func TestTenant_pushEnrollmentsAreNotRefused(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)
	token := a.tenant.MFAToken(ada).Reveal()
	var last string
	for range 6 {
		r := a.associate(token, `{"authenticator_types":["oob"],"oob_channels":["auth0"]}`)
		require.Equal(t, 200, r.Status, r.Body)
		last = r.text("oob_code")
	}
	a.tenant.ApprovePush(ada)
	wantTokens(t, a.poll(token, last))
	wantError(t, a.challenge(token, "oob", ""), 400, "invalid_request", "Too many push notifications sent by the user. Wait for some minutes before retrying.")
}

func TestTenant_authenticators51(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)
	token := a.tenant.MFAToken(ada).Reveal()
	for range 50 {
		require.Equal(t, 200, a.associate(token, `{"authenticator_types":["otp"]}`).Status)
	}
	wantError(t, a.associate(token, `{"authenticator_types":["otp"]}`), 400, "invalid_request", "The user has reached the maximum number of authenticators")
	assert.Len(t, a.list(token), 51)
}

func TestTenant_noRecoveryCodeBeyond51(t *testing.T) {
	t.Parallel()
	user := mfatest.User{Email: "many@example.com", Authenticators: make([]mfatest.Authenticator, 50)}
	for i := range user.Authenticators {
		user.Authenticators[i].Factor = mfa.FactorOTP
	}
	a := newAPI(t, []mfatest.User{user})
	token := a.tenant.MFAToken(user.Email).Reveal()
	r := a.associate(token, `{"authenticator_types":["otp"]}`)
	assert.Equal(t, 200, r.Status, r.Body)
	assert.NotContains(t, r.Fields, "recovery_codes")
	assert.Len(t, a.list(token), 51)
}

func TestTenant_exchanges(t *testing.T) {
	t.Parallel()
	start := time.Unix(1_800_000_000, 0)
	user := with("push@example.com", mfa.FactorPush)
	a := newAPI(t, []mfatest.User{user}, mfatest.WithClock(func() time.Time { return start }))
	token := a.mfaToken(user.Email)
	for i := range 12 {
		r := a.verify(token, "x", "000000")
		wantError(t, r, 403, "invalid_grant", "Malformed oob_code")
		assert.Equal(t, "12", r.Header.Get("X-RateLimit-Limit"))
		assert.Equal(t, strconv.Itoa(11-i), r.Header.Get("X-RateLimit-Remaining"))
		assert.Equal(t, strconv.FormatInt(start.Unix()+int64(i+1)*5, 10), r.Header.Get("X-RateLimit-Reset"))
		assert.Empty(t, r.Header.Get("Retry-After"))
	}
	const text = "Too many requests. Check the X-RateLimit-* headers."
	r := a.verify(token, "x", "000000")
	wantError(t, r, 429, "too_many_requests", text)
	assert.Equal(t, "5", r.Header.Get("Retry-After"))
	assert.Equal(t, "0", r.Header.Get("X-RateLimit-Remaining"))
	assert.Equal(t, strconv.FormatInt(start.Unix()+60, 10), r.Header.Get("X-RateLimit-Reset"))

	a.tenant.Advance(4100 * time.Millisecond)
	r = a.verify(token, "x", "000000")
	wantError(t, r, 429, "too_many_requests", text)
	assert.Equal(t, "1", r.Header.Get("Retry-After"))
	wantError(t, a.verify(a.mfaToken(user.Email), "x", "000000"), 403, "invalid_grant", "Malformed oob_code") // another session

	a.tenant.Advance(900 * time.Millisecond)
	oob := a.challenge(token, "oob", "").text("oob_code")
	a.tenant.ApprovePush(user.Email)
	r = a.poll(token, oob)
	wantTokens(t, r)
	assert.Equal(t, "0", r.Header.Get("X-RateLimit-Remaining"))
	a.tenant.Advance(2 * time.Minute)
	assert.Equal(t, "11", a.verify(token, "x", "000000").Header.Get("X-RateLimit-Remaining"))
}

func TestTenant_rateLimit(t *testing.T) {
	t.Parallel()
	start := time.Unix(1_800_000_000, 0)
	a := newAPI(t, nil, mfatest.WithRateLimit(3, time.Minute), mfatest.WithClock(func() time.Time { return start }))
	r := a.login(ada)
	assert.Equal(t, []string{"3", "2", strconv.FormatInt(start.Unix()+20, 10)}, []string{
		r.Header.Get("X-RateLimit-Limit"), r.Header.Get("X-RateLimit-Remaining"), r.Header.Get("X-RateLimit-Reset"),
	})
	assert.Equal(t, "12", a.verify(r.text("mfa_token"), "x", "000000").Header.Get("X-RateLimit-Limit"))
	assert.Equal(t, "0", a.do("GET", "/nowhere", "", "", "").Header.Get("X-RateLimit-Remaining"))
	r = a.login(ada)
	wantError(t, r, 429, "too_many_requests", "Too many requests. Check the X-RateLimit-* headers.")
	assert.Equal(t, "20", r.Header.Get("Retry-After"))
	a.tenant.Advance(20 * time.Second)
	a.mfaToken(ada)
}

func TestWithBruteForceProtection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAPI(t, nil, mfatest.WithBruteForceProtection(3), mfatest.WithApplication("public", ""), mfatest.WithMemoryNetwork(), mfatest.WithClock(time.Now))
		login := func(email, from, word string, pairs ...string) response {
			t.Helper()
			form := url.Values{"grant_type": {"password"}, "username": {email}, "password": {word}, "client_id": {a.tenant.ClientID}, "client_secret": {a.tenant.ClientSecret}}
			for i := 0; i < len(pairs); i += 2 {
				form.Set(pairs[i], pairs[i+1])
			}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.tenant.URL+"/oauth/token", strings.NewReader(form.Encode()))
			require.NoError(t, err)
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if from != "" {
				req.Header.Set("auth0-forwarded-for", from)
			}
			return a.send(req)
		}
		wrong := func(r response) { t.Helper(); wantError(t, r, 403, "invalid_grant", "Wrong email or password.") }
		right := func(r response) {
			t.Helper()
			wantError(t, r, 403, "mfa_required", "Multifactor authentication required")
		}
		blocked := func(r response) {
			t.Helper()
			wantError(t, r, 429, "too_many_attempts", "Your account has been blocked after multiple consecutive login attempts. We've sent you an email with instructions on how to unblock it.")
		}
		wrong(login(ada, "192.0.2.1", "x"))
		wrong(login(ada, "192.0.2.1", "x"))
		right(login(ada, "192.0.2.1", password)) // starts over
		for range 3 {
			wrong(login(ada, "192.0.2.1", "x"))
		}
		blocked(login(ada, "192.0.2.1", "x"))
		blocked(login(ada, "::ffff:192.0.2.1", password)) // the same address
		right(login(ada, "192.0.2.2", password))
		right(login(bob, "192.0.2.1", password))
		right(login(ada, "", password)) // from the address of the page

		// Without the header, all end users of the page are one. So they are for a
		// public application, whose header anybody could have sent.
		wrong(login(bob, "", "x"))
		wrong(login(bob, "no address", "x"))
		wrong(login(bob, "192.0.2.3", "x", "client_id", "public", "client_secret", ""))
		blocked(login(bob, "", password))
		right(login(bob, "192.0.2.3", password))

		time.Sleep(30*24*time.Hour - 1)
		blocked(login(ada, "192.0.2.1", password))
		time.Sleep(time.Nanosecond)
		wrong(login(ada, "192.0.2.1", "x"))
		right(login(ada, "192.0.2.1", password))
	})
	unprotected := newAPI(t, nil)
	for range 12 {
		wantError(t, unprotected.login(ada, "password", "x"), 403, "invalid_grant", "Wrong email or password.")
	}
	unprotected.mfaToken(ada)
}
