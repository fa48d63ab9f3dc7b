package contract

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
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

// echoed is a call, with the values in it that must not come back in an
// error. Each holds the word bird, of which nothing else may hold a trace.
type echoed struct {
	call   func(context.Context, *mfa.Client) error
	auth   mfa.Option
	values []string
}

const (
	birdSecret    = `bird-secret/+&="%ü`
	birdAssertion = "bird.assert+/=ion"
	birdPhone     = "+4930901820"
	birdIP        = "203.0.113.77"
)

var birds = wiretest.Values{
	MFAToken:        "Fe26.2*bird+token/=&%*",
	RefreshToken:    "v1.bird+refresh/=&%",
	AccessToken:     "Fe26.2*bird+access/=&%*",
	OOBCode:         "Fe26.2*bird+oob/=&%*",
	BindingCode:     "bird+/code%",
	OTP:             "bird+/otp%",
	RecoveryCode:    "bird+/recovery%",
	AuthenticatorID: "email|bird+dev*=1",
	Email:           `bird "eye"+tag@example.com`,
	Username:        "bird user+tag/ü@example.com",
	Password:        `bird pass/word+"ü"&%`,
	EndUserIP:       netip.MustParseAddr(birdIP),
}

// echoes returns every call that sends a value, with each way in which the
// application can authenticate.
func echoes() map[string]echoed {
	secret := mfa.WithClientSecret(birdSecret)
	all := map[string]echoed{
		"associate a phone": {func(ctx context.Context, c *mfa.Client) error {
			_, err := c.Associate(ctx, mfa.AssociateRequest{Token: mfa.NewSecret(birds.MFAToken), Factor: mfa.FactorSMS, PhoneNumber: birdPhone})
			return err
		}, secret, []string{birdSecret, birds.MFAToken, birdPhone}},
	}
	with := func(op wiretest.Operation, v wiretest.Values) func(context.Context, *mfa.Client) error {
		v.BindingCode = " " + v.BindingCode + "\n" // as it may be typed
		return func(ctx context.Context, c *mfa.Client) error {
			_, err := op.With(ctx, c, v)
			return err
		}
	}
	for _, op := range wiretest.Operations {
		values := op.Sends(birds)
		if len(values) == 0 {
			continue
		}
		if op.Parameters != nil {
			values = append(values, birdSecret)
		}
		all[op.String()] = echoed{with(op, birds), secret, values}
		if op.Parameters == nil {
			continue
		}
		noIP := birds
		noIP.EndUserIP = netip.Addr{} // which needs a client secret
		assertion := mfa.WithClientAssertion(func(context.Context) (string, error) { return birdAssertion, nil })
		all[op.String()+"_with_an_assertion"] = echoed{with(op, noIP), assertion, append(op.Sends(noIP), birdAssertion)}
	}
	return all
}

// A server that repeats what it was sent, in whichever member and form, finds
// none of it repeated by an error, an event or a log.
func TestEchoes(t *testing.T) {
	t.Parallel()
	forms := map[string]func(string) string{
		"plain": func(s string) string { return s }, "query": url.QueryEscape, "path": url.PathEscape,
		"upper case": strings.ToUpper, "lower case": strings.ToLower,
	}
	shapes := map[string]string{
		"error_description":           `{"error":"odd_request","error_description":%s}`,
		"description":                 `{"error":"odd_request","description":%s}`,
		"message":                     `{"error":"odd_request","message":%s}`,
		"error":                       `{"error":%s}`,
		"error and error_description": `{"error":%s,"error_description":%[1]s}`,
		"errorCode and message":       `{"errorCode":%s,"message":%[1]s}`,
		"code and description":        `{"code":%s,"description":%[1]s}`,
		"name":                        `{"name":%s}`,
		"mfa_required":                `{"error":"mfa_required","error_description":%s,"mfa_token":"t"}`,
		"invalid_grant":               `{"error":"invalid_grant","error_description":%s}`,
	}
	for name, echo := range echoes() {
		for formName, form := range wiretest.Spellings {
			t.Run(name+"/"+formName, func(t *testing.T) {
				t.Parallel()
				for _, value := range echo.values {
					quoted, err := json.Marshal("<" + form(value) + ">")
					require.NoError(t, err)
					assertSilent(t, echo, fmt.Sprintf(`{"error":"odd_request","error_description":%s}`, quoted))
				}
			})
		}
		for formName, form := range forms {
			for member, shape := range shapes {
				t.Run(name+"/"+formName+"/"+member, func(t *testing.T) {
					t.Parallel()
					for _, value := range append(slices.Clone(echo.values), strings.Join(echo.values, " and "), strings.Join(echo.values, "")) {
						quoted, err := json.Marshal(form(value))
						require.NoError(t, err)
						assertSilent(t, echo, fmt.Sprintf(shape, quoted))
					}
				})
			}
		}
	}
}

// assertSilent asserts that nothing shows of what the response repeats.
func assertSilent(t *testing.T, echo echoed, body string) {
	t.Helper()
	var events []mfa.Event
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	client := wiretest.NewTenant(t, wiretest.Response{Status: 400, Body: body}).Client(t, echo.auth, wiretest.Record(&events), mfa.WithLogger(logger))

	err := echo.call(t.Context(), client)

	logger.Error("failed", "error", err)
	var e *mfa.Error
	require.ErrorAs(t, err, &e)
	raw, _ := json.Marshal(e)
	all := fmt.Sprintf("%s\n%+v\n%#v\n%s\n%s\n%+v\n%s\n%s", err, err, err, e.Code, e.Description, events, log.String(), raw)
	all = strings.ToLower(all)
	for _, trace := range []string{"bird", birdPhone[1:], birdIP} {
		for _, spell := range wiretest.Spellings {
			assert.NotContains(t, all, strings.ToLower(spell(trace)), body)
		}
	}
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
	client := wiretest.NewTenant(t, wiretest.Refused(400, "hunter_two", "hunter_two")).Client(t, wiretest.Record(&events))
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
			response wiretest.Response
			want     error
			next     mfa.Action
		}{
			{wiretest.Refused(403, "invalid_grant", "Invalid binding_code."), mfa.ErrInvalidCode, mfa.ActionAskAgain},
			{wiretest.Refused(400, "invalid_request", "Too many failed codes. Wait for some minutes before retrying."), mfa.ErrTooManyAttempts, mfa.ActionWait},
			{wiretest.Refused(403, "expired_token", "oob_code is expired"), mfa.ErrChallengeExpired, mfa.ActionResend},
			{wiretest.Refused(403, "unauthorized_client", "Grant type 'http://auth0.com/oauth/grant-type/mfa-oob' not allowed for the client."), mfa.ErrGrantNotAllowed, mfa.ActionFix},
			{wiretest.Response{Status: 403, Body: `{"error":"mfa_required","mfa_token":"t"}`}, mfa.ErrMFARequired, mfa.ActionVerifyMFA},
		} {
			t.Run(fmt.Sprintf("%v/%s", tt.want, typed), func(t *testing.T) {
				t.Parallel()
				_, err := wiretest.NewTenant(t, tt.response).Client(t).VerifyOOB(t.Context(), mfa.VerifyOOBRequest{
					MFAToken: mfa.NewSecret(wiretest.MFAToken), OOBCode: mfa.NewSecret(wiretest.OOBCode), BindingCode: mfa.NewSecret(typed),
				})
				wiretest.AssertMeans(t, err, tt.want)
				assert.Equal(t, tt.next, mfa.NextAction(err))
			})
		}
	}
}

// loginEchoing returns the error of a login whose response quotes the password in
// place of VALUE.
func loginEchoing(t *testing.T, password, shape string) *mfa.Error {
	quoted, err := json.Marshal(password)
	require.NoError(t, err)
	_, err = wiretest.NewTenant(t, wiretest.Response{Status: 400, Body: strings.ReplaceAll(shape, "VALUE", string(quoted))}).Client(t).
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
	a := wiretest.Response{Status: 403, Header: http.Header{"X-Request-Id": {"000042"}},
		Body: `{"error":"mfa_required","mfa_token":"Fe26.next","mfa_requirements":{"challenge":["000042","Fe26.next"]}}`}
	e, err := wiretest.Named("verify oob").Fails(t, t.Context(), wiretest.NewTenant(t, a).Client(t, wiretest.Record(&events)))
	assert.NotContains(t, e.RequestID, "000042")
	assert.NotContains(t, events[0].RequestID, "000042")
	var required *mfa.RequiredError
	require.ErrorAs(t, err, &required)
	assert.NotContains(t, required.Requirements.Challenge, "000042")
	assert.NotContains(t, required.Requirements.Challenge, "Fe26.next")
}
