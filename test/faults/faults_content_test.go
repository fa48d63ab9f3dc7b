package faults

import (
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"

	"github.com/go-auth0-mfa/mfa"
)

const page = "<!doctype html><html><body>Sign in to this network</body></html>"

var notList = without(withResult, "list authenticators")

var contentFaults = []fault{
	{name: "200 HTML", on: onAll, says: as(200, "text/html", page), want: unexpectedOK},
	{name: "200 HTML that quotes", on: onBoth, says: func(s *scene) response {
		return response{status: 200, header: []string{"Content-Type", "text/html"}, body: "<html>" + s.hostile()}
	}, want: unexpectedOK},
	{name: "502 HTML", on: onAll, says: as(502, "text/html", page), want: failed(502)},
	{name: "504 HTML", on: onBoth, says: as(504, "text/html", page), want: failed(504)},
	{name: "200 empty", ops: withResult, on: onBoth, says: as(200, "application/json", ""), want: unexpectedOK},
	{name: "200 empty for delete", ops: onlyDelete, on: onBoth, says: as(200, "application/json", ""), want: succeeds},
	{name: "200 white space", ops: withResult, on: onBoth, says: as(200, "application/json", " \r\n"), want: unexpectedOK},
	{name: "200 white space for delete", ops: onlyDelete, on: onBoth, says: as(200, "application/json", " \r\n"), want: succeeds},
	{name: "200 list for delete", ops: onlyDelete, on: onBoth, says: as(200, "application/json", `[]`), want: succeeds},
	{name: "200 object for delete", ops: onlyDelete, on: onBoth, says: as(200, "application/json", `{"deleted":true,"error":null}`), want: succeeds},
	{name: "204", ops: withResult, on: onBoth, says: func(*scene) response { return response{status: 204} }, want: unexpected(204)},
	{name: "204 for delete", ops: onlyDelete, on: onAll, says: func(*scene) response { return response{status: 204} }, want: succeeds},
	{name: "201", on: onBoth, says: func(s *scene) response { return s.documentAs(201) }, want: unexpected(201)},
	{name: "202", on: onBoth, says: func(s *scene) response { return s.documentAs(202) }, want: unexpected(202)},
	{name: "JSON as text/html", on: onBoth, says: typed("text/html"), want: succeeds},
	{name: "JSON as text/plain", on: onBoth, says: typed("text/plain"), want: succeeds},
	{name: "JSON without type", on: onBoth, says: func(s *scene) response { return response{status: 200, body: s.document()} }, want: succeeds},
	{name: "truncated JSON", on: onBoth, says: document(func(doc string) string { return doc[:len(doc)-2] }), want: unexpectedOK},
	{name: "trailing garbage", on: onBoth, says: document(func(doc string) string { return doc + "x" }), want: unexpectedOK},
	{name: "two documents", on: onBoth, says: document(func(doc string) string { return doc + "\n" + doc }), want: unexpectedOK},
	{name: "duplicate keys", ops: notList, on: onBoth, says: document(func(doc string) string {
		return doc[:len(doc)-1] + `,"access_token":"other","oob_code":"other"}`
	}), want: unexpectedOK},
	{name: "duplicate keys in a list", ops: onlyList, on: onBoth, says: as(200, "application/json", `[{"id":"a","id":"b"}]`), want: unexpectedOK},
	{name: "folded keys beside", ops: notList, on: onBoth, says: document(func(doc string) string {
		return doc[:len(doc)-1] + `,"Access_Token":"other","OOB_Code":"other","accessToken":"other","oobcode":"other"}`
	}), want: succeeds},
	{name: "folded keys instead", ops: notList, on: onBoth, says: as(200, "application/json", `{"Access_Token":"other","OOB_Code":"other"}`), want: unexpectedOK},
	{name: "byte order mark", on: onBoth, says: document(func(doc string) string { return "\ufeff" + doc }), want: unexpectedOK},
	{name: "UTF-16", on: onBoth, says: document(func(doc string) string { return inUTF16(doc, 0) }), want: unexpectedOK},
	{name: "UTF-16, the other way round", on: onBoth, says: document(func(doc string) string { return inUTF16(doc, 1) }), want: unexpectedOK},
	{name: "invalid UTF-8 in a token", ops: notList, on: onBoth, says: inToken("\xff"), want: unexpectedOK},
	{name: "lone surrogate in a token", ops: notList, on: onBoth, says: inToken(`\ud800`), want: unexpectedOK},
	{name: "NUL in a token", ops: notList, on: onBoth, says: inToken(`\u0000`), want: unexpectedOK},
	{name: "CR LF in a token", ops: notList, on: onBoth, says: inToken(`\r\nX-Evil: 1`), want: unexpectedOK},
	{name: "space in a token", ops: notList, on: onBoth, says: inToken(` `), want: unexpectedOK},
	{name: "raw line break in a token", ops: notList, on: onBoth, says: inToken("\n"), want: unexpectedOK},
	{name: "list as document", ops: without(acting, "delete authenticator"), on: onBoth, says: as(200, "application/json", `[]`), want: unexpectedOK},
	{name: "object as list", ops: onlyList, on: onBoth, says: as(200, "application/json", `{"authenticators":[]}`), want: unexpectedOK},
	{name: "string as document", on: onBoth, says: as(200, "application/json", `"ok"`), want: unlessDeleted},
	{name: "null as document", on: onBoth, says: as(200, "application/json", `null`), want: unlessDeleted},
	{name: "number as document", on: onBoth, says: as(200, "application/json", `1`), want: unlessDeleted},
	{
		name: "required field missing", ops: notList, on: onBoth,
		says: as(200, "application/json", `{"token_type":"Bearer","challenge_type":"oob","authenticator_type":"oob"}`),
		want: unexpectedOK,
	},
	{name: "required field null", ops: notList, on: onBoth, says: as(200, "application/json", `{"access_token":null,"oob_code":null}`), want: unexpectedOK},
	{name: "required field empty", ops: notList, on: onBoth, says: as(200, "application/json", `{"access_token":"","oob_code":""}`), want: unexpectedOK},
	{name: "id missing", ops: onlyList, on: onBoth, says: as(200, "application/json", `[{"authenticator_type":"oob","active":true}]`), want: unexpectedOK},
	{name: "id null", ops: onlyList, on: onBoth, says: as(200, "application/json", `[{"id":null}]`), want: unexpectedOK},
	{name: "element null", ops: onlyList, on: onBoth, says: as(200, "application/json", `[null]`), want: unexpectedOK},
	{name: "number for a token", ops: notList, on: onBoth, says: as(200, "application/json", `{"access_token":1,"oob_code":1}`), want: unexpectedOK},
	{name: "list for a token", ops: notList, on: onBoth, says: as(200, "application/json", `{"access_token":["a"],"oob_code":["a"]}`), want: unexpectedOK},
	{name: "number for an id", ops: onlyList, on: onBoth, says: as(200, "application/json", `[{"id":1}]`), want: unexpectedOK},
	{name: "string for active", ops: onlyList, on: onBoth, says: as(200, "application/json", `[{"id":"a","active":"yes"}]`), want: unexpectedOK},
	{name: "expires_in as a string", ops: tokens, says: expiresIn(`"86400"`), want: lasting(24 * time.Hour)},
	{name: "expires_in as a float", ops: tokens, says: expiresIn(`86400.5`), want: lasting(24*time.Hour + time.Second/2)},
	{name: "expires_in 1e999", ops: tokens, says: expiresIn(`1e999`), want: lasting(0)},
	{name: "expires_in 1e300", ops: tokens, says: expiresIn(`1e300`), want: lasting(100 * 365 * 24 * time.Hour)},
	{name: "expires_in negative", ops: tokens, says: expiresIn(`-1`), want: lasting(0)},
	{name: "expires_in null", ops: tokens, says: expiresIn(`null`), want: lasting(0)},
	{name: "expires_in as an object", ops: tokens, says: expiresIn(`{"a":[1]}`), want: lasting(0)},
	{name: "expires_in not a number", ops: tokens, says: expiresIn(`"NaN"`), want: lasting(0)},
	{
		name: "200 with a known error", on: onBoth,
		says: as(200, "application/json", `{"error":"invalid_grant","error_description":"Invalid binding_code."}`),
		want: byOp(unexpectedOK, wrongCode(200)).coded("invalid_grant"),
	},
	{name: "200 with an unknown error", on: onBoth, says: as(200, "application/json", `{"error":"strange_error"}`), want: unexpectedOK.coded("strange_error")},
	{
		name: "200 with an error and what makes a success", ops: acting, on: onBoth,
		says: document(func(doc string) string { return doc[:len(doc)-1] + `,"error":"strange_error"}` }),
		want: unexpectedOK.coded("strange_error"),
	},
	{
		name: "200 with an error that is an object", ops: acting, on: onBoth,
		says: document(func(doc string) string { return doc[:len(doc)-1] + `,"error":{"code":1}}` }),
		want: unexpectedOK,
	},
	{
		name: "200 with an error that is false", ops: acting, on: onBoth,
		says: document(func(doc string) string { return doc[:len(doc)-1] + `,"error":false}` }),
		want: unexpectedOK,
	},
}

// unlessDeleted: only a delete needs nothing of what is in the response.
var unlessDeleted = byOp(unexpectedOK, map[mfa.Op]expect{"delete authenticator": succeeds})

// errorFaults are what errors can look like.
var errorFaults = []fault{
	{name: "error that is a list", on: onBoth, says: as(403, "application/json", `[{"error":"invalid_grant"}]`), want: answered(403, mfa.ActionFix)},
	{name: "error that holds an object", on: onBoth, says: as(403, "application/json", `{"error":{"code":"invalid_grant"}}`), want: answered(403, mfa.ActionFix)},
	{name: "truncated error", on: onBoth, says: as(403, "application/json", `{"error":"invalid_grant","error_desc`), want: answered(403, mfa.ActionFix)},
	{name: "empty error", on: onBoth, says: as(403, "application/json", ``), want: answered(403, mfa.ActionFix)},
	{name: "error 500 that is a list", on: onBoth, says: as(500, "application/json", `["invalid_grant"]`), want: failed(500)},
	{name: "error 500 that holds an object", on: onBoth, says: as(500, "application/json", `{"error":{"code":"invalid_grant"}}`), want: failed(500)},
	{name: "truncated error 500", on: onBoth, says: as(500, "application/json", `{"error":"invalid_gr`), want: failed(500)},
	{name: "empty error 500", on: onBoth, says: as(500, "application/json", ``), want: failed(500)},
	{
		name: "description quotes the call", on: onBoth,
		says: func(s *scene) response { return refusal(400, "strange_error", s.hostile()) },
		want: answered(400, mfa.ActionFix).coded("strange_error"),
	},
	{
		name: "code quotes the call", on: onBoth,
		says: func(s *scene) response { return refusal(400, s.oneSecret(), "") },
		want: answered(400, mfa.ActionFix).changed(anyCode),
	},
	{
		name: "code quotes the call, escaped", on: onBoth,
		says: func(s *scene) response { return refusal(400, forms(s.oneSecret())[1], "") },
		want: answered(400, mfa.ActionFix).changed(anyCode),
	},
	{name: "code and request id quote another call", on: onBoth, says: func(*scene) response {
		return refusal(400, "eyJhbGciOiJIUzI1NiJ9.e30.strangers", "").and("X-Auth0-Requestid", "eyJhbGciOiJIUzI1NiJ9.e30", "X-Request-Id", strings.Repeat("a", 65))
	}, want: answered(400, mfa.ActionFix).changed(anyCode)},
	{
		name: "request id quotes the call", on: onBoth,
		stage: func(s *scene) {
			s.mine.MFAToken, s.mine.AccessToken, s.mine.Username, s.mine.RefreshToken = "formed-as-an-id", "formed-as-an-id", "formed-as-an-id", "formed-as-an-id"
		},
		says: func(s *scene) response { return refusal(400, "strange_error", "").and("X-Request-Id", s.oneSecret()) },
		want: answered(400, mfa.ActionFix).coded("strange_error"),
	},
	{name: "other members quote the call", on: onBoth, says: func(s *scene) response {
		a := refusal(400, s.hostile(), "")
		a.body = strings.NewReplacer(`"error"`, `"name"`, `"error_description"`, `"message"`).Replace(a.body)
		return a.and("X-Request-Id", s.oneSecret())
	}, want: answered(400, mfa.ActionFix).changed(anyCode)},
	{name: "sentence in place of the code", on: onBoth, says: func(s *scene) response { return refusal(401, "bad "+s.hostile(), "") }, want: answered(401, mfa.ActionFix)},
	{name: "description is an object that quotes", on: onBoth, says: func(s *scene) response {
		a := refusal(400, "strange_error", s.hostile())
		a.body = strings.Replace(a.body, `"error_description":`, `"description":{"detail":`, 1) + "}"
		return a
	}, want: answered(400, mfa.ActionFix).coded("strange_error")},
	{name: "control characters in the description", on: onBoth, says: nasty("strange_error"), want: answered(400, mfa.ActionFix).coded("strange_error")},
	{name: "control characters in the code", on: onBoth, says: nasty(`strange\u001b[31m\u202e\u0000\u007f`), want: answered(400, mfa.ActionFix).changed(anyCode)},
	{
		name: "description of 9 KB", on: onBoth,
		says: as(400, "application/json", `{"error":"strange_error","error_description":"`+strings.Repeat("ä", 9<<9)+`"}`),
		want: answered(400, mfa.ActionFix).coded("strange_error"),
	},
	{
		name: "code of 9 KB", on: onBoth,
		says: as(400, "application/json", `{"error":"`+strings.Repeat("a", 9<<10)+`"}`),
		want: answered(400, mfa.ActionFix).changed(anyCode),
		also: func(s *scene, err error) {
			if e, ok := errors.AsType[*mfa.Error](err); ok {
				assert.LessOrEqual(s, len(e.Code), 64)
			}
		},
	},
	{
		name: "mfa_required without token", on: onBoth,
		says: as(403, "application/json", `{"error":"mfa_required","error_description":"Multifactor authentication required"}`),
		want: answered(403, mfa.ActionFix, mfa.ErrMFARequired).coded("mfa_required"),
		also: carriesToken(""),
	},
	{
		name: "mfa_required with an unusable token", on: onBoth,
		says: as(403, "application/json", `{"error":"mfa_required","mfa_token":"Fe26.2 \u0000"}`),
		want: answered(403, mfa.ActionFix, mfa.ErrMFARequired).coded("mfa_required"),
		also: carriesToken(""),
	},
	{name: "mfa_required with token", on: onAll, says: func(s *scene) response {
		a := refusal(403, "mfa_required", "use "+strings.Join(forms(chainedToken), " ")+" "+s.hostile())
		a.body = strings.Replace(a.body, "{", `{"mfa_token":"`+chainedToken+`",`, 1)
		return a
	}, want: answered(403, mfa.ActionVerifyMFA, mfa.ErrMFARequired).coded("mfa_required"), also: carriesToken(chainedToken)},
	{name: "XML", on: onBoth, says: as(200, "application/xml", `<token><access_token>other</access_token></token>`), want: unexpectedOK},
	{name: "XML as JSON", on: onBoth, says: as(200, "application/json", `<token><access_token>other</access_token></token>`), want: unexpectedOK},
}

// oneSecret is a secret of the call without spaces.
func (s *scene) oneSecret() string {
	switch s.op.Op {
	case mfa.OpPasswordLogin:
		return s.mine.Username
	case mfa.OpRefresh:
		return s.mine.RefreshToken
	default:
		return s.mine.MFAToken
	}
}

// as is a response with this type and body.
func as(status int, contentType, body string) func(*scene) response {
	return func(*scene) response {
		return response{status: status, header: []string{"Content-Type", contentType}, body: body}
	}
}

func (s *scene) documentAs(status int) response {
	return response{status: status, header: jsonType, body: s.document()}
}

// typed is a success with another content type.
func typed(contentType string) func(*scene) response {
	return func(s *scene) response { return as(200, contentType, s.document())(s) }
}

// document is what would be a success if it were not changed.
func document(change func(string) string) func(*scene) response {
	return func(s *scene) response { return as(http.StatusOK, "application/json", change(s.document()))(s) }
}

// inToken is a success with this inside of what makes it one.
func inToken(text string) func(*scene) response {
	return func(s *scene) response {
		return document(func(doc string) string { return strings.Replace(doc, "own+1/", "own"+text, 1) })(s)
	}
}

func inUTF16(s string, lowAt int) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune("\ufeff" + s)) {
		pair := [2]byte{byte(unit >> 8), byte(unit >> 8)}
		pair[1-lowAt] = byte(unit)
		b.Write(pair[:])
	}
	return b.String()
}

func expiresIn(value string) func(*scene) response {
	return document(func(doc string) string { return strings.Replace(doc, "86400", value, 1) })
}

// lasting is a success whose token lives so long.
func lasting(d time.Duration) expect {
	return expect(succeeds).changed(func(w *want, _ operation) { w.lasts = &d })
}

func anyCode(w *want, _ operation) { w.anyCode = true }

// nasty is a refusal with this code, in JSON, and a description full of what
// must not reach a terminal.
func nasty(code string) func(*scene) response {
	return as(400, "application/json", `{"error":"`+code+`","error_description":"a\r\nlevel=ERROR b\u001b[31mred\u202egnp.exe\u2066\u0000\u0085\u2028\ufeff\u200b"}`)
}

// carriesToken checks the token of a RequiredError, "" for none.
func carriesToken(token string) func(*scene, error) {
	return func(s *scene, err error) {
		var required *mfa.RequiredError
		if assert.ErrorAs(s, err, &required) {
			assert.Equal(s, token, required.MFAToken.Reveal())
		}
	}
}
