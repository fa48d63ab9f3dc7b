package contract

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
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
		secretJSON    = `"client_id":"` + wiretest.ClientID + `","client_secret":"s3cret/+&=\"ü"}`
		assertionJSON = `"client_id":"` + wiretest.ClientID + `","client_assertion":"` + assertion + `","client_assertion_type":"` + jwtBearer + `"}`
		secretForm    = "&client_id=" + wiretest.ClientID + "&client_secret=s3cret%2F%2B%26%3D%22%C3%BC"
		assertionForm = "&client_id=" + wiretest.ClientID + "&client_assertion=" + assertion +
			"&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
		grant   = "grant_type=http%3A%2F%2Fauth0.com%2Foauth%2Fgrant-type%2F"
		tokens  = "&mfa_token=" + wiretest.MFATokenForm
		oobForm = tokens + "&oob_code=" + wiretest.OOBCodeForm
	)
	// Where the credentials stand in each body; none: they are not sent.
	bodies := map[mfa.Op]string{
		"associate":            `{"authenticator_types":["oob"],"oob_channels":["email"],"email":"ada@example.com",JSON`,
		"list authenticators":  "",
		"delete authenticator": "",
		"challenge":            `{"mfa_token":"` + wiretest.MFAToken + `","challenge_type":"oob","authenticator_id":"` + wiretest.EmailID + `",JSON`,
		"verify oob":           grant + "mfa-oobFORM" + oobForm + "&binding_code=000042",
		"poll push":            grant + "mfa-oobFORM" + oobForm,
		"verify otp":           grant + "mfa-otpFORM" + tokens + "&otp=001337",
		"verify recovery code": grant + "mfa-recovery-codeFORM" + tokens + "&recovery_code=N3BGPZZWJ85JLCNPZBDW6QXC",
		"refresh":              "grant_type=refresh_tokenFORM&refresh_token=v1.MRjVR0SsTqX4lPbFsQ",
		"password login":       "grant_type=passwordFORM&username=ada%40example.com&password=correct+horse",
		"warm":                 "",
	}
	for _, op := range wiretest.Operations {
		t.Run(op.String()+"/secret", func(t *testing.T) {
			t.Parallel()
			tenant := wiretest.NewTenant(t, op.Success)
			_, err := op.Call(t.Context(), tenant.Client(t, mfa.WithClientSecret(secret)))
			require.NoError(t, err)
			require.Len(t, tenant.Requests(), 1)
			assert.Equal(t, strings.NewReplacer("JSON", secretJSON, "FORM", secretForm).Replace(bodies[op.Op]), tenant.Requests()[0].Body)
		})
		t.Run(op.String()+"/assertion", func(t *testing.T) {
			t.Parallel()
			tenant := wiretest.NewTenant(t, op.Success)
			calls := 0
			_, err := op.Call(t.Context(), tenant.Client(t, mfa.WithClientAssertion(func(ctx context.Context) (string, error) {
				calls++
				_, limited := ctx.Deadline()
				return assertion, when(!limited, errors.New("without the deadline of the call"))
			})))
			require.NoError(t, err)
			require.Len(t, tenant.Requests(), 1)
			assert.Equal(t, strings.NewReplacer("JSON", assertionJSON, "FORM", assertionForm).Replace(bodies[op.Op]), tenant.Requests()[0].Body)
			assert.Equal(t, bodies[op.Op] != "", calls == 1)
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
	broken := errors.New("the key is " + wiretest.MFAToken)
	for _, op := range wiretest.Operations {
		if op.Route != "/oauth/token" && op.Op != "associate" && op.Op != "challenge" {
			continue
		}
		t.Run(op.String(), func(t *testing.T) {
			t.Parallel()
			tenant := wiretest.NewTenant(t, op.Success)
			calls := 0
			e, err := op.Fails(t, t.Context(), tenant.Client(t, mfa.WithClientAssertion(func(context.Context) (string, error) {
				calls++
				return "", broken
			})))
			assert.ErrorIs(t, err, broken)
			wiretest.AssertMeans(t, err)
			assert.Equal(t, mfa.DeliveryNotSent, e.Delivery)
			assert.NotContains(t, err.Error(), wiretest.MFAToken)
			assert.Equal(t, 1, calls)
			assert.Empty(t, tenant.Requests())
		})
		for name, assertion := range map[string]string{"empty": "", "space": "a b", "line break": "a\r\nb", "too long": strings.Repeat("a", 16<<10+1)} {
			t.Run(op.String()+"/"+name, func(t *testing.T) {
				t.Parallel()
				tenant := wiretest.NewTenant(t, op.Success)
				e, err := op.Fails(t, t.Context(), tenant.Client(t, mfa.WithClientAssertion(func(context.Context) (string, error) { return assertion, nil })))
				wiretest.AssertMeans(t, err, mfa.ErrInvalidRequest)
				assert.Equal(t, []string{"ClientAssertion"}, e.Fields)
				assert.Equal(t, mfa.DeliveryNotSent, e.Delivery)
				assert.Empty(t, tenant.Requests())
			})
		}
	}
}

func TestClient_endUserIP(t *testing.T) {
	t.Parallel()
	token, oob := mfa.NewSecret(wiretest.MFAToken), mfa.NewSecret(wiretest.OOBCode)
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
				tenant := wiretest.NewTenant(t, wiretest.TokenResponse)
				ip, _ := netip.ParseAddr(given)
				client := tenant.Client(t, mfa.WithClientSecret("s3cret"))
				require.NoError(t, call(t.Context(), client, ip))
				require.NoError(t, call(t.Context(), client, netip.Addr{}))
				require.Len(t, tenant.Requests(), 2)
				want := []string{header}
				if header == "" {
					want = nil
				}
				assert.Equal(t, want, tenant.Requests()[0].Header["Auth0-Forwarded-For"])
				assert.NotContains(t, tenant.Requests()[1].Header, "Auth0-Forwarded-For", "the address of another user")
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
				tenant := wiretest.NewTenant(t, wiretest.TokenResponse)
				wiretest.AssertRefused(t, tenant, call(t.Context(), tenant.Client(t, opts...), netip.MustParseAddr(given)), given, "EndUserIP")
			})
		}
	}
}
