package mfa_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

// A code goes on the wire as Auth0 sent it, whatever the user made of it.
func TestClient_token_codesAsTyped(t *testing.T) {
	t.Parallel()
	token, oob := mfa.NewSecret(wiretest.MFAToken), mfa.NewSecret(wiretest.OOBCode)
	digits := map[string]string{
		"496 880": "496880", "496-880": "496880", "４９６８８０": "496880", "\u200b 496\u2009880\r\n": "496880", "0 0 0 0 4 2": "000042",
		"٤٩٦٨٨٠": "496880", "Your code is 496880.": "496880", "G-496880": "496880",
		// No six digits: as typed, without the space around.
		" 12345678 ": "12345678", "4968-8X0": "4968-8X0", "496880,880496": "496880,880496", "a+b%": "a+b%",
	}
	recovery := map[string]string{
		"n3bg-pzzw-j85j-lcnp-zbdw-6qxc": "N3BGPZZWJ85JLCNPZBDW6QXC", "N3BG PZZW J85J LCNP ZBDW 6QXC\u200b": "N3BGPZZWJ85JLCNPZBDW6QXC",
		"ｎ3bgpzzwj85jlcnpzbdw6qxc": "N3BGPZZWJ85JLCNPZBDW6QXC",
		// No 24 letters and digits: as typed.
		" n3bg-pzzw ": "n3bg-pzzw", "n3bg-pzzw-j85j-lcnp-zbdw-6qxc!": "n3bg-pzzw-j85j-lcnp-zbdw-6qxc!",
	}
	for name, tt := range map[string]struct {
		typed map[string]string
		call  func(context.Context, *mfa.Client, mfa.Secret) (*mfa.Token, error)
		form  string
	}{
		"VerifyOOB": {digits, func(ctx context.Context, c *mfa.Client, code mfa.Secret) (*mfa.Token, error) {
			return c.VerifyOOB(ctx, mfa.VerifyOOBRequest{MFAToken: token, OOBCode: oob, BindingCode: code})
		}, "oob&client_id=" + wiretest.ClientID + "&mfa_token=" + wiretest.MFATokenForm + "&oob_code=" + wiretest.OOBCodeForm + "&binding_code="},
		"VerifyOTP": {digits, func(ctx context.Context, c *mfa.Client, code mfa.Secret) (*mfa.Token, error) {
			return c.VerifyOTP(ctx, mfa.VerifyOTPRequest{MFAToken: token, OTP: code})
		}, "otp&client_id=" + wiretest.ClientID + "&mfa_token=" + wiretest.MFATokenForm + "&otp="},
		"VerifyRecoveryCode": {recovery, func(ctx context.Context, c *mfa.Client, code mfa.Secret) (*mfa.Token, error) {
			return c.VerifyRecoveryCode(ctx, mfa.VerifyRecoveryCodeRequest{MFAToken: token, RecoveryCode: code})
		}, "recovery-code&client_id=" + wiretest.ClientID + "&mfa_token=" + wiretest.MFATokenForm + "&recovery_code="},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for typed, sent := range tt.typed {
				tenant := wiretest.NewTenant(t, wiretest.Response{Status: 200, Body: `{"access_token":"eyJ...i"}`})
				code := mfa.NewSecret(typed)
				_, err := tt.call(t.Context(), tenant.Client(t), code)
				require.NoError(t, err, "%q", typed)
				tenant.AssertSent(t, "POST", "/oauth/token", "grant_type=http%3A%2F%2Fauth0.com%2Foauth%2Fgrant-type%2Fmfa-"+tt.form+url.QueryEscape(sent),
					"Content-Type", "application/x-www-form-urlencoded")
				assert.Equal(t, typed, code.Reveal(), "the caller's own")
			}
		})
	}
}

// What a server quotes of a code is the code as it was sent.
func TestClient_token_codeAsTyped_isNotQuoted(t *testing.T) {
	t.Parallel()
	tenant := wiretest.NewTenant(t, wiretest.Refused(403, "invalid_grant", "Invalid binding_code 496880."))
	_, err := tenant.Client(t).VerifyOOB(t.Context(), mfa.VerifyOOBRequest{
		MFAToken: mfa.NewSecret(wiretest.MFAToken), OOBCode: mfa.NewSecret(wiretest.OOBCode), BindingCode: mfa.NewSecret("496 880"),
	})
	var e *mfa.Error
	require.ErrorAs(t, err, &e)
	assert.NotContains(t, e.Description+err.Error(), "496880")
}

// One for each way to a token, with the exact form it sends.
func TestClient_token(t *testing.T) {
	t.Parallel()
	token, oob := mfa.NewSecret(wiretest.MFAToken), mfa.NewSecret(wiretest.OOBCode)
	for name, tt := range map[string]struct {
		call func(context.Context, *mfa.Client) (*mfa.Token, error)
		body string
	}{
		"VerifyOOB": {
			func(ctx context.Context, c *mfa.Client) (*mfa.Token, error) {
				return c.VerifyOOB(ctx, mfa.VerifyOOBRequest{MFAToken: token, OOBCode: oob, BindingCode: mfa.NewSecret("000042")})
			},
			"grant_type=http%3A%2F%2Fauth0.com%2Foauth%2Fgrant-type%2Fmfa-oob&client_id=" + wiretest.ClientID +
				"&mfa_token=" + wiretest.MFATokenForm + "&oob_code=" + wiretest.OOBCodeForm + "&binding_code=000042",
		},
		"VerifyOOB/as typed": {
			func(ctx context.Context, c *mfa.Client) (*mfa.Token, error) {
				return c.VerifyOOB(ctx, mfa.VerifyOOBRequest{MFAToken: token, OOBCode: oob, BindingCode: mfa.NewSecret(" \t000042\u00a0\r\n")})
			},
			"grant_type=http%3A%2F%2Fauth0.com%2Foauth%2Fgrant-type%2Fmfa-oob&client_id=" + wiretest.ClientID +
				"&mfa_token=" + wiretest.MFATokenForm + "&oob_code=" + wiretest.OOBCodeForm + "&binding_code=000042",
		},
		"PollPush": {
			func(ctx context.Context, c *mfa.Client) (*mfa.Token, error) {
				return c.PollPush(ctx, mfa.PollPushRequest{MFAToken: token, OOBCode: oob})
			},
			"grant_type=http%3A%2F%2Fauth0.com%2Foauth%2Fgrant-type%2Fmfa-oob&client_id=" + wiretest.ClientID +
				"&mfa_token=" + wiretest.MFATokenForm + "&oob_code=" + wiretest.OOBCodeForm,
		},
		"VerifyOTP": {
			func(ctx context.Context, c *mfa.Client) (*mfa.Token, error) {
				return c.VerifyOTP(ctx, mfa.VerifyOTPRequest{MFAToken: token, OTP: mfa.NewSecret(" 001337 ")})
			},
			"grant_type=http%3A%2F%2Fauth0.com%2Foauth%2Fgrant-type%2Fmfa-otp&client_id=" + wiretest.ClientID +
				"&mfa_token=" + wiretest.MFATokenForm + "&otp=001337",
		},
		"VerifyRecoveryCode": {
			func(ctx context.Context, c *mfa.Client) (*mfa.Token, error) {
				return c.VerifyRecoveryCode(ctx, mfa.VerifyRecoveryCodeRequest{MFAToken: token, RecoveryCode: mfa.NewSecret("N3BGPZZWJ85JLCNPZBDW6QXC\n")})
			},
			"grant_type=http%3A%2F%2Fauth0.com%2Foauth%2Fgrant-type%2Fmfa-recovery-code&client_id=" + wiretest.ClientID +
				"&mfa_token=" + wiretest.MFATokenForm + "&recovery_code=N3BGPZZWJ85JLCNPZBDW6QXC",
		},
		"PasswordLogin": {
			func(ctx context.Context, c *mfa.Client) (*mfa.Token, error) {
				return c.PasswordLogin(ctx, mfa.PasswordLoginRequest{Username: "ada@example.com", Password: mfa.NewSecret(" pass&word=ü% ")})
			},
			"grant_type=password&client_id=" + wiretest.ClientID + "&username=ada%40example.com&password=+pass%26word%3D%C3%BC%25+",
		},
		"PasswordLogin/realm": {
			func(ctx context.Context, c *mfa.Client) (*mfa.Token, error) {
				return c.PasswordLogin(ctx, mfa.PasswordLoginRequest{Username: "ada", Password: mfa.NewSecret("pw"), Realm: "Username-Password-Authentication"})
			},
			"grant_type=http%3A%2F%2Fauth0.com%2Foauth%2Fgrant-type%2Fpassword-realm&client_id=" + wiretest.ClientID +
				"&username=ada&password=pw&realm=Username-Password-Authentication",
		},
		"PasswordLogin/audience and scopes": {
			func(ctx context.Context, c *mfa.Client) (*mfa.Token, error) {
				return c.PasswordLogin(ctx, mfa.PasswordLoginRequest{
					Username: "ada", Password: mfa.NewSecret("pw"), Audience: c.MFAAudience(),
					Scopes: []string{mfa.ScopeEnroll, mfa.ScopeReadAuthenticators, mfa.ScopeRemoveAuthenticators},
				})
			},
			"grant_type=password&client_id=" + wiretest.ClientID + "&username=ada&password=pw" +
				"&audience=https%3A%2F%2Ftenant.eu.auth0.com%2Fmfa%2F&scope=enroll+read%3Aauthenticators+remove%3Aauthenticators",
		},
		"PasswordLogin/all": {
			func(ctx context.Context, c *mfa.Client) (*mfa.Token, error) {
				return c.PasswordLogin(ctx, mfa.PasswordLoginRequest{
					Username: "ada", Password: mfa.NewSecret("pw"), Realm: "db", Audience: "urn:api", Scopes: []string{"openid"},
				})
			},
			"grant_type=http%3A%2F%2Fauth0.com%2Foauth%2Fgrant-type%2Fpassword-realm&client_id=" + wiretest.ClientID +
				"&username=ada&password=pw&realm=db&audience=urn%3Aapi&scope=openid",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := wiretest.NewTenant(t, wiretest.Response{
				Status: 200,
				Body:   `{"id_token":"eyJ...i","access_token":"eyJ...i","expires_in":600,"scope":"openid profile","token_type":"Bearer"}`,
			})

			got, err := tt.call(t.Context(), tenant.Client(t))

			require.NoError(t, err)
			wiretest.AssertEqual(t, &mfa.Token{
				AccessToken: mfa.NewSecret("eyJ...i"), IDToken: mfa.NewSecret("eyJ...i"),
				TokenType: "Bearer", Scope: "openid profile", ExpiresIn: 10 * time.Minute,
			}, got)
			tenant.AssertSent(t, "POST", "/oauth/token", tt.body, "Content-Type", "application/x-www-form-urlencoded")
		})
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	access := mfa.NewSecret("eyJ.a")
	for name, tt := range map[string]struct {
		body string
		want mfa.Token
	}{
		"recorded": {`{"access_token":"eyJ.a","expires_in":86400,"token_type":"Bearer"}`, mfa.Token{AccessToken: access, TokenType: "Bearer", ExpiresIn: 24 * time.Hour}},
		"everything": {
			`{"access_token":"eyJ.a","id_token":"eyJ.i","refresh_token":"v1.r","recovery_code":"FF4PWHLHVV8VHHKGWPN2TT64","scope":"openid offline_access","expires_in":86400,"token_type":"Bearer"}`,
			mfa.Token{
				AccessToken: access, IDToken: mfa.NewSecret("eyJ.i"), RefreshToken: mfa.NewSecret("v1.r"),
				RecoveryCode: mfa.NewSecret("FF4PWHLHVV8VHHKGWPN2TT64"), Scope: "openid offline_access", TokenType: "Bearer", ExpiresIn: 24 * time.Hour,
			},
		},
		"access token only":  {`{"access_token":"eyJ.a"}`, mfa.Token{AccessToken: access}},
		"null for the rest":  {`{"access_token":"eyJ.a","id_token":null,"refresh_token":null,"recovery_code":null,"scope":null,"token_type":null,"expires_in":null,"error":null}`, mfa.Token{AccessToken: access}},
		"lower-case bearer":  {`{"access_token":"eyJ.a","token_type":"bearer"}`, mfa.Token{AccessToken: access, TokenType: "bearer"}},
		"labels not strings": {`{"access_token":"eyJ.a","token_type":7,"scope":["openid","profile"]}`, mfa.Token{AccessToken: access}},
		"scope not UTF-8":    {"{\"access_token\":\"eyJ.a\",\"scope\":\"openid\xff\"}", mfa.Token{AccessToken: access, Scope: "openid\ufffd"}},
		"long":               {`{"access_token":"` + strings.Repeat("a", 100<<10) + `"}`, mfa.Token{AccessToken: mfa.NewSecret(strings.Repeat("a", 100<<10))}},
		"unknown members":    {`{"access_token":"eyJ.a","mfa_token":"x","a":[{"b":null}]}`, mfa.Token{AccessToken: access}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := wiretest.Named("verify oob").Call(t.Context(), wiretest.NewTenant(t, wiretest.Response{Status: 200, Body: tt.body}).Client(t))
			require.NoError(t, err)
			wiretest.AssertEqual(t, &tt.want, got)
		})
	}
}

// The code is used up: a lifetime that makes no sense does not cost the tokens.
func TestToken_lifetime(t *testing.T) {
	t.Parallel()
	const most = 100 * 365 * 24 * time.Hour
	for raw, want := range map[string]time.Duration{
		`600`: 10 * time.Minute, `"600"`: 10 * time.Minute, `600.5`: 600500 * time.Millisecond, `"600.5"`: 600500 * time.Millisecond, `6e2`: 10 * time.Minute,
		`0`: 0, `0.5`: time.Second / 2, `-1`: 0, `"-1"`: 0, `null`: 0, `""`: 0, `"soon"`: 0, `"NaN"`: 0, `true`: 0, `{}`: 0, `[600]`: 0,
		`3153599999`: most - time.Second, `3153600000`: most, `3153600001`: most, `1e300`: most, `99999999999999999999`: most, `1e999`: 0, `"1e999"`: 0,
	} {
		t.Run(raw, func(t *testing.T) {
			t.Parallel()
			tenant := wiretest.NewTenant(t, wiretest.Response{Status: 200, Body: `{"access_token":"eyJ.a","expires_in":` + raw + `}`})
			got, err := tenant.Client(t).VerifyOTP(t.Context(), mfa.VerifyOTPRequest{MFAToken: mfa.NewSecret(wiretest.MFAToken), OTP: mfa.NewSecret("001337")})
			require.NoError(t, err)
			assert.Equal(t, "eyJ.a", got.AccessToken.Reveal())
			assert.Equal(t, want, got.ExpiresIn)
		})
	}
}

func TestToken_refused(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"mac":               `{"access_token":"eyJ.a","token_type":"mac"}`,
		"DPoP":              `{"access_token":"eyJ.a","token_type":"DPoP"}`,
		"error beside":      `{"access_token":"eyJ.a","error":"x"}`,
		"empty error":       `{"access_token":"eyJ.a","error":""}`,
		"id token broken":   `{"access_token":"eyJ.a","id_token":"a\r\nb"}`,
		"id token a number": `{"access_token":"eyJ.a","id_token":7}`,
		"refresh broken":    `{"access_token":"eyJ.a","refresh_token":"a\u0000b"}`,
		"code broken":       `{"access_token":"eyJ.a","recovery_code":"a b"}`,
		"cut in a number":   `{"access_token":"eyJ.a","expires_in":`,
		"cut in a list":     `{"access_token":"eyJ.a","scope":["openid"`,
		"id token only":     `{"id_token":"eyJ.i","token_type":"Bearer"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, op := range wiretest.Operations {
				if op.Route != "/oauth/token" {
					continue
				}
				_, err := op.Fails(t, t.Context(), wiretest.NewTenant(t, wiretest.Response{Status: 200, Body: body}).Client(t))
				assert.ErrorIs(t, err, mfa.ErrUnexpectedResponse, op)
			}
		})
	}
}
