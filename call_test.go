package mfa_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
)

// How the application authenticates, byte by byte, in every call.
func TestClient_clientAuthentication(t *testing.T) {
	t.Parallel()
	const (
		secret    = `s3cret/+&="ü`
		assertion = "eyJ.assert.ion"
		jwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	)
	const (
		secretJSON    = `"client_id":"` + clientID + `","client_secret":"s3cret/+&=\"ü"}`
		assertionJSON = `"client_id":"` + clientID + `","client_assertion":"` + assertion + `","client_assertion_type":"` + jwtBearer + `"}`
		secretForm    = "&client_id=" + clientID + "&client_secret=s3cret%2F%2B%26%3D%22%C3%BC"
		assertionForm = "&client_id=" + clientID + "&client_assertion=" + assertion +
			"&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
		grant   = "grant_type=http%3A%2F%2Fauth0.com%2Foauth%2Fgrant-type%2F"
		tokens  = "&mfa_token=" + mfaTokenForm
		oobForm = tokens + "&oob_code=" + oobCodeForm
	)
	// Where the credentials stand in each body; none: they are not sent.
	bodies := map[mfa.Op]string{
		"associate":            `{"authenticator_types":["oob"],"oob_channels":["email"],"email":"ada@example.com",JSON`,
		"list authenticators":  "",
		"delete authenticator": "",
		"challenge":            `{"mfa_token":"` + mfaToken + `","challenge_type":"oob","authenticator_id":"` + emailID + `",JSON`,
		"verify oob":           grant + "mfa-oobFORM" + oobForm + "&binding_code=000042",
		"poll push":            grant + "mfa-oobFORM" + oobForm,
		"verify otp":           grant + "mfa-otpFORM" + tokens + "&otp=001337",
		"verify recovery code": grant + "mfa-recovery-codeFORM" + tokens + "&recovery_code=N3BGPZZWJ85JLCNPZBDW6QXC",
		"password login":       "grant_type=passwordFORM&username=ada%40example.com&password=correct+horse",
		"warm":                 "",
	}
	for _, op := range operations {
		t.Run(op.String()+"/secret", func(t *testing.T) {
			t.Parallel()
			tenant := newTenant(t, op.success)
			_, err := op.call(t.Context(), tenant.client(t, mfa.WithClientSecret(secret)))
			require.NoError(t, err)
			require.Len(t, tenant.requests(), 1)
			assert.Equal(t, strings.NewReplacer("JSON", secretJSON, "FORM", secretForm).Replace(bodies[op.name]), tenant.requests()[0].Body)
		})
		t.Run(op.String()+"/assertion", func(t *testing.T) {
			t.Parallel()
			tenant := newTenant(t, op.success)
			calls := 0
			_, err := op.call(t.Context(), tenant.client(t, mfa.WithClientAssertion(func(ctx context.Context) (string, error) {
				calls++
				_, limited := ctx.Deadline()
				return assertion, when(!limited, errors.New("without the deadline of the call"))
			})))
			require.NoError(t, err)
			require.Len(t, tenant.requests(), 1)
			assert.Equal(t, strings.NewReplacer("JSON", assertionJSON, "FORM", assertionForm).Replace(bodies[op.name]), tenant.requests()[0].Body)
			assert.Equal(t, bodies[op.name] != "", calls == 1)
		})
	}
}

func when(yes bool, err error) error {
	if yes {
		return err
	}
	return nil
}

func TestClient_clientAssertion_fails(t *testing.T) {
	t.Parallel()
	broken := errors.New("the key is " + mfaToken)
	for _, op := range operations {
		if op.route != "/oauth/token" && op.name != "associate" && op.name != "challenge" {
			continue
		}
		t.Run(op.String(), func(t *testing.T) {
			t.Parallel()
			tenant := newTenant(t, op.success)
			calls := 0
			e, err := op.fails(t, t.Context(), tenant.client(t, mfa.WithClientAssertion(func(context.Context) (string, error) {
				calls++
				return "", broken
			})))
			assert.ErrorIs(t, err, broken)
			assertMeans(t, err)
			assert.Equal(t, mfa.DeliveryNotSent, e.Delivery)
			assert.NotContains(t, err.Error(), mfaToken)
			assert.Equal(t, 1, calls)
			assert.Empty(t, tenant.requests())
		})
		for name, assertion := range map[string]string{"empty": "", "blank": "a b", "line break": "a\r\nb", "too long": strings.Repeat("a", 16<<10+1)} {
			t.Run(op.String()+"/"+name, func(t *testing.T) {
				t.Parallel()
				tenant := newTenant(t, op.success)
				e, err := op.fails(t, t.Context(), tenant.client(t, mfa.WithClientAssertion(func(context.Context) (string, error) { return assertion, nil })))
				assertMeans(t, err, mfa.ErrInvalidRequest)
				assert.Equal(t, []string{"ClientAssertion"}, e.Fields)
				assert.Equal(t, mfa.DeliveryNotSent, e.Delivery)
				assert.Empty(t, tenant.requests())
			})
		}
	}
}

func TestClient_endUserIP(t *testing.T) {
	t.Parallel()
	token, oob := mfa.NewSecret(mfaToken), mfa.NewSecret(oobCode)
	calls := map[string]func(context.Context, *mfa.Client, netip.Addr) error{
		"VerifyOOB": func(ctx context.Context, c *mfa.Client, ip netip.Addr) error {
			_, err := c.VerifyOOB(ctx, mfa.VerifyOOBRequest{MFAToken: token, OOBCode: oob, BindingCode: mfa.NewSecret("000042"), EndUserIP: ip})
			return err
		},
		"PollPush": func(ctx context.Context, c *mfa.Client, ip netip.Addr) error {
			_, err := c.PollPush(ctx, mfa.PollPushRequest{MFAToken: token, OOBCode: oob, EndUserIP: ip})
			return err
		},
		"VerifyOTP": func(ctx context.Context, c *mfa.Client, ip netip.Addr) error {
			_, err := c.VerifyOTP(ctx, mfa.VerifyOTPRequest{MFAToken: token, OTP: mfa.NewSecret("001337"), EndUserIP: ip})
			return err
		},
		"VerifyRecoveryCode": func(ctx context.Context, c *mfa.Client, ip netip.Addr) error {
			_, err := c.VerifyRecoveryCode(ctx, mfa.VerifyRecoveryCodeRequest{MFAToken: token, RecoveryCode: mfa.NewSecret("N3BG"), EndUserIP: ip})
			return err
		},
		"PasswordLogin": func(ctx context.Context, c *mfa.Client, ip netip.Addr) error {
			_, err := c.PasswordLogin(ctx, mfa.PasswordLoginRequest{Username: "ada", Password: mfa.NewSecret("pw"), EndUserIP: ip})
			return err
		},
	}
	for name, call := range calls {
		for given, header := range map[string]string{
			"203.0.113.7": "203.0.113.7", "2001:DB8:0:0::1": "2001:db8::1", "::ffff:203.0.113.7": "203.0.113.7", "": "",
		} {
			t.Run(name+"/"+given, func(t *testing.T) {
				t.Parallel()
				tenant := newTenant(t, tokenAnswer)
				ip, _ := netip.ParseAddr(given)
				client := tenant.client(t, mfa.WithClientSecret("s3cret"))
				require.NoError(t, call(t.Context(), client, ip))
				require.NoError(t, call(t.Context(), client, netip.Addr{}))
				require.Len(t, tenant.requests(), 2)
				want := []string{header}
				if header == "" {
					want = nil
				}
				assert.Equal(t, want, tenant.requests()[0].Header["Auth0-Forwarded-For"])
				assert.NotContains(t, tenant.requests()[1].Header, "Auth0-Forwarded-For", "the address of another user")
			})
		}
		for given, opts := range map[string][]mfa.Option{
			"203.0.113.7":             nil,
			"2001:db8::1":             {mfa.WithClientAssertion(func(context.Context) (string, error) { return "eyJ", nil })},
			"fe80::1%eth0":            {mfa.WithClientSecret("s3cret")},
			"::ffff:203.0.113.7%eth0": {mfa.WithClientSecret("s3cret")},
		} {
			t.Run(name+"/refused/"+given, func(t *testing.T) {
				t.Parallel()
				tenant := newTenant(t, tokenAnswer)
				assertRefused(t, tenant, call(t.Context(), tenant.client(t, opts...), netip.MustParseAddr(given)), given, "EndUserIP")
			})
		}
	}
}

// assertRefused asserts that a local check refused these fields, sent nothing
// and did not repeat the value.
func assertRefused(t *testing.T, s *tenant, err error, value string, fields ...string) {
	t.Helper()
	var e *mfa.Error
	require.ErrorAs(t, err, &e)
	assert.ElementsMatch(t, fields, e.Fields)
	assertMeans(t, err, mfa.ErrInvalidRequest)
	assert.Equal(t, mfa.DeliveryNotSent, e.Delivery)
	assert.Zero(t, e.StatusCode)
	assert.Empty(t, e.Code+e.Description)
	for _, field := range fields {
		assert.Contains(t, err.Error(), field)
	}
	if len(value) > 2 { // shorter ones are in any text
		assert.NotContains(t, fmt.Sprintf("%v %#v %q", err, err, err), value)
	}
	assert.Empty(t, s.requests())
}
