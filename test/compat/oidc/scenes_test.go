package oidc_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

const (
	grantOOB      = "http://auth0.com/oauth/grant-type/mfa-oob"
	grantOTP      = "http://auth0.com/oauth/grant-type/mfa-otp"
	grantRecovery = "http://auth0.com/oauth/grant-type/mfa-recovery-code"
)

// stage is where a scene takes place: a library, and a tenant with one user.
type stage struct {
	client

	ctx    context.Context
	t      *testing.T
	tenant *mfatest.Tenant
}

// Everything that a user can meet, with libraries that know nothing of MFA.
func TestScenes(t *testing.T) {
	t.Parallel()
	for library, newClient := range map[string]func(context.Context, *testing.T, *mfatest.Tenant) client{
		"golang.org/x/oauth2":     newOAuth2,
		"github.com/zitadel/oidc": newZitadel,
	} {
		t.Run(library, func(t *testing.T) {
			t.Parallel()
			played := 0
			for name, scene := range map[string]struct {
				user mfatest.User
				play func(stage)
			}{
				"login":          {mfatest.User{}, playLogin},
				"mfa_required":   {mfatest.User{}, func(s stage) { s.start("openid") }},
				"list":           {mfatest.User{EmailVerified: true, RecoveryCode: true, Authenticators: []mfatest.Authenticator{{Factor: mfa.FactorOTP, Active: true}}}, playList},
				"enroll":         {mfatest.User{}, playEnroll},
				"challenge":      {mfatest.User{EmailVerified: true}, playChallenge},
				"wrong code":     {mfatest.User{EmailVerified: true}, playWrongCode},
				"recovery code":  {mfatest.User{RecoveryCode: true, Authenticators: []mfatest.Authenticator{{Factor: mfa.FactorOTP, Active: true}}}, playRecovery},
				"OTP":            {mfatest.User{}, playOTP},
				"push":           {mfatest.User{Authenticators: []mfatest.Authenticator{{Factor: mfa.FactorPush, Active: true}}}, playPush},
				"refresh":        {mfatest.User{Authenticators: []mfatest.Authenticator{{Factor: mfa.FactorOTP, Active: true}}}, playRefresh},
				"delete":         {mfatest.User{Authenticators: []mfatest.Authenticator{{Factor: mfa.FactorEmail, Active: true}}}, playDelete},
				"expired":        {mfatest.User{EmailVerified: true}, playExpired},
				"of no use here": {mfatest.User{EmailVerified: true}, playForeignAuthenticator},
			} {
				t.Run(name, func(t *testing.T) {
					tenant := mfatest.NewTenant()
					t.Cleanup(tenant.Close)
					scene.user.Email, scene.user.Password = email, password
					tenant.AddUser(scene.user)
					ctx := clientContext(t, tenant)
					scene.play(stage{newClient(ctx, t, tenant), ctx, t, tenant})
					played++
				})
			}
			assert.Equal(t, 13, played)
		})
	}
}

// form builds the parameters of a grant from names and values.
func form(grantType string, pairs ...string) url.Values {
	values := url.Values{"grant_type": {grantType}}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return values
}

func (s stage) login(scope string) (*oauth2.Token, error) {
	return s.grant(s.ctx, form("password", "username", email, "password", password, "scope", scope))
}

// refuses asserts how a refusal looks to the library, and returns its mfa_token.
func (s stage) refuses(err error, status int, code, text string) string {
	s.t.Helper()
	var known *refusal
	require.ErrorAs(s.t, err, &known)
	assert.Equal(s.t, refusal{status, code, text, known.mfaToken}, *known)
	return known.mfaToken
}

// start logs in and returns the mfa_token.
func (s stage) start(scope string) string {
	s.t.Helper()
	_, err := s.login(scope)
	token := s.refuses(err, 403, "mfa_required", "Multifactor authentication required")
	require.True(s.t, strings.HasPrefix(token, "Fe26.2*"))
	return token
}

// finish asserts that the verification ends the login.
func (s stage) finish(params url.Values) *oauth2.Token {
	s.t.Helper()
	token, err := s.grant(s.ctx, params)
	require.NoError(s.t, err)
	assert.NotEmpty(s.t, token.AccessToken)
	assert.Equal(s.t, "Bearer", token.Type())
	return token
}

type listed struct {
	ID, Name string
	Type     string `json:"authenticator_type"`
	Channel  string `json:"oob_channel"`
	Active   bool
}

func (s stage) list(token string) []listed {
	s.t.Helper()
	var all []listed
	require.NoError(s.t, s.call(s.ctx, "GET", "/mfa/authenticators", token, nil, &all))
	return all
}

type begun struct {
	Type     string   `json:"authenticator_type"`
	Channel  string   `json:"oob_channel"`
	Binding  string   `json:"binding_method"`
	OOBCode  string   `json:"oob_code"`
	Secret   string   `json:"secret"`
	Recovery []string `json:"recovery_codes"`
}

func (s stage) challenge(mfaToken, id string) (begun, error) {
	var result begun
	err := s.call(s.ctx, "POST", "/mfa/challenge", mfaToken, map[string]string{
		"client_id": s.tenant.ClientID, "client_secret": s.tenant.ClientSecret,
		"mfa_token": mfaToken, "challenge_type": "oob", "authenticator_id": id,
	}, &result)
	return result, err
}

// sent challenges the user's first authenticator, an e-mail address, and returns
// what verifies it.
func (s stage) sent() url.Values {
	s.t.Helper()
	mfaToken := s.start("openid")
	challenge, err := s.challenge(mfaToken, s.list(mfaToken)[0].ID)
	require.NoError(s.t, err)
	assert.Equal(s.t, "prompt", challenge.Binding)
	return form(grantOOB, "mfa_token", mfaToken, "oob_code", challenge.OOBCode, "binding_code", s.code())
}

func (s stage) code() string {
	s.t.Helper()
	code, ok := s.tenant.LastCode(email)
	require.True(s.t, ok)
	return code
}

func playLogin(s stage) {
	_, err := s.grant(s.ctx, form("password", "username", email, "password", "wrong"))
	s.refuses(err, 403, "invalid_grant", "Wrong email or password.")
	// A user without a factor may have a token to enroll one with.
	token := s.finish(form("password", "username", email, "password", password, "audience", s.tenant.URL+"/mfa/", "scope", "enroll"))
	assert.Equal(s.t, "enroll", token.Extra("scope"))
}

func playList(s stage) {
	all := s.list(s.start("openid"))
	require.Len(s.t, all, 3)
	assert.Equal(s.t, []string{"oob", "email", "otp", "", "recovery-code", ""},
		[]string{all[0].Type, all[0].Channel, all[1].Type, all[1].Channel, all[2].Type, all[2].Channel})
	assert.True(s.t, all[0].Active && all[1].Active && all[2].Active)
	assert.True(s.t, strings.HasPrefix(all[0].ID, "email|dev_"), all[0].ID)
	s.refuses(s.call(s.ctx, "GET", "/mfa/authenticators", "malformed", nil, nil),
		401, "invalid_grant", "The mfa_token provided is invalid. Try getting a new token.")
}

func playEnroll(s stage) {
	mfaToken := s.start("openid")
	request := map[string][]string{"authenticator_types": {"oob"}, "oob_channels": {"email"}}
	var enrolled begun
	require.NoError(s.t, s.call(s.ctx, "POST", "/mfa/associate", mfaToken, request, &enrolled))
	assert.Equal(s.t, []string{"oob", "email", "prompt"}, []string{enrolled.Type, enrolled.Channel, enrolled.Binding})
	assert.Len(s.t, enrolled.Recovery, 1)
	s.finish(form(grantOOB, "mfa_token", mfaToken, "oob_code", enrolled.OOBCode, "binding_code", s.code()))
	s.refuses(s.call(s.ctx, "POST", "/mfa/associate", mfaToken, request, &enrolled), 403, "access_denied", "User is already enrolled.")
}

func playChallenge(s stage) { s.finish(s.sent()) }

func playWrongCode(s stage) {
	params := s.sent()
	right := params.Get("binding_code")
	params.Set("binding_code", string('0'+(right[0]-'0'+1)%10)+right[1:])
	_, err := s.grant(s.ctx, params)
	s.refuses(err, 403, "invalid_grant", "Invalid binding_code.")
	params.Set("binding_code", right)
	s.finish(params)
	_, err = s.grant(s.ctx, params)
	s.refuses(err, 403, "invalid_grant", "Invalid binding_code.")
}

func playRecovery(s stage) {
	mfaToken := s.start("openid")
	_, err := s.grant(s.ctx, form(grantRecovery, "mfa_token", mfaToken, "recovery_code", strings.Repeat("A", 24)))
	s.refuses(err, 403, "invalid_grant", "MFA Authorization rejected.")
	used, _ := s.tenant.RecoveryCode(email)
	token := s.finish(form(grantRecovery, "mfa_token", mfaToken, "recovery_code", used))
	replacement, _ := s.tenant.RecoveryCode(email)
	assert.Equal(s.t, replacement, token.Extra("recovery_code"))
	assert.NotEqual(s.t, used, replacement)
}

func playOTP(s stage) {
	mfaToken := s.start("openid")
	var enrolled begun
	request := map[string][]string{"authenticator_types": {"otp"}}
	require.NoError(s.t, s.call(s.ctx, "POST", "/mfa/associate", mfaToken, request, &enrolled))
	assert.NotEmpty(s.t, enrolled.Secret)
	_, err := s.grant(s.ctx, form(grantOTP, "mfa_token", mfaToken, "otp", "abcdef"))
	s.refuses(err, 403, "invalid_grant", "Invalid otp_code.")
	s.finish(form(grantOTP, "mfa_token", mfaToken, "otp", s.tenant.OTP(email)))
}

func playPush(s stage) {
	mfaToken := s.start("openid")
	challenge, err := s.challenge(mfaToken, s.list(mfaToken)[0].ID)
	require.NoError(s.t, err)
	assert.Empty(s.t, challenge.Binding)
	poll := form(grantOOB, "mfa_token", mfaToken, "oob_code", challenge.OOBCode)
	_, err = s.grant(s.ctx, poll)
	s.refuses(err, 400, "authorization_pending", "Authorization pending: please repeat the request in a few seconds.")
	s.tenant.ApprovePush(email)
	s.finish(poll)
}

func playRefresh(s stage) {
	token := s.finish(form(grantOTP, "mfa_token", s.start("openid offline_access"), "otp", s.tenant.OTP(email)))
	refreshed := s.finish(form("refresh_token", "refresh_token", token.RefreshToken))
	assert.NotEqual(s.t, token.AccessToken, refreshed.AccessToken)
	_, err := s.grant(s.ctx, form("refresh_token", "refresh_token", token.RefreshToken, "audience", s.tenant.URL+"/mfa/", "scope", mfa.ScopeEnroll))
	again := s.refuses(err, 403, "mfa_required", "Multifactor authentication required")
	stepUp := s.finish(form(grantOTP, "mfa_token", again, "otp", s.tenant.OTP(email)))
	assert.Equal(s.t, mfa.ScopeEnroll, stepUp.Extra("scope"))
}

func playDelete(s stage) {
	mfaToken := s.start("openid")
	path := "/mfa/authenticators/" + url.PathEscape(s.list(mfaToken)[0].ID)
	s.refuses(s.call(s.ctx, "DELETE", path, mfaToken, nil, nil),
		401, "invalid_grant", "The mfa_token provided is invalid. Try getting a new token.")
	access := s.tenant.AccessToken(email, mfa.ScopeRemoveAuthenticators).Reveal()
	require.NoError(s.t, s.call(s.ctx, "DELETE", path, access, nil, nil))
	assert.Empty(s.t, s.list(mfaToken))
}

func playExpired(s stage) {
	params := s.sent()
	s.tenant.Advance(lifetime)
	_, err := s.grant(s.ctx, params)
	s.refuses(err, 403, "expired_token", "mfa_token is expired")
}

func playForeignAuthenticator(s stage) {
	_, err := s.challenge(s.start("openid"), "email|dev_0000000000000000")
	var known *refusal
	require.ErrorAs(s.t, err, &known)
	assert.Equal(s.t, []any{400, "invalid_authenticator"}, []any{known.status, known.code})
}
