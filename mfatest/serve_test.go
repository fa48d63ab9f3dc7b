package mfatest_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTenant_brokenBodies(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)
	const invalid, unparsed = "invalid_request", "The request body could not be parsed"
	for name, c := range map[string]struct{ contentType, body, text string }{
		"no content type":      {"", "grant_type=password", "Missing required parameter: grant_type"},
		"unknown content type": {"text/plain", `{"grant_type":"password"}`, "Missing required parameter: grant_type"},
		"empty JSON":           {"application/json; charset=utf-8", "", "Missing required parameter: grant_type"},
		"null":                 {"application/json", "null", "Missing required parameter: grant_type"},
		"array":                {"application/json", "[]", unparsed},
		"cut off":              {"application/json", `{"grant_type":`, unparsed},
		"not UTF-8":            {"application/json", "{\"grant_type\":\"\xff\"}", unparsed},
		"bad escape":           {"application/x-www-form-urlencoded", "grant_type=%zz", unparsed},
		"number":               {"application/json", `{"grant_type":1}`, "grant_type must be a string"},
		"object, and a list":   {"application/json", `{"grant_type":"password","scope":[],"password":{}}`, "password must be a string"},
		"repeated":             {"application/x-www-form-urlencoded", "grant_type=password&grant_type=password", "grant_type must be a string"},
		"null parameter":       {"application/json", `{"grant_type":null}`, "Missing required parameter: grant_type"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantError(t, a.do("POST", "/oauth/token", c.contentType, "", c.body), 400, invalid, c.text)
		})
	}
	for _, path := range []string{"/mfa/associate", "/mfa/challenge"} {
		bearer := "Bearer " + a.tenant.MFAToken(ada).Reveal()
		wantError(t, a.do("POST", path, "application/json", bearer, "{"), 400, invalid, unparsed)
		huge := `{"x":"` + string(make([]byte, 1<<20)) + `"}`
		wantError(t, a.do("POST", path, "application/json", bearer, huge), 413, invalid, "The request body is too large")
	}
}

func TestTenant_pathsAndMethods(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)
	for path, allowed := range map[string]string{
		"/oauth/token": "POST", "/mfa/associate": "POST", "/mfa/challenge": "POST", "/mfa/authenticators": "GET",
		"/mfa/authenticators/email%7Cdev_0": "DELETE", "/.well-known/openid-configuration": "GET", "/.well-known/jwks.json": "GET",
	} {
		r := a.do("PATCH", path, "", "", "")
		wantError(t, r, 405, "method_not_allowed", "Use "+allowed)
		assert.Equal(t, allowed, r.Header.Get("Allow"))
	}
	for _, path := range []string{"/", "/authorize", "/oauth/token/", "/mfa/authenticators/", "/mfa/authenticators/a/b", "/mfa//challenge"} {
		wantError(t, a.do("GET", path, "", "", ""), 404, "not_found", "There is nothing at this path")
	}
	r := a.do("HEAD", "/.well-known/openid-configuration", "", "", "")
	assert.Equal(t, 200, r.Status)
	assert.Empty(t, r.Body)
}

func TestTenant_date(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)
	a.tenant.Advance(48 * time.Hour)
	date, err := time.Parse(time.RFC1123, a.login(ada).Header.Get("Date"))
	require.NoError(t, err)
	assert.Equal(t, a.tenant.Now().Unix(), date.Unix())
}

func TestTenant_contentTypes(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)
	token := a.mfaToken(ada)
	assert.Equal(t, "application/json", a.login(ada).Header.Get("Content-Type"))
	for _, path := range []string{"/mfa/authenticators", "/mfa/associate", "/mfa/challenge", "/.well-known/jwks.json"} {
		assert.Equal(t, "application/json; charset=utf-8", a.do("GET", path, "", "Bearer "+token, "").Header.Get("Content-Type"), path)
	}
}

func TestTenant_Requests(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)
	token := a.mfaToken(bob)
	id := a.id(bob, "email")
	oob := a.challenge(token, "oob", id).text("oob_code")
	a.verify(token, oob, "000000")
	a.poll(token, oob)
	a.verifyOTP(token, "000000")
	a.verifyRecovery(token, "x")
	a.associateEmail(token, bob)
	a.remove(token, id)
	a.form("grant_type", "refresh_token")
	a.form("grant_type", "x")
	a.do("GET", "/.well-known/jwks.json?a=b", "", "", "")
	a.do("GET", "/mfa/challenge", "", "", "")
	a.do("PUT", "/nowhere", "", "", "")

	var got []string
	for _, r := range a.tenant.Requests() {
		got = append(got, r.String())
	}
	assert.Equal(t, []string{
		"POST /oauth/token password login",
		"GET /mfa/authenticators list authenticators",
		"POST /mfa/challenge challenge",
		"POST /oauth/token verify oob",
		"POST /oauth/token poll push",
		"POST /oauth/token verify otp",
		"POST /oauth/token verify recovery code",
		"POST /mfa/associate associate",
		"DELETE /mfa/authenticators/email%7Cdev_" + id[len("email|dev_"):] + " delete authenticator",
		"POST /oauth/token refresh",
		"POST /oauth/token",
		"GET /.well-known/jwks.json jwks",
		"GET /mfa/challenge",
		"PUT /nowhere",
	}, got)

	first := a.tenant.Requests()[0]
	assert.Equal(t, "application/x-www-form-urlencoded", first.Header.Get("Content-Type"))
	assert.Contains(t, string(first.Body), "grant_type=password")
	first.Header.Set("Content-Type", "changed")
	first.Body[0] = '!'
	again := a.tenant.Requests()[0]
	assert.Equal(t, "application/x-www-form-urlencoded", again.Header.Get("Content-Type"))
	assert.NotContains(t, string(again.Body), "!")
}

func TestTenant_printsNoSecret(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)
	token := a.mfaToken(bob)
	a.challenge(token, "oob", a.id(bob, "email"))
	var b strings.Builder
	log := slog.New(slog.NewJSONHandler(&b, nil))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		assert.Equal(t, "mfatest.Tenant("+a.tenant.URL+")", fmt.Sprintf(verb, a.tenant))
		for _, r := range a.tenant.Requests() {
			if verb != "%#v" && verb != "%x" && verb != "%d" {
				fmt.Fprintf(&b, verb, r)
			}
		}
	}
	log.Info("x", "tenant", a.tenant.String())
	assert.NotContains(t, b.String(), a.tenant.ClientSecret)
	assert.NotContains(t, b.String(), token)
	assert.Contains(t, b.String(), "POST /mfa/challenge challenge")
}
