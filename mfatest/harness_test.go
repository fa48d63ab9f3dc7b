package mfatest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// The users of most tests: ada has an unverified address and no authenticator,
// bob has a verified address.
const (
	ada      = "ada.lovelace@example.com"
	bob      = "bob@example.com"
	password = "correct horse"
)

const (
	grantOOB      = "http://auth0.com/oauth/grant-type/mfa-oob"
	grantOTP      = "http://auth0.com/oauth/grant-type/mfa-otp"
	grantRecovery = "http://auth0.com/oauth/grant-type/mfa-recovery-code"
)

// api sends literal HTTP to a tenant.
type api struct {
	*testing.T
	tenant *mfatest.Tenant
	client *http.Client
}

// newAPI starts a tenant with ada, bob and the users given.
func newAPI(t *testing.T, users []mfatest.User, opts ...mfatest.Option) api {
	t.Helper()
	tenant := mfatest.NewTenant(opts...)
	t.Cleanup(tenant.Close)
	tenant.AddUser(mfatest.User{Email: ada, Password: password})
	tenant.AddUser(mfatest.User{Email: bob, Password: password, EmailVerified: true})
	for _, u := range users {
		tenant.AddUser(u)
	}
	return api{t, tenant, tenant.HTTPClient()}
}

// inBubble runs a test against a tenant whose network and clock are those of a
// bubble: time.Sleep is how the test lets time pass.
func inBubble(t *testing.T, users []mfatest.User, test func(t *testing.T, a api)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		test(t, newAPI(t, users, mfatest.WithMemoryNetwork(), mfatest.WithClock(time.Now)))
	})
}

// response is a response of the tenant. Fields is the body if it is a JSON object.
type response struct {
	Status int
	Header http.Header
	Body   string
	Fields map[string]any
}

func (r response) text(name string) string {
	s, _ := r.Fields[name].(string)
	return s
}

// do sends a request. If contentType or bearer is empty, it sends no such header.
func (a api) do(method, path, contentType, bearer, body string) response {
	a.Helper()
	req, err := http.NewRequestWithContext(a.Context(), method, a.tenant.URL+path, strings.NewReader(body))
	require.NoError(a, err)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if bearer != "" {
		req.Header.Set("Authorization", bearer)
	}
	return a.send(req)
}

func (a api) send(req *http.Request) response {
	a.Helper()
	resp, err := a.client.Do(req)
	require.NoError(a, err)
	defer func() { assert.NoError(a, resp.Body.Close()) }()
	body, err := io.ReadAll(resp.Body)
	require.NoError(a, err)
	r := response{Status: resp.StatusCode, Header: resp.Header, Body: string(body)}
	_ = json.Unmarshal(body, &r.Fields)
	return r
}

// form posts name and value pairs to the token endpoint, as the application.
func (a api) form(pairs ...string) response {
	a.Helper()
	values := url.Values{"client_id": {a.tenant.ClientID}, "client_secret": {a.tenant.ClientSecret}}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return a.do(http.MethodPost, "/oauth/token", "application/x-www-form-urlencoded", "", values.Encode())
}

// login logs in with the password; pairs may add parameters.
func (a api) login(email string, pairs ...string) response {
	a.Helper()
	return a.form(append([]string{"grant_type", "password", "username", email, "password", password}, pairs...)...)
}

// mfaToken logs in and returns the mfa_token.
func (a api) mfaToken(email string, pairs ...string) string {
	a.Helper()
	r := a.login(email, pairs...)
	wantError(a, r, 403, "mfa_required", "Multifactor authentication required")
	return r.text("mfa_token")
}

func (a api) associate(bearer, body string) response {
	a.Helper()
	return a.do(http.MethodPost, "/mfa/associate", "application/json", "Bearer "+bearer, body)
}

func (a api) associateEmail(bearer, email string) response {
	a.Helper()
	return a.associate(bearer, `{"authenticator_types":["oob"],"oob_channels":["email"],"email":"`+email+`"}`)
}

// challenge challenges an authenticator. If id is empty, the request names none.
func (a api) challenge(mfaToken, challengeType, id string) response {
	a.Helper()
	body := map[string]string{"mfa_token": mfaToken, "client_id": a.tenant.ClientID, "client_secret": a.tenant.ClientSecret}
	if challengeType != "" {
		body["challenge_type"] = challengeType
	}
	if id != "" {
		body["authenticator_id"] = id
	}
	data, err := json.Marshal(body)
	require.NoError(a, err)
	return a.do(http.MethodPost, "/mfa/challenge", "application/json", "", string(data))
}

func (a api) verify(mfaToken, oobCode, code string) response {
	a.Helper()
	return a.form("grant_type", grantOOB, "mfa_token", mfaToken, "oob_code", oobCode, "binding_code", code)
}

func (a api) verifyOTP(mfaToken, otp string) response {
	a.Helper()
	return a.form("grant_type", grantOTP, "mfa_token", mfaToken, "otp", otp)
}

func (a api) verifyRecovery(mfaToken, code string) response {
	a.Helper()
	return a.form("grant_type", grantRecovery, "mfa_token", mfaToken, "recovery_code", code)
}

func (a api) poll(mfaToken, oobCode string) response {
	a.Helper()
	return a.form("grant_type", grantOOB, "mfa_token", mfaToken, "oob_code", oobCode)
}

// listed is an element of the list of authenticators.
type listed struct {
	ID                string `json:"id"`
	AuthenticatorType string `json:"authenticator_type"`
	Active            bool   `json:"active"`
	OOBChannel        string `json:"oob_channel"`
	Name              string `json:"name"`
	Type              string `json:"type"`
}

func (a api) list(bearer string) []listed {
	a.Helper()
	r := a.do(http.MethodGet, "/mfa/authenticators", "", "Bearer "+bearer, "")
	require.Equal(a, 200, r.Status, r.Body)
	all := []listed{}
	require.NoError(a, json.Unmarshal([]byte(r.Body), &all))
	return all
}

func (a api) remove(bearer, id string) response {
	a.Helper()
	return a.do(http.MethodDelete, "/mfa/authenticators/"+url.PathEscape(id), "", "Bearer "+bearer, "")
}

// id returns the ID of the user's first authenticator with that prefix.
func (a api) id(email, prefix string) string {
	a.Helper()
	for _, l := range a.list(a.tenant.MFAToken(email).Reveal()) {
		if strings.HasPrefix(l.ID, prefix+"|") {
			return l.ID
		}
	}
	require.Fail(a, "no authenticator", prefix)
	return ""
}

// lastCode returns the newest code of an address.
func (a api) lastCode(address string) string {
	a.Helper()
	code, ok := a.tenant.LastCode(address)
	require.True(a, ok, "nothing was sent to %s", address)
	return code
}

// recoveryCode returns the user's recovery code.
func (a api) recoveryCode(email string) string {
	a.Helper()
	code, ok := a.tenant.RecoveryCode(email)
	require.True(a, ok, "no recovery code of %s", email)
	return code
}

// noRecoveryCode checks that the user has no recovery code.
func (a api) noRecoveryCode(email string) {
	a.Helper()
	code, ok := a.tenant.RecoveryCode(email)
	assert.False(a, ok)
	assert.Empty(a, code)
}

// otherCode returns a code that is not the one given.
func otherCode(code string) string {
	if code == "000000" {
		return "000001"
	}
	return "000000"
}

// wantError checks that a response is an OAuth error.
func wantError(t require.TestingT, r response, status int, code, text string) {
	if h, ok := t.(interface{ Helper() }); ok {
		h.Helper()
	}
	require.Equal(t, status, r.Status, r.Body)
	require.Equal(t, code, r.text("error"), r.Body)
	require.Equal(t, text, r.text("error_description"), r.Body)
}

// wantTokens checks that a response has an access token.
func wantTokens(t require.TestingT, r response) {
	if h, ok := t.(interface{ Helper() }); ok {
		h.Helper()
	}
	require.Equal(t, 200, r.Status, r.Body)
	require.NotEmpty(t, r.text("access_token"))
	require.Equal(t, "Bearer", r.text("token_type"))
}

// with returns a user with active authenticators of the factors.
func with(email string, factors ...mfa.Factor) mfatest.User {
	u := mfatest.User{Email: email, Password: password}
	for _, f := range factors {
		a := mfatest.Authenticator{Factor: f, Active: true}
		if f == mfa.FactorSMS || f == mfa.FactorVoice {
			a.Address = "+12025550142"
		}
		u.Authenticators = append(u.Authenticators, a)
	}
	return u
}
