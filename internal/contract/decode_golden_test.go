package contract

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

var update = flag.Bool("update", false, "write testdata/decode.golden")

// received is a response and the operations that get it.
type received struct {
	ops    []mfa.Op
	status int
	bodies []string
}

var (
	atToken = []mfa.Op{mfa.OpVerifyOOB}
	atBoth  = []mfa.Op{mfa.OpAssociate, mfa.OpVerifyOOB}
)

// literal responses in every shape that a JSON decoder may read in its own way.
func responses() []received {
	var lifetimes []string
	for _, seconds := range []string{
		`600`, `600.0`, `6e2`, `6E+2`, `0.6e3`, `"600"`, `"600.0"`, `" 600"`, `"6e2"`, `""`, `"soon"`, `null`, `true`, `[]`, `{}`, `[600]`,
		`0`, `-0`, `-1`, `1.5`, `1e-9`, `1e400`, `-1e400`, `9007199254740993`, `9223372036854775808`, `18446744073709551616`,
		`"NaN"`, `"Infinity"`, `"0x258"`, `"6_00"`, `+600`, `0600`, `.6`, `600.`, `6e`, `NaN`, `Infinity`, `0x258`, `'600'`,
	} {
		lifetimes = append(lifetimes, `{"access_token":"a","expires_in":`+seconds+`}`)
	}
	return []received{
		{atToken, 200, lifetimes},
		{atToken, 200, []string{
			// The type of a member.
			`{"access_token":"a","token_type":"Bearer","scope":"openid","id_token":"b.c.d","refresh_token":"r","recovery_code":"R"}`,
			`{"access_token":"a","token_type":null,"scope":null,"id_token":null,"refresh_token":null,"recovery_code":null}`,
			`{"access_token":"a","token_type":1,"scope":["openid","email"]}`,
			`{"access_token":"a","token_type":{},"scope":[]}`, `{"access_token":"a","scope":[[1],"x"]}`,
			`{"access_token":"a","id_token":1}`, `{"access_token":"a","refresh_token":[]}`, `{"access_token":"a","recovery_code":{}}`,
			`{"access_token":1}`, `{"access_token":null}`, `{"access_token":""}`, `{"access_token":["a"]}`, `{}`, `null`,
			// Names twice and in another case.
			`{"access_token":"a","access_token":"b"}`, `{"access_token":"a","access_token":"a"}`, `{"access_token":"a","x":1,"x":2}`,
			`{"access_token":"a","x":{"y":1,"y":2}}`, `{"access_token":"a","Access_Token":"b"}`, `{"ACCESS_TOKEN":"a"}`, `{"accessToken":"a"}`,
			`{"access-token":"a"}`, `{"access_tok\u0065n":"a"}`, `{"access_token":"a","access_tok\u0065n":"b"}`, `{"access_token":"a","Expires_In":600}`,
			// Text that is no UTF-8, and escapes.
			"{\"access_token\":\"a\xff\"}", "{\"access_token\":\"a\",\"scope\":\"\xffopenid\"}", "{\"access_token\":\"a\",\"\xff\":1}",
			"{\"access_token\":\"a\",\"\xff\":1,\"\xfe\":2}", `{"access_token":"\ud800"}`, `{"access_token":"a","scope":"\ud800"}`,
			`{"access_token":"a","scope":"\ud83d\ude00"}`, `{"access_token":"\u0061"}`, `{"access_token":"\a"}`, `{"access_token":"a\/b"}`,
			"{\"access_token\":\"a\nb\"}", "{\"access_token\":\"a\x00\"}", `{"access_token":"a\u0000"}`, "{\"access_token\":\"\xed\xa0\x80\"}",
			// Syntax.
			`{"access_token":"a",}`, `{"access_token":"a"}{}`, `{"access_token":"a"} `, "\ufeff" + `{"access_token":"a"}`, `{access_token:"a"}`,
			`{'access_token':'a'}`, `{"access_token":"a"/*b*/}`, `{"access_token":"a","x":[1,]}`, `{"access_token":"a","x":tru}`, `{"access_token":"a"`,
			"\t\r\n{\t\"access_token\" : \"a\"\r\n}", "\v" + `{"access_token":"a"}`, `[{"access_token":"a"}]`, `"{}"`, ``,
			// Depth.
			`{"access_token":"a","x":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + `}`,
			`{"access_token":"a","x":` + strings.Repeat("[", 1100) + strings.Repeat("]", 1100) + `}`,
			`{"access_token":"a","x":` + strings.Repeat(`{"y":`, 1000) + `1` + strings.Repeat("}", 1000) + `}`,
			`{"access_token":"a","x":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`,
			// A refusal in a success.
			`{"access_token":"a","error":null}`, `{"access_token":"a","error":""}`, `{"access_token":"a","error":"x"}`, `{"access_token":"a","error":false}`,
		}},
		{[]mfa.Op{mfa.OpAssociate}, 200, []string{
			`{"authenticator_type":"oob","oob_channel":"email","oob_code":"c","recovery_codes":["A","B"],"binding_method":"prompt"}`,
			`{"authenticator_type":"oob","oob_channels":["email"],"oob_code":"c","recovery_codes":null}`,
			`{"authenticator_type":"oob","oob_channels":"sms","oob_code":"c","recovery_codes":[]}`,
			`{"authenticator_type":"oob","oob_channel":"email","oob_code":"c","recovery_codes":"A"}`,
			`{"authenticator_type":"oob","oob_channel":"email","oob_code":"c","recovery_codes":[1,null,"A"]}`,
			`{"authenticator_type":"oob","oob_channel":"email","oob_code":"c","recovery_codes":{"0":"A"}}`,
			`{"authenticator_type":"otp","secret":"S","barcode_uri":"otpauth://totp/x"}`, `{"authenticator_type":"otp","secret":1,"barcode_uri":"u"}`,
			`{"Authenticator_Type":"oob","oob_code":"c"}`,
		}},
		{[]mfa.Op{mfa.OpChallenge}, 200, []string{
			`{"challenge_type":"oob","oob_code":"c","binding_method":"prompt"}`, `{"challenge_type":"otp"}`, `{"challenge_type":1,"oob_code":"c"}`,
			`{"challenge_type":"oob","oob_code":1}`, `{"challenge_type":"oob","oob_code":"c","oob_code":"d"}`, `{"challenge_type":["oob"],"oob_code":"c"}`,
		}},
		{[]mfa.Op{mfa.OpListAuthenticators}, 200, []string{
			`[]`, `null`, `{}`, `[null]`, `[1]`, `[[]]`, `[{}]`, `[{"id":null}]`, `[{"id":""}]`, `[{"id":1}]`,
			`[{"id":"a","active":true}]`, `[{"id":"a","active":"true"}]`, `[{"id":"a","active":1}]`, `[{"id":"a","active":null}]`,
			`[{"id":"a","id":"b"}]`, `[{"ID":"a"}]`, `[{"id":"a","name":1,"oob_channels":["sms"]},{"id":"b","oob_channel":"email"}]`,
			"[{\"id\":\"a\",\"name\":\"\xc3***\"}]", "[{\"id\":\"a\xc3\"}]", `[{"id":"a"},]`, `[{"id":"a"}][]`,
			`[{"id":"a"}` + strings.Repeat(`,{"id":"b"}`, 1030) + `]`,
		}},
		{atBoth, 403, []string{
			`{"error":"invalid_grant","error_description":"Malformed mfa_token"}`, `{"error":"expired_token","error_description":"mfa_token is expired"}`,
			`{"error":"invalid_grant","error":"expired_token"}`, `{"ERROR":"invalid_grant"}`, `{"error":null}`, `{"error":1}`, `{"error":{"code":"x"}}`,
			`{"error":["invalid_grant"]}`, `{"error":"x","error_description":{"b":1,"a":[2.50,1e2,"\u00e9"]}}`, `{"error":"x","error_description":{"a":1,"a":2}}`,
			`{"error":"x","error_description":["first","second"]}`, `{"error":"x","error_description":600.0}`, `{"error":"x","error_description":null}`,
			"{\"error\":\"x\",\"error_description\":\"caf\xc3\"}", `{"error":"x","error_description":"\ud800"}`, `{"error":"x"`, `[]`, `null`, `"x"`, `<html>`, ``,
			`{"errorCode":"x","message":"m","statusCode":403}`, `{"code":"x","description":"d"}`, `{"name":"x","description":"d"}`,
			`{"error":"mfa_required","mfa_token":"t"}`, `{"error":"mfa_required","mfa_token":1}`, `{"error":"mfa_required","mfa_token":"t","mfa_token":"u"}`,
			`{"error":"mfa_required","mfa_token":"t","mfa_requirements":{"challenge":[{"type":"otp"},{"type":1},"email",2]}}`,
			`{"error":"mfa_required","mfa_token":"t","mfa_requirements":{"enroll":null,"challenge_types":["otp"]}}`,
			`{"error":"mfa_required","mfa_token":"t","mfa_requirements":[]}`, `{"error":"x","x":` + strings.Repeat("[", 20000) + `}`,
		}},
	}
}

// Every supported Go release reads a response in the same way: encoding/json/v2
// is a module before Go 1.27 and the standard library's from then on. No result
// holds what a decoder says, which differs from process to process.
func TestClient_readsTheSame_withEveryGoRelease(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	for _, r := range responses() {
		for _, op := range r.ops {
			for _, body := range r.bodies {
				client := wiretest.NewTenant(t, wiretest.Response{Status: r.status, Body: body}).Client(t)
				result, err := wiretest.Named(op).Call(t.Context(), client)
				if err != nil {
					assert.NotRegexp(t, `json:|jsontext|unmarshal|offset|character`, fmt.Sprintf("%v %+v %#v", err, err, err))
				}
				shown := strconv.QuoteToASCII(body)
				if len(shown) > 200 {
					shown = fmt.Sprintf("%s... (%d bytes)", shown[:100], len(body))
				}
				fmt.Fprintf(&got, "%s, %d %s\n\t%s\n", op, r.status, shown, outcome(result, err))
			}
		}
	}
	const golden = "testdata/decode.golden"
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(golden, []byte(got.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), got.String())
}

// outcome writes down everything that a caller gets.
func outcome(result any, err error) string {
	if err == nil {
		return describe(reflect.ValueOf(result))
	}
	var is []string
	for _, s := range wiretest.Sentinels {
		if errors.Is(err, s.Err) {
			is = append(is, s.Name)
		}
	}
	slices.Sort(is)
	var e *mfa.Error
	if !errors.As(err, &e) {
		return "no *mfa.Error"
	}
	text := fmt.Sprintf("%v: %s, %s, code %q, description %q", is, e.Delivery, mfa.NextAction(err), e.Code, e.Description)
	if required, ok := errors.AsType[*mfa.RequiredError](err); ok {
		text += ", " + describe(reflect.ValueOf(required.MFAToken)) + ", " + describe(reflect.ValueOf(required.Requirements))
	}
	return text
}

// describe writes down a value, secrets included, without what is zero.
func describe(v reflect.Value) string {
	if secret, ok := reflect.TypeAssert[mfa.Secret](v); ok {
		return strconv.QuoteToASCII(secret.Reveal())
	}
	var parts []string
	switch v.Kind() {
	case reflect.Pointer:
		return describe(v.Elem())
	case reflect.Struct:
		for field, value := range v.Fields() {
			if field.IsExported() && !value.IsZero() {
				parts = append(parts, field.Name+" "+describe(value))
			}
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case reflect.Slice:
		for i := range v.Len() {
			parts = append(parts, describe(v.Index(i)))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case reflect.String:
		return strconv.QuoteToASCII(v.String())
	default:
		return fmt.Sprint(v.Interface())
	}
}
