package acmelogin_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	acmelogin "github.com/go-auth0-mfa/mfa/examples/wrapper"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

const (
	email    = "ada@example.com"
	password = "correct horse"
)

var userIP = netip.MustParseAddr("192.0.2.7")

func newClient(t *testing.T, user mfatest.User, opts ...mfatest.Option) (*mfatest.Tenant, *acmelogin.Client) {
	tenant := mfatest.NewTenant(opts...)
	t.Cleanup(tenant.Close)
	user.Email, user.Password = email, password
	tenant.AddUser(user)
	client, err := acmelogin.New(acmelogin.Config{
		Domain: tenant.URL, ClientID: tenant.ClientID, ClientSecret: tenant.ClientSecret,
		Team: "checkout", Transport: tenant.HTTPClient().Transport,
	})
	require.NoError(t, err)
	return tenant, client
}

// signIn runs both forms and returns the error of the one that fails.
func signIn(ctx context.Context, tenant *mfatest.Tenant, client *acmelogin.Client, meanwhile func(*mfatest.Tenant)) error {
	_, pending, err := client.SignIn(ctx, email, mfa.NewSecret(password), userIP)
	if err != nil {
		return err
	}
	if meanwhile != nil {
		meanwhile(tenant)
	}
	code, _ := tenant.LastCode(email)
	_, err = client.Confirm(ctx, pending, mfa.NewSecret(code), userIP)
	return err
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	for name, user := range map[string]mfatest.User{"enroll": {}, "challenge": {EmailVerified: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant, client := newClient(t, user)
			require.NoError(t, signIn(t.Context(), tenant, client, nil))
			requests := tenant.Requests()
			assert.Len(t, requests, 4)
			for _, request := range requests {
				assert.Regexp(t, `^acme-login/1\.4\.0 go-auth0-mfa/\S+ \(go`, request.Header.Get("User-Agent"), request)
				assert.Equal(t, []string{"checkout"}, request.Header["X-Acme-Team"], request)
				if request.Path == "/oauth/token" {
					assert.Equal(t, "192.0.2.7", request.Header.Get("auth0-forwarded-for"), request)
				}
			}
		})
	}
}

// A user with an app is not enrolled past it.
func TestSignIn_withAnotherFactor(t *testing.T) {
	t.Parallel()
	tenant, client := newClient(t, mfatest.User{Authenticators: []mfatest.Authenticator{{Factor: mfa.FactorOTP, Active: true}}})
	_, _, err := client.SignIn(t.Context(), email, mfa.NewSecret(password), userIP)
	require.ErrorIs(t, err, acmelogin.ErrCallSupport)
	require.ErrorIs(t, err, mfa.ErrAlreadyEnrolled)
	require.Len(t, tenant.Requests(), 2)
	assert.Equal(t, mfa.OpListAuthenticators, tenant.Requests()[1].Op)
}

// Each failure, in Acme's words. The server quotes what it was sent.
func TestErrors(t *testing.T) {
	t.Parallel()
	const quotes = `correct horse ada@example.com`
	for name, test := range map[string]struct {
		opts      []mfatest.Option
		fault     mfatest.Fault
		meanwhile func(*mfatest.Tenant)
		want      error
		after     time.Duration
		below     error
	}{
		"wrong password": {
			fault: mfatest.Fault{Op: mfa.OpPasswordLogin, Status: 403, Body: `{"error":"invalid_grant","error_description":"Wrong email or password."}`},
			want:  acmelogin.ErrTypo, below: mfa.ErrInvalidCredentials,
		},
		"wrong code": {
			fault: mfatest.Fault{Op: mfa.OpVerifyOOB, Status: 403, Body: `{"error":"invalid_grant","error_description":"Invalid binding_code."}`},
			want:  acmelogin.ErrTypo, below: mfa.ErrInvalidCode,
		},
		"too late": {
			meanwhile: func(tenant *mfatest.Tenant) { tenant.Advance(10 * time.Minute) },
			want:      acmelogin.ErrLogInAgain, below: mfa.ErrTokenExpired,
		},
		"lost reply to the mail": {
			fault: mfatest.Fault{Op: mfa.OpAssociate, Kind: mfatest.FaultDropReply},
			want:  acmelogin.ErrLogInAgain, below: mfa.ErrOutcomeUnknown,
		},
		"lost reply to the code": {
			fault: mfatest.Fault{Op: mfa.OpVerifyOOB, Kind: mfatest.FaultDropReply},
			want:  acmelogin.ErrLogInAgain, below: mfa.ErrOutcomeUnknown,
		},
		"too many requests": {
			fault: mfatest.Fault{
				Op: mfa.OpAssociate, Status: 429, Header: http.Header{"Retry-After": {"7"}},
				Body: `{"error":"too_many_requests","error_description":"` + quotes + `"}`,
			},
			want: acmelogin.ErrComeBack, after: 7 * time.Second, below: mfa.ErrRateLimited,
		},
		"server down": {
			fault: mfatest.Fault{Op: mfa.OpPasswordLogin, Status: 503, Body: "<h1>" + quotes + "</h1>"},
			want:  acmelogin.ErrComeBack, below: mfa.ErrServer,
		},
		"blocked": {
			fault: mfatest.Fault{Op: mfa.OpPasswordLogin, Status: 403, Body: `{"error":"unauthorized","error_description":"user is blocked"}`},
			want:  acmelogin.ErrCallSupport, below: mfa.ErrBlocked,
		},
		"unknown code": {
			fault: mfatest.Fault{Op: mfa.OpVerifyOOB, Status: 400, Body: `{"error":"` + quotes + `","error_description":"` + quotes + `"}`},
			want:  acmelogin.ErrOurFault,
		},
		"grant switched off": {
			opts: []mfatest.Option{mfatest.WithoutPasswordGrant()},
			want: acmelogin.ErrOurFault, below: mfa.ErrGrantNotAllowed,
		},
		"no mfa_token": {
			opts: []mfatest.Option{mfatest.WithoutMFAToken()},
			want: acmelogin.ErrOurFault, below: mfa.ErrMFARequired,
		},
		"another factor": {
			opts: []mfatest.Option{mfatest.WithChainedMFA(1)},
			want: acmelogin.ErrOurFault, below: mfa.ErrMFARequired,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant, client := newClient(t, mfatest.User{}, test.opts...)
			if test.fault.Op != "" {
				tenant.Fail(test.fault)
			}
			err := signIn(t.Context(), tenant, client, test.meanwhile)

			var e *acmelogin.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, test.want, e.Kind)
			assert.Equal(t, test.after, e.After)
			assert.ErrorIs(t, err, test.want)
			var below *mfa.Error
			assert.ErrorAs(t, err, &below)
			if test.below != nil {
				assert.ErrorIs(t, err, test.below)
			}
			for _, secret := range secrets(tenant) {
				for _, printed := range prints(err) {
					assert.False(t, strings.Contains(printed, secret), "a secret is in the error")
				}
			}
		})
	}
}

// The caller's own context is no matter of Acme's errors.
func TestCanceled(t *testing.T) {
	t.Parallel()
	_, client := newClient(t, mfatest.User{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := client.SignIn(ctx, email, mfa.NewSecret(password), userIP)
	assert.ErrorIs(t, err, context.Canceled)
	var e *acmelogin.Error
	assert.NotErrorAs(t, err, &e)
}

func TestNew_refuses(t *testing.T) {
	t.Parallel()
	_, err := acmelogin.New(acmelogin.Config{Domain: "http://login.acme.example", ClientID: "id", ClientSecret: "secret"})
	assert.ErrorIs(t, err, acmelogin.ErrOurFault)
	assert.ErrorIs(t, err, mfa.ErrInvalidRequest)
}

// secrets returns what was sent and received that must not be shown: the
// password, codes, tokens and the client's secret.
func secrets(tenant *mfatest.Tenant) []string {
	all := []string{password, email, tenant.ClientSecret}
	for _, mail := range tenant.Inbox(email) {
		all = append(all, mail.Code)
	}
	for _, request := range tenant.Requests() {
		if _, token, ok := strings.Cut(request.Header.Get("Authorization"), "Bearer "); ok {
			all = append(all, token)
		}
		form, _ := url.ParseQuery(string(request.Body))
		for _, name := range []string{"mfa_token", "oob_code", "binding_code"} {
			if value := form.Get(name); value != "" {
				all = append(all, value)
			}
		}
	}
	return all
}

// prints returns what programs make of an error.
func prints(err error) []string {
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Error("failed", "err", err)
	slog.New(slog.NewTextHandler(&log, nil)).Error("failed", "err", err)
	asJSON, _ := json.Marshal(err)
	all := []string{err.Error(), log.String(), string(asJSON)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		all = append(all, fmt.Sprintf(verb, err))
	}
	return all
}
