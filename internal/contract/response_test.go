package contract

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

// What no operation may accept as a success, whatever the status says.
func TestClient_noSuccess(t *testing.T) {
	t.Parallel()
	for _, op := range wiretest.Operations {
		good := op.Success.Body
		if good == "" {
			good = `{}`
		}
		bodies := map[string]string{
			"a page of HTML":  `<!DOCTYPE html><html><body>Log in to the Wi-Fi</body></html>`,
			"XML":             `<?xml version="1.0"?><access_token>x</access_token>`,
			"a form":          `access_token=x&oob_code=y`,
			"cut short":       good[:len(good)-1],
			"trailing letter": good + "x",
			"twice":           good + good,
			"BOM":             "\ufeff" + good,
			"UTF-16":          strings.Join(strings.Split(good, ""), "\x00") + "\x00",
			"only an error":   `{"error":"who_knows"}`,
			"deep nesting":    strings.Repeat("[", 30000),
			"too large":       `{"a":"` + strings.Repeat("a", 256<<10) + `"}`,
		}
		if op.Op != "delete authenticator" {
			bodies["nothing"] = ""
			bodies["spaces"] = " \n"
			bodies["null"] = "null"
			bodies["a string"] = `"ok"`
			bodies["a number"] = `1`
			bodies["true"] = `true`
		}
		if op.Op != "list authenticators" {
			bodies["error member"] = strings.TrimSuffix(good, "}") + `,"error":"x"}`
			if op.Op != "delete authenticator" {
				bodies["list"] = `[` + good + `]`
			}
			if good == `{}` {
				bodies["error member"] = `{"error":"x"}`
			}
		}
		for name, body := range bodies {
			t.Run(op.String()+"/200/"+name, func(t *testing.T) {
				t.Parallel()
				assertUnexpected(t, op, wiretest.Response{Status: 200, Body: body})
			})
		}
		for _, status := range []int{201, 202, 203, 204, 205, 206, 226, 300, 301, 302, 303, 304, 307, 308} {
			if status == 204 && op.Op == "delete authenticator" {
				continue
			}
			t.Run(fmt.Sprintf("%v/%d", op, status), func(t *testing.T) {
				t.Parallel()
				assertUnexpected(t, op, wiretest.Response{
					Status: status, Body: good, Header: http.Header{"Location": {"https://evil.example/" + wiretest.MFAToken}},
				})
			})
		}
		t.Run(op.String()+"/unknown encoding", func(t *testing.T) {
			t.Parallel()
			assertUnexpected(t, op, wiretest.Response{Status: 200, Body: good, Header: http.Header{"Content-Encoding": {"br"}}})
		})
	}
}

// A wide body is a success, whatever else is in it.
func TestClient_wideBody(t *testing.T) {
	t.Parallel()
	for _, brackets := range []string{"[]", "{}", `{"a":1,"a":2}`} {
		body := `{"access_token":"eyJ.a","x":[` + strings.Repeat(brackets+",", 15_000) + brackets + `]}`
		_, err := wiretest.Named("verify oob").Call(t.Context(), wiretest.NewTenant(t, wiretest.Response{Status: 200, Body: body}).Client(t))
		require.NoError(t, err)
	}
}

// What this package does not read may come twice, what it reads may not.
func TestClient_membersTwice(t *testing.T) {
	t.Parallel()
	for body, accepted := range map[string]bool{
		`{"access_token":"eyJ.a","x":1,"x":2}`:                          true,
		`{"access_token":"eyJ.a","x":{"access_token":"b"}}`:             true,
		`{"access_token":"eyJ.a","access_token":"eyJ.b"}`:               false,
		`{"access_token":"eyJ.a","access_token":"eyJ.a"}`:               false,
		`{"access_token":"eyJ.a","access_token":null}`:                  false,
		`{"access_token":"eyJ.a","\u0061ccess_token":"eyJ.b"}`:          false,
		`{"access_token":"eyJ.a","error":"invalid_grant","error":null}`: false,
		`{"access_token":"eyJ.a","scope":"a","scope":"b"}`:              true,
	} {
		_, err := wiretest.Named("verify oob").Call(t.Context(), wiretest.NewTenant(t, wiretest.Response{Status: 200, Body: body}).Client(t))
		assert.Equal(t, accepted, err == nil, body)
	}
}

// Nobody asks for it, but a gateway may compress all the same.
func TestClient_compressed(t *testing.T) {
	t.Parallel()
	compress := func(text string) string {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = w.Write([]byte(text))
		_ = w.Close()
		return b.String()
	}
	header := http.Header{"Content-Encoding": {"gzip"}}
	for _, op := range wiretest.Operations {
		t.Run(op.String(), func(t *testing.T) {
			t.Parallel()
			good := wiretest.Response{Status: 200, Body: compress(op.Success.Body), Header: header}
			_, err := op.Call(t.Context(), wiretest.NewTenant(t, good).Client(t))
			assert.NoError(t, err)

			assertUnexpected(t, op, wiretest.Response{Status: 200, Body: compress(compress(op.Success.Body)), Header: header})
			assertUnexpected(t, op, wiretest.Response{Status: 200, Body: compress(`{"a":"` + strings.Repeat("a", 1<<20) + `"}`), Header: header})
		})
	}
}

func assertUnexpected(t *testing.T, op wiretest.Operation, a wiretest.Response) {
	t.Helper()
	tenant := wiretest.NewTenant(t, a)
	e, err := op.Fails(t, t.Context(), tenant.Client(t))
	assert.ErrorIs(t, err, mfa.ErrUnexpectedResponse)
	assert.NotErrorIs(t, err, mfa.ErrOutcomeUnknown)
	assert.Equal(t, a.Status, e.StatusCode)
	assert.Equal(t, mfa.DeliveryAnswered, e.Delivery)
	assert.Equal(t, mfa.ActionRetryLater, mfa.NextAction(err))
	assert.Len(t, tenant.Requests(), 1)
}

// Each result has a field without which there is nothing to go on with.
func TestClient_requiredField(t *testing.T) {
	t.Parallel()
	fields := map[string]string{
		"associate": "oob_code", "challenge": "oob_code", "verify oob": "access_token", "poll push": "access_token",
		"verify otp": "access_token", "verify recovery code": "access_token", "password login": "access_token", "refresh": "access_token",
	}
	for opName, field := range fields {
		op := wiretest.Named(mfa.Op(opName))
		for name, member := range map[string]string{
			"missing":              `"other":1`,
			"null":                 `"FIELD":null`,
			"empty":                `"FIELD":""`,
			"number":               `"FIELD":7`,
			"object":               `"FIELD":{"value":"x"}`,
			"list":                 `"FIELD":["x"]`,
			"boolean":              `"FIELD":true`,
			"space in it":          `"FIELD":"a b"`,
			"line break":           `"FIELD":"a\r\nSet-Cookie: b"`,
			"raw line break":       "\"FIELD\":\"a\r\nb\"",
			"NUL":                  `"FIELD":"a\u0000b"`,
			"invalid UTF-8":        "\"FIELD\":\"a\xffb\"",
			"lone surrogate":       `"FIELD":"a\ud800"`,
			"letters not in ASCII": `"FIELD":"ä"`,
			"twice":                `"FIELD":"a","FIELD":"b"`,
			"twice, escaped":       `"FIELD":"a","\u0046IELD":"b"`,
			"folded":               `"Field":"a"`,
		} {
			folded := strings.ToUpper(field[:1]) + field[1:]
			escaped := fmt.Sprintf(`\u%04x`, field[0]) + field[1:]
			body := strings.NewReplacer("FIELD", field, "Field", folded, `\u0046IELD`, escaped).Replace("{" + member + "}")
			t.Run(op.String()+"/"+name, func(t *testing.T) {
				t.Parallel()
				assertUnexpected(t, op, wiretest.Response{Status: 200, Body: body})
			})
		}
	}
}

// The code alone says that another factor is due: the documents disagree on
// the status, and every call can say so.
func TestRequiredError_fromEveryCall(t *testing.T) {
	t.Parallel()
	for _, op := range wiretest.Operations {
		for _, status := range []int{200, 400, 401, 403} {
			for _, code := range []string{"mfa_required", "a0.mfa_required"} {
				t.Run(fmt.Sprintf("%v/%d/%s", op, status, code), func(t *testing.T) {
					t.Parallel()
					tenant := wiretest.NewTenant(t, wiretest.Response{
						Status: status,
						Body:   `{"error":"` + code + `","error_description":"Multifactor authentication required: Fe26.2*next","mfa_token":"Fe26.2*next"}`,
					})

					e, err := op.Fails(t, t.Context(), tenant.Client(t))

					var required *mfa.RequiredError
					require.ErrorAs(t, err, &required)
					assert.Same(t, e, required.Err)
					assert.Equal(t, "Fe26.2*next", required.MFAToken.Reveal())
					assert.Equal(t, mfa.Requirements{}, required.Requirements)
					assert.ErrorIs(t, err, mfa.ErrMFARequired)
					assert.Equal(t, mfa.ActionVerifyMFA, mfa.NextAction(err))
					assert.Equal(t, code, e.Code)
					assert.Equal(t, "Multifactor authentication required: [REDACTED]", e.Description)
					assert.Equal(t, status, e.StatusCode)
					assert.Len(t, tenant.Requests(), 1)
				})
			}
		}
	}
}

func TestRequiredError_token(t *testing.T) {
	t.Parallel()
	for name, member := range map[string]string{
		"missing": `"a":1`, "null": `"mfa_token":null`, "empty": `"mfa_token":""`, "number": `"mfa_token":7`,
		"line break": `"mfa_token":"a\r\nb"`, "space": `"mfa_token":"a b"`, "object": `"mfa_token":{"a":"b"}`,
	} {
		for _, code := range []string{"mfa_required", "a0.mfa_required"} {
			t.Run(code+"/"+name, func(t *testing.T) {
				t.Parallel()
				_, err := wiretest.Named("password login").Fails(t, t.Context(),
					wiretest.NewTenant(t, wiretest.Response{Status: 403, Body: `{"error":"` + code + `",` + member + `}`}).Client(t))
				var required *mfa.RequiredError
				require.ErrorAs(t, err, &required)
				assert.True(t, required.MFAToken.IsZero())
				assert.ErrorIs(t, err, mfa.ErrMFARequired)
				assert.Equal(t, mfa.ActionFix, mfa.NextAction(err))
				assert.NotEmpty(t, required.Err.Hint())
			})
		}
	}
}

func TestRequiredError_requirements(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		raw  string
		want mfa.Requirements
	}{
		"objects":         {`{"challenge":[{"type":"otp"},{"type":"email"}]}`, mfa.Requirements{Challenge: []string{"otp", "email"}}},
		"to enroll":       {`{"enroll":[{"type":"phone"},{"type":"push-notification"}]}`, mfa.Requirements{Enroll: []string{"phone", "push-notification"}}},
		"both":            {`{"challenge":[{"type":"email"}],"enroll":[{"type":"otp"}]}`, mfa.Requirements{Challenge: []string{"email"}, Enroll: []string{"otp"}}},
		"strings":         {`{"challenge":["otp","oob"],"enroll":["email"]}`, mfa.Requirements{Challenge: []string{"otp", "oob"}, Enroll: []string{"email"}}},
		"mixed":           {`{"challenge":["otp",{"type":"email","extra":1},{"type":"webauthn-roaming"}]}`, mfa.Requirements{Challenge: []string{"otp", "email", "webauthn-roaming"}}},
		"challenge types": {`{"challenge_types":["otp","oob"]}`, mfa.Requirements{Challenge: []string{"otp", "oob"}}},
		"both spellings":  {`{"challenge_types":["oob"],"challenge":[{"type":"email"}]}`, mfa.Requirements{Challenge: []string{"email"}}},
		"empty lists":     {`{"challenge":[],"enroll":[]}`, mfa.Requirements{Challenge: []string{}, Enroll: []string{}}},
		"null":            {`null`, mfa.Requirements{}},
		"null in it":      {`{"challenge":null,"enroll":null}`, mfa.Requirements{}},
		"a string":        {`"otp"`, mfa.Requirements{}},
		"a list":          {`[{"type":"otp"}]`, mfa.Requirements{}},
		"a number":        {`7`, mfa.Requirements{}},
		"lists of others": {`{"challenge":"otp","enroll":{"type":"otp"}}`, mfa.Requirements{}},
		"one is of use":   {`{"challenge":7,"enroll":[{"type":"otp"}]}`, mfa.Requirements{Enroll: []string{"otp"}}},
		"unknown names":   {`{"challenge":["WebAuthn_2","passkey:v3",{"type":"Gesicht-Ä"},"顔"],"enroll":["sms2"]}`, mfa.Requirements{Challenge: []string{"WebAuthn_2", "passkey:v3", "Gesicht-Ä", "顔"}, Enroll: []string{"sms2"}}},
		"not to be shown": {`{"challenge":["otp","\u001b[31m","o\u202etp","` + strings.Repeat("a", 65) + `"]}`, mfa.Requirements{Challenge: []string{"otp"}}},
		"twice":           {`{"challenge":["otp"],"challenge":["email"]}`, mfa.Requirements{}},
		"items of others": {`{"enroll":[{"type":"otp"},null,7,[],{},{"type":7},"","a b"]}`, mfa.Requirements{Enroll: []string{"otp"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := wiretest.Named("verify otp").Fails(t, t.Context(), wiretest.NewTenant(t, wiretest.Response{
				Status: 403, Body: `{"error":"mfa_required","mfa_token":"t","mfa_requirements":` + tt.raw + `}`,
			}).Client(t))
			var required *mfa.RequiredError
			require.ErrorAs(t, err, &required)
			assert.Equal(t, tt.want, required.Requirements)
			assert.Equal(t, "t", required.MFAToken.Reveal())
		})
	}
}

// A server may give back anything as a name. A user may have a factor's name
// for a password all the same.
func TestRequiredError_requirementsHoldNoValueOfTheCall(t *testing.T) {
	t.Parallel()
	for password, want := range map[string][]string{
		"letmein": {"webauthn-roaming", "otp"},
		"LetMeIn": {"webauthn-roaming", "otp"},
		"otp":     {"letmein", "webauthn-roaming", "otp"},
	} {
		t.Run(password, func(t *testing.T) {
			t.Parallel()
			_, err := wiretest.NewTenant(t, wiretest.Response{
				Status: 403, Body: `{"error":"mfa_required","mfa_token":"t","mfa_requirements":{"enroll":[{"type":"letmein"},{"type":"webauthn-roaming"},"otp"]}}`,
			}).Client(t).PasswordLogin(t.Context(), mfa.PasswordLoginRequest{Username: "ada", Password: mfa.NewSecret(password)})
			var required *mfa.RequiredError
			require.ErrorAs(t, err, &required)
			assert.Equal(t, want, required.Requirements.Enroll)
		})
	}
}

func TestError_unusable403(t *testing.T) {
	t.Parallel()
	for _, a := range []wiretest.Response{
		{Status: 403, Body: "x", Header: http.Header{"Content-Encoding": {"br"}}},
		{Status: 403, Body: strings.Repeat("x", 300<<10)},
	} {
		_, err := wiretest.Named("challenge").Fails(t, t.Context(), wiretest.NewTenant(t, a).Client(t))
		assert.ErrorIs(t, err, mfa.ErrUnexpectedResponse)
	}
}

func TestError_longText(t *testing.T) {
	t.Parallel()
	text := "Too many " + strings.Repeat("text ", 50) + "messages sent by the user. Wait for some minutes before retrying."
	e, err := wiretest.Named("challenge").Fails(t, t.Context(), wiretest.NewTenant(t, wiretest.Refused(400, "invalid_request", text)).Client(t))
	assert.ErrorIs(t, err, mfa.ErrTooManyMessages)
	assert.LessOrEqual(t, len(e.Description), 200)
}
