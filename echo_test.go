package mfa_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
)

// echoed is a call, with the values in it that must not come back in an
// error. Each holds the word bird, of which nothing else may hold a trace.
type echoed struct {
	call   func(context.Context, *mfa.Client) error
	values []string
}

const (
	birdSecret    = `bird-secret/+&="%ü`
	birdAssertion = "bird.assert+/=ion"
	birdToken     = "Fe26.2*bird+token/=&%*"
	birdOOB       = "Fe26.2*bird+oob/=&%*"
	birdCode      = "bird+/code%"
	birdID        = "email|bird+dev*=1"
	birdEmail     = `bird "eye"+tag@example.com`
	birdUser      = "bird user+tag/ü@example.com"
	birdPassword  = `bird pass/word+"ü"&%`
	birdPhone     = "+4930901820"
	birdIP        = "203.0.113.77"
)

var echoes = map[string]echoed{
	"associate": {func(ctx context.Context, c *mfa.Client) error {
		_, err := c.Associate(ctx, mfa.AssociateRequest{Token: mfa.NewSecret(birdToken), Email: birdEmail})
		return err
	}, []string{birdSecret, birdToken, birdEmail}},
	"associate a phone": {func(ctx context.Context, c *mfa.Client) error {
		_, err := c.Associate(ctx, mfa.AssociateRequest{Token: mfa.NewSecret(birdToken), Factor: mfa.FactorSMS, PhoneNumber: birdPhone})
		return err
	}, []string{birdSecret, birdToken, birdPhone}},
	"list authenticators": {func(ctx context.Context, c *mfa.Client) error {
		_, err := c.ListAuthenticators(ctx, mfa.ListAuthenticatorsRequest{Token: mfa.NewSecret(birdToken)})
		return err
	}, []string{birdToken}},
	"delete authenticator": {func(ctx context.Context, c *mfa.Client) error {
		return c.DeleteAuthenticator(ctx, mfa.DeleteAuthenticatorRequest{Token: mfa.NewSecret(birdToken), AuthenticatorID: birdID})
	}, []string{birdToken, birdID}},
	"challenge": {func(ctx context.Context, c *mfa.Client) error {
		_, err := c.Challenge(ctx, mfa.ChallengeRequest{MFAToken: mfa.NewSecret(birdToken), AuthenticatorID: birdID})
		return err
	}, []string{birdSecret, birdToken, birdID}},
	"verify oob": {func(ctx context.Context, c *mfa.Client) error {
		_, err := c.VerifyOOB(ctx, mfa.VerifyOOBRequest{
			MFAToken: mfa.NewSecret(birdToken), OOBCode: mfa.NewSecret(birdOOB), BindingCode: mfa.NewSecret(" " + birdCode + "\n"), EndUserIP: netip.MustParseAddr(birdIP),
		})
		return err
	}, []string{birdSecret, birdToken, birdOOB, birdCode, birdIP}},
	"poll push": {func(ctx context.Context, c *mfa.Client) error {
		_, err := c.PollPush(ctx, mfa.PollPushRequest{MFAToken: mfa.NewSecret(birdToken), OOBCode: mfa.NewSecret(birdOOB)})
		return err
	}, []string{birdSecret, birdToken, birdOOB}},
	"verify otp": {func(ctx context.Context, c *mfa.Client) error {
		_, err := c.VerifyOTP(ctx, mfa.VerifyOTPRequest{MFAToken: mfa.NewSecret(birdToken), OTP: mfa.NewSecret(birdCode)})
		return err
	}, []string{birdSecret, birdToken, birdCode}},
	"verify recovery code": {func(ctx context.Context, c *mfa.Client) error {
		_, err := c.VerifyRecoveryCode(ctx, mfa.VerifyRecoveryCodeRequest{MFAToken: mfa.NewSecret(birdToken), RecoveryCode: mfa.NewSecret(birdCode)})
		return err
	}, []string{birdSecret, birdToken, birdCode}},
	"poll push with an assertion": {func(ctx context.Context, c *mfa.Client) error {
		_, err := c.PollPush(ctx, mfa.PollPushRequest{MFAToken: mfa.NewSecret(birdToken), OOBCode: mfa.NewSecret(birdOOB)})
		return err
	}, []string{birdAssertion, birdToken, birdOOB}},
	"challenge with an assertion": {func(ctx context.Context, c *mfa.Client) error {
		_, err := c.Challenge(ctx, mfa.ChallengeRequest{MFAToken: mfa.NewSecret(birdToken)})
		return err
	}, []string{birdAssertion, birdToken}},
	"password login": {func(ctx context.Context, c *mfa.Client) error {
		_, err := c.PasswordLogin(ctx, mfa.PasswordLoginRequest{Username: birdUser, Password: mfa.NewSecret(birdPassword), EndUserIP: netip.MustParseAddr(birdIP)})
		return err
	}, []string{birdSecret, birdUser, birdPassword, birdIP}},
}

// A server that repeats what it was sent, in whichever member and form, finds
// none of it repeated by an error, an event or a log.
func TestEchoes(t *testing.T) {
	t.Parallel()
	forms := map[string]func(string) string{
		"plain": func(s string) string { return s }, "query": url.QueryEscape, "path": url.PathEscape,
		"upper case": strings.ToUpper, "lower case": strings.ToLower,
	}
	shapes := []string{
		`{"error":"odd_request","error_description":%s}`, `{"error":"odd_request","description":%s}`, `{"error":"odd_request","message":%s}`,
		`{"error":%s}`, `{"error":%s,"error_description":%[1]s}`, `{"errorCode":%s,"message":%[1]s}`, `{"code":%s,"description":%[1]s}`, `{"name":%s}`,
		`{"error":"mfa_required","error_description":%s,"mfa_token":"t"}`, `{"error":"invalid_grant","error_description":%s}`,
	}
	for name, echo := range echoes {
		for formName, form := range forms {
			for i, shape := range shapes {
				t.Run(fmt.Sprintf("%s/%s/%d", name, formName, i), func(t *testing.T) {
					t.Parallel()
					for _, value := range append(echo.values, strings.Join(echo.values, " and "), strings.Join(echo.values, "")) {
						quoted, err := json.Marshal(form(value))
						require.NoError(t, err)
						assertSilent(t, echo, fmt.Sprintf(shape, quoted))
					}
				})
			}
		}
	}
}

// assertSilent asserts that nothing shows of what the answer repeats.
func assertSilent(t *testing.T, echo echoed, body string) {
	t.Helper()
	var events []mfa.Event
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	client := newTenant(t, answer{status: 400, body: body}).client(t, echo.auth(), record(&events), mfa.WithLogger(logger))

	err := echo.call(t.Context(), client)

	logger.Error("failed", "error", err)
	var e *mfa.Error
	require.ErrorAs(t, err, &e)
	raw, _ := json.Marshal(e)
	all := fmt.Sprintf("%s\n%+v\n%#v\n%s\n%s\n%+v\n%s\n%s", err, err, err, e.Code, e.Description, events, log.String(), raw)
	for _, trace := range []string{"bird", birdPhone[1:], birdIP} {
		assert.NotContains(t, strings.ToLower(all), trace, body)
	}
}

// auth authenticates the application by whichever of the values is for that.
func (e echoed) auth() mfa.Option {
	if slices.Contains(e.values, birdAssertion) {
		return mfa.WithClientAssertion(func(context.Context) (string, error) { return birdAssertion, nil })
	}
	return mfa.WithClientSecret(birdSecret)
}

// What does not show is dropped from a server's text, but not before the values are.
func TestEchoes_invisible(t *testing.T) {
	t.Parallel()
	for _, password := range []string{"bird\tsong", "bird\r\nsong", "bird\x00song", "bird\u200bsong", "bird\u00adsong", "bird\u2028song"} {
		e := loginEchoing(t, password, `{"error":"odd_request","error_description":VALUE}`)
		assert.NotContains(t, e.Description, "bird", "%q", password)
	}
}

// Even a value that has the form of an error code is kept out of the text.
func TestEchoes_inTheFormOfACode(t *testing.T) {
	t.Parallel()
	var events []mfa.Event
	client := newTenant(t, refusal(400, "hunter_two", "hunter_two")).client(t, record(&events))
	_, err := client.PasswordLogin(t.Context(), mfa.PasswordLoginRequest{Username: "ada", Password: mfa.NewSecret("hunter_two")})
	var e *mfa.Error
	require.ErrorAs(t, err, &e)
	assert.NotContains(t, fmt.Sprint(err, e.Code, e.Description, events), "hunter")
}

// What a user typed may be a part of Auth0's own words, which mean what they
// mean all the same.
func TestEchoes_partOfAMeaning(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{"code", "codes", "binding_code", "grant", "invalid", "many", "e", ".", "_", "Invalid"} {
		for _, tt := range []struct {
			answer answer
			want   error
			next   mfa.Action
		}{
			{refusal(403, "invalid_grant", "Invalid binding_code."), mfa.ErrInvalidCode, mfa.ActionAskAgain},
			{refusal(400, "invalid_request", "Too many failed codes. Wait for some minutes before retrying."), mfa.ErrTooManyAttempts, mfa.ActionWait},
			{refusal(403, "expired_token", "oob_code is expired"), mfa.ErrChallengeExpired, mfa.ActionResend},
			{refusal(403, "unauthorized_client", "Grant type 'http://auth0.com/oauth/grant-type/mfa-oob' not allowed for the client."), mfa.ErrGrantNotAllowed, mfa.ActionFix},
			{answer{status: 403, body: `{"error":"mfa_required","mfa_token":"t"}`}, mfa.ErrMFARequired, mfa.ActionVerifyMFA},
		} {
			t.Run(fmt.Sprintf("%v/%s", tt.want, typed), func(t *testing.T) {
				t.Parallel()
				_, err := newTenant(t, tt.answer).client(t).VerifyOOB(t.Context(), mfa.VerifyOOBRequest{
					MFAToken: mfa.NewSecret(mfaToken), OOBCode: mfa.NewSecret(oobCode), BindingCode: mfa.NewSecret(typed),
				})
				assertMeans(t, err, tt.want)
				assert.Equal(t, tt.next, mfa.NextAction(err))
			})
		}
	}
}

// loginEchoing returns the error of a login whose answer quotes the password in
// place of VALUE.
func loginEchoing(t *testing.T, password, shape string) *mfa.Error {
	quoted, err := json.Marshal(password)
	require.NoError(t, err)
	_, err = newTenant(t, answer{status: 400, body: strings.ReplaceAll(shape, "VALUE", string(quoted))}).client(t).
		PasswordLogin(t.Context(), mfa.PasswordLoginRequest{Username: "ada", Password: mfa.NewSecret(password)})
	var e *mfa.Error
	require.ErrorAs(t, err, &e)
	return e
}

// A description that is an object is kept as JSON, where values are escaped.
func TestEchoes_inAnObject(t *testing.T) {
	t.Parallel()
	for _, password := range []string{`bird"song`, `bird\song`, "bird\tsong", "bird<song"} {
		e := loginEchoing(t, password, `{"code":"odd","description":{"value":VALUE}}`)
		assert.NotContains(t, e.Description, "bird", "%q", password)
	}
}

func TestEchoes_requestIDAndRequirements(t *testing.T) {
	t.Parallel()
	var events []mfa.Event
	a := answer{status: 403, header: http.Header{"X-Request-Id": {"000042"}},
		body: `{"error":"mfa_required","mfa_token":"Fe26.next","mfa_requirements":{"challenge":["000042","Fe26.next"]}}`}
	e, err := operationNamed("verify oob").fails(t, t.Context(), newTenant(t, a).client(t, record(&events)))
	assert.NotContains(t, e.RequestID, "000042")
	assert.NotContains(t, events[0].RequestID, "000042")
	var required *mfa.RequiredError
	require.ErrorAs(t, err, &required)
	assert.NotContains(t, required.Requirements.Challenge, "000042")
	assert.NotContains(t, required.Requirements.Challenge, "Fe26.next")
}
