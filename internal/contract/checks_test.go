package contract

import (
	"context"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

// rule says what a field may hold.
type rule struct{ good, bad []string }

// The limits of each kind of field. Good values are sent, bad ones are not.
var (
	tokenRule = rule{
		good: []string{"a", "!~", strings.Repeat("a", 16<<10)},
		bad:  []string{"", " ", "a b", " Fe26", "Fe26 ", "a\tb", "Fe26\r\n", "a\x00b", "a\x7fb", "Fe26ü", "Fe26\xff", strings.Repeat("a", 16<<10+1), "[REDACTED]"},
	}
	codeRule = rule{
		good: []string{"0", "12-34", " 123456\r\n", "\u2003123456\u00a0", "123 456", "１２３４５６", strings.Repeat("9", 64), " " + strings.Repeat("9", 64) + " "},
		bad: []string{"", " ", "\r\n\t", "12 34", "123 4567", "１２３４５", "1234567\u200b", "123456 or 654321", "123\x0045", "12\xff34",
			strings.Repeat("9", 65), "[REDACTED]", " [REDACTED]\n"},
	}
	recoveryRule = rule{
		good: []string{"0", "12-34", " 123456\r\n", "n3bg pzzw j85j lcnp zbdw 6qxc", strings.Repeat("9", 64), " " + strings.Repeat("9", 64) + " "},
		bad: []string{"", " ", "\r\n\t", "123 456", "n3bg pzzw j85j lcnp zbdw 6qx", "n3bg pzzw j85j lcnp zbdw 6qxc 7", "１２３４５６", "123\x00456", "12\xff34",
			strings.Repeat("9", 65), "[REDACTED]", " [REDACTED]\n"},
	}
	idRule = rule{
		good: []string{"a", "...", ".a", "email|dev_hdkmORJuqOmjRRQU", strings.Repeat("a", 256)},
		bad:  []string{".", "..", "a/b", `a\b`, "a?b", "a#b", "a%b", "../mfa", "a b", "dev\n", "devü", strings.Repeat("a", 257), "[REDACTED]"},
	}
	emailRule = rule{
		good: []string{"a@b", "ä@ö.example", `"a b"@example.com`, strings.Repeat("a", 318) + "@b"},
		bad:  []string{"@b", "a@", "@bc", "ab@", "abc", "a@b@c", "a@b\r\nc", "a@b\x00", "a@b\u0085", "a@\xff", strings.Repeat("a", 319) + "@b", "[REDACTED]"},
	}
	phoneRule = rule{
		good: []string{"+12", "+4930901820", "+123456789012345"},
		bad:  []string{"", "+", "+1", "4930901820", "+049309018", "+49 30 901820", "+49-30-901820", "+1234567890123456", "+١٢٣٤٥", "++4930", "[REDACTED]"},
	}
	usernameRule = rule{
		good: []string{"a", "ab", "ada", "äö", "ada lovelace", strings.Repeat("a", 320)},
		bad:  []string{"", "ada\n", "ada\x00", "ada\x7f", "ada\xff", strings.Repeat("a", 321), "[REDACTED]"},
	}
	passwordRule = rule{
		good: []string{" ", "p", "\ttab\r\n\x00", "пароль", strings.Repeat("a", 4096)},
		bad:  []string{"", "pass\xff", strings.Repeat("a", 4097), "[REDACTED]"},
	}
	audienceRule = rule{good: []string{"urn:api", strings.Repeat("a", 2048)}, bad: []string{"a b", "a\n", strings.Repeat("a", 2049)}}
	realmRule    = rule{good: []string{"Username-Password-Authentication", "my db", strings.Repeat("a", 256)}, bad: []string{"a\nb", "a\xff", strings.Repeat("a", 257)}}
	scopeRule    = rule{good: []string{"openid", "read:authenticators"}, bad: []string{"", "openid profile", `"openid"`, `a\b`, "a\n", "ü"}}
	typeRule     = rule{good: []string{"oob", "otp", "oob otp"}, bad: []string{" ", "oob ", " oob", "oob  otp", "oob\totp", "oob\n", "öob", strings.Repeat("a", 257)}}
)

func TestClient_localChecks(t *testing.T) {
	t.Parallel()
	token, oob := mfa.NewSecret(wiretest.MFAToken), mfa.NewSecret(wiretest.OOBCode)
	type call func(ctx context.Context, c *mfa.Client, value string) error
	associate := func(req func(value string) mfa.AssociateRequest) call {
		return func(ctx context.Context, c *mfa.Client, value string) error {
			_, err := c.Associate(ctx, req(value))
			return err
		}
	}
	challenge := func(req func(value string) mfa.ChallengeRequest) call {
		return func(ctx context.Context, c *mfa.Client, value string) error {
			_, err := c.Challenge(ctx, req(value))
			return err
		}
	}
	verifyOOB := func(req func(value string) mfa.VerifyOOBRequest) call {
		return func(ctx context.Context, c *mfa.Client, value string) error {
			_, err := c.VerifyOOB(ctx, req(value))
			return err
		}
	}
	login := func(change func(req *mfa.PasswordLoginRequest, value string)) call {
		return func(ctx context.Context, c *mfa.Client, value string) error {
			req := mfa.PasswordLoginRequest{Username: "ada", Password: mfa.NewSecret("pw")}
			change(&req, value)
			_, err := c.PasswordLogin(ctx, req)
			return err
		}
	}
	refresh := func(change func(req *mfa.RefreshRequest, value string)) call {
		return func(ctx context.Context, c *mfa.Client, value string) error {
			req := mfa.RefreshRequest{RefreshToken: mfa.NewSecret("v1.refresh")}
			change(&req, value)
			_, err := c.Refresh(ctx, req)
			return err
		}
	}
	for name, tt := range map[string]struct {
		op    mfa.Op
		field string
		rule  rule
		call  call
	}{
		"Associate/Token": {"associate", "Token", tokenRule, associate(func(v string) mfa.AssociateRequest {
			return mfa.AssociateRequest{Token: mfa.NewSecret(v)}
		})},
		"Associate/Email": {"associate", "Email", emailRule, associate(func(v string) mfa.AssociateRequest {
			return mfa.AssociateRequest{Token: token, Email: v}
		})},
		"Associate/PhoneNumber/SMS": {"associate", "PhoneNumber", phoneRule, associate(func(v string) mfa.AssociateRequest {
			return mfa.AssociateRequest{Token: token, Factor: mfa.FactorSMS, PhoneNumber: v}
		})},
		"Associate/PhoneNumber/voice": {"associate", "PhoneNumber", phoneRule, associate(func(v string) mfa.AssociateRequest {
			return mfa.AssociateRequest{Token: token, Factor: mfa.FactorVoice, PhoneNumber: v}
		})},
		"Associate/Factor": {"associate", "Factor", rule{bad: []string{"recovery-code", "webauthn-roaming", "EMAIL", "oob"}}, associate(func(v string) mfa.AssociateRequest {
			return mfa.AssociateRequest{Token: token, Factor: mfa.Factor(v)}
		})},
		"ListAuthenticators/Token": {"list authenticators", "Token", tokenRule, func(ctx context.Context, c *mfa.Client, v string) error {
			_, err := c.ListAuthenticators(ctx, mfa.ListAuthenticatorsRequest{Token: mfa.NewSecret(v)})
			return err
		}},
		"DeleteAuthenticator/Token": {"delete authenticator", "Token", tokenRule, func(ctx context.Context, c *mfa.Client, v string) error {
			return c.DeleteAuthenticator(ctx, mfa.DeleteAuthenticatorRequest{Token: mfa.NewSecret(v), AuthenticatorID: wiretest.EmailID})
		}},
		"DeleteAuthenticator/AuthenticatorID": {"delete authenticator", "AuthenticatorID", rule{idRule.good, append([]string{""}, idRule.bad...)}, func(ctx context.Context, c *mfa.Client, v string) error {
			return c.DeleteAuthenticator(ctx, mfa.DeleteAuthenticatorRequest{Token: token, AuthenticatorID: v})
		}},
		"Challenge/MFAToken": {"challenge", "MFAToken", tokenRule, challenge(func(v string) mfa.ChallengeRequest {
			return mfa.ChallengeRequest{MFAToken: mfa.NewSecret(v)}
		})},
		"Challenge/AuthenticatorID": {"challenge", "AuthenticatorID", idRule, challenge(func(v string) mfa.ChallengeRequest {
			return mfa.ChallengeRequest{MFAToken: token, AuthenticatorID: v}
		})},
		"Challenge/ChallengeType": {"challenge", "ChallengeType", typeRule, challenge(func(v string) mfa.ChallengeRequest {
			return mfa.ChallengeRequest{MFAToken: token, ChallengeType: v}
		})},
		"VerifyOOB/MFAToken": {"verify oob", "MFAToken", tokenRule, verifyOOB(func(v string) mfa.VerifyOOBRequest {
			return mfa.VerifyOOBRequest{MFAToken: mfa.NewSecret(v), OOBCode: oob, BindingCode: mfa.NewSecret("1")}
		})},
		"VerifyOOB/OOBCode": {"verify oob", "OOBCode", tokenRule, verifyOOB(func(v string) mfa.VerifyOOBRequest {
			return mfa.VerifyOOBRequest{MFAToken: token, OOBCode: mfa.NewSecret(v), BindingCode: mfa.NewSecret("1")}
		})},
		"VerifyOOB/BindingCode": {"verify oob", "BindingCode", codeRule, verifyOOB(func(v string) mfa.VerifyOOBRequest {
			return mfa.VerifyOOBRequest{MFAToken: token, OOBCode: oob, BindingCode: mfa.NewSecret(v)}
		})},
		"PollPush/MFAToken": {"poll push", "MFAToken", tokenRule, func(ctx context.Context, c *mfa.Client, v string) error {
			_, err := c.PollPush(ctx, mfa.PollPushRequest{MFAToken: mfa.NewSecret(v), OOBCode: oob})
			return err
		}},
		"PollPush/OOBCode": {"poll push", "OOBCode", tokenRule, func(ctx context.Context, c *mfa.Client, v string) error {
			_, err := c.PollPush(ctx, mfa.PollPushRequest{MFAToken: token, OOBCode: mfa.NewSecret(v)})
			return err
		}},
		"VerifyOTP/MFAToken": {"verify otp", "MFAToken", tokenRule, func(ctx context.Context, c *mfa.Client, v string) error {
			_, err := c.VerifyOTP(ctx, mfa.VerifyOTPRequest{MFAToken: mfa.NewSecret(v), OTP: mfa.NewSecret("1")})
			return err
		}},
		"VerifyOTP/OTP": {"verify otp", "OTP", codeRule, func(ctx context.Context, c *mfa.Client, v string) error {
			_, err := c.VerifyOTP(ctx, mfa.VerifyOTPRequest{MFAToken: token, OTP: mfa.NewSecret(v)})
			return err
		}},
		"VerifyRecoveryCode/MFAToken": {"verify recovery code", "MFAToken", tokenRule, func(ctx context.Context, c *mfa.Client, v string) error {
			_, err := c.VerifyRecoveryCode(ctx, mfa.VerifyRecoveryCodeRequest{MFAToken: mfa.NewSecret(v), RecoveryCode: mfa.NewSecret("1")})
			return err
		}},
		"VerifyRecoveryCode/RecoveryCode": {"verify recovery code", "RecoveryCode", recoveryRule, func(ctx context.Context, c *mfa.Client, v string) error {
			_, err := c.VerifyRecoveryCode(ctx, mfa.VerifyRecoveryCodeRequest{MFAToken: token, RecoveryCode: mfa.NewSecret(v)})
			return err
		}},
		"Refresh/RefreshToken":   {"refresh", "RefreshToken", tokenRule, refresh(func(req *mfa.RefreshRequest, v string) { req.RefreshToken = mfa.NewSecret(v) })},
		"Refresh/Audience":       {"refresh", "Audience", audienceRule, refresh(func(req *mfa.RefreshRequest, v string) { req.Audience = v })},
		"Refresh/Scopes":         {"refresh", "Scopes", scopeRule, refresh(func(req *mfa.RefreshRequest, v string) { req.Scopes = []string{"openid", v} })},
		"PasswordLogin/Username": {"password login", "Username", usernameRule, login(func(req *mfa.PasswordLoginRequest, v string) { req.Username = v })},
		"PasswordLogin/Password": {"password login", "Password", passwordRule, login(func(req *mfa.PasswordLoginRequest, v string) { req.Password = mfa.NewSecret(v) })},
		"PasswordLogin/Realm":    {"password login", "Realm", realmRule, login(func(req *mfa.PasswordLoginRequest, v string) { req.Realm = v })},
		"PasswordLogin/Audience": {"password login", "Audience", audienceRule, login(func(req *mfa.PasswordLoginRequest, v string) { req.Audience = v })},
		"PasswordLogin/Scopes":   {"password login", "Scopes", scopeRule, login(func(req *mfa.PasswordLoginRequest, v string) { req.Scopes = []string{"email", v} })},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, value := range tt.rule.good {
				tenant := wiretest.NewTenant(t, wiretest.Named(tt.op).Success)
				require.NoError(t, tt.call(t.Context(), tenant.Client(t), value), "%.80q", value)
				assert.Len(t, tenant.Requests(), 1)
			}
			for _, value := range tt.rule.bad {
				tenant := wiretest.NewTenant(t, wiretest.Named(tt.op).Success)
				wiretest.AssertRefused(t, tenant, tt.call(t.Context(), tenant.Client(t), value), value, tt.field)
			}
		})
	}
}

func TestClient_Associate_fieldsOfOtherFactors(t *testing.T) {
	t.Parallel()
	token := mfa.NewSecret(wiretest.MFAToken)
	for name, tt := range map[string]struct {
		req    mfa.AssociateRequest
		fields []string
	}{
		"number for e-mail": {mfa.AssociateRequest{Token: token, PhoneNumber: "+4930901820"}, []string{"PhoneNumber"}},
		"number for push":   {mfa.AssociateRequest{Token: token, Factor: mfa.FactorPush, PhoneNumber: "+4930901820"}, []string{"PhoneNumber"}},
		"number for OTP":    {mfa.AssociateRequest{Token: token, Factor: mfa.FactorOTP, PhoneNumber: "+4930901820"}, []string{"PhoneNumber"}},
		"address for SMS":   {mfa.AssociateRequest{Token: token, Factor: mfa.FactorSMS, PhoneNumber: "+4930901820", Email: "ada@example.com"}, []string{"Email"}},
		"address for voice": {mfa.AssociateRequest{Token: token, Factor: mfa.FactorVoice, Email: "ada@example.com"}, []string{"Email", "PhoneNumber"}},
		"address for push":  {mfa.AssociateRequest{Token: token, Factor: mfa.FactorPush, Email: "ada@example.com"}, []string{"Email"}},
		"address for OTP":   {mfa.AssociateRequest{Token: token, Factor: mfa.FactorOTP, Email: "ada@example.com"}, []string{"Email"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := wiretest.NewTenant(t, wiretest.Named("associate").Success)
			_, err := tenant.Client(t).Associate(t.Context(), tt.req)
			wiretest.AssertRefused(t, tenant, err, "ada@example.com", tt.fields...)
		})
	}
}

// All that is wrong is said at once, the context included.
func TestClient_allFieldsAtOnce(t *testing.T) {
	t.Parallel()
	var none context.Context
	zone := netip.MustParseAddr("fe80::1%eth0")
	for name, tt := range map[string]struct {
		call   func(c *mfa.Client) (any, error)
		fields []string
	}{
		"associate": {func(c *mfa.Client) (any, error) {
			return wiretest.Plain(c.Associate(none, mfa.AssociateRequest{Factor: "x", Email: "y", PhoneNumber: "z"}))
		}, []string{"Token", "Factor", "Email", "PhoneNumber", "Context"}},
		"list authenticators": {func(c *mfa.Client) (any, error) {
			_, err := c.ListAuthenticators(none, mfa.ListAuthenticatorsRequest{})
			return nil, err
		}, []string{"Token", "Context"}},
		"delete authenticator": {func(c *mfa.Client) (any, error) {
			return nil, c.DeleteAuthenticator(none, mfa.DeleteAuthenticatorRequest{})
		}, []string{"Token", "AuthenticatorID", "Context"}},
		"challenge": {func(c *mfa.Client) (any, error) {
			return wiretest.Plain(c.Challenge(none, mfa.ChallengeRequest{AuthenticatorID: "..", ChallengeType: " "}))
		}, []string{"MFAToken", "AuthenticatorID", "ChallengeType", "Context"}},
		"verify oob": {func(c *mfa.Client) (any, error) {
			return wiretest.Plain(c.VerifyOOB(none, mfa.VerifyOOBRequest{EndUserIP: zone}))
		}, []string{"MFAToken", "OOBCode", "BindingCode", "EndUserIP", "Context"}},
		"poll push": {func(c *mfa.Client) (any, error) {
			return wiretest.Plain(c.PollPush(none, mfa.PollPushRequest{EndUserIP: zone}))
		}, []string{"MFAToken", "OOBCode", "EndUserIP", "Context"}},
		"verify otp": {func(c *mfa.Client) (any, error) {
			return wiretest.Plain(c.VerifyOTP(none, mfa.VerifyOTPRequest{EndUserIP: zone}))
		}, []string{"MFAToken", "OTP", "EndUserIP", "Context"}},
		"verify recovery code": {func(c *mfa.Client) (any, error) {
			return wiretest.Plain(c.VerifyRecoveryCode(none, mfa.VerifyRecoveryCodeRequest{EndUserIP: zone}))
		}, []string{"MFAToken", "RecoveryCode", "EndUserIP", "Context"}},
		"refresh": {func(c *mfa.Client) (any, error) {
			return wiretest.Plain(c.Refresh(none, mfa.RefreshRequest{Audience: " ", Scopes: []string{"", " "}, EndUserIP: zone}))
		}, []string{"RefreshToken", "Audience", "Scopes", "EndUserIP", "Context"}},
		"password login": {func(c *mfa.Client) (any, error) {
			return wiretest.Plain(c.PasswordLogin(none, mfa.PasswordLoginRequest{Realm: "\n", Audience: " ", Scopes: []string{"", " "}, EndUserIP: zone}))
		}, []string{"Username", "Password", "Realm", "Audience", "Scopes", "EndUserIP", "Context"}},
		"warm": {func(c *mfa.Client) (any, error) { return nil, c.Warm(none) }, []string{"Context"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := wiretest.NewTenant(t, wiretest.Named(mfa.Op(name)).Success)
			result, err := tt.call(tenant.Client(t))
			assert.Nil(t, result)
			wiretest.AssertRefused(t, tenant, err, "", tt.fields...)

			// A client that NewClient did not make says so as well.
			for _, unmade := range []*mfa.Client{{}, nil} {
				result, err := tt.call(unmade)
				assert.Nil(t, result)
				wiretest.AssertRefused(t, tenant, err, "", append([]string{"Client"}, tt.fields...)...)
			}
		})
	}
}

func TestWithClientAssertion_redacted(t *testing.T) {
	t.Parallel()
	tenant := wiretest.NewTenant(t, wiretest.TokenResponse)
	_, err := wiretest.Named("poll push").Call(t.Context(), tenant.Client(t, mfa.WithClientAssertion(func(context.Context) (string, error) {
		return mfa.NewSecret("eyJ").String(), nil
	})))
	wiretest.AssertRefused(t, tenant, err, "", "ClientAssertion")
}

func TestError_fieldsChanged(t *testing.T) {
	t.Parallel()
	_, err := wiretest.NewTenant(t, wiretest.TokenResponse).Client(t).PollPush(t.Context(), mfa.PollPushRequest{})
	var e *mfa.Error
	require.ErrorAs(t, err, &e)
	e.Fields = e.Fields[:1]
	assert.NotPanics(t, func() { _ = e.Error() })
}
