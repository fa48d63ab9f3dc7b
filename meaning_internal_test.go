package mfa

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/internal/redact"
	"github.com/go-auth0-mfa/mfa/internal/transport"
)

// A text decides with its code and at its operation. A row that would match a part of
// a text anywhere in it is one of the two that a comment beside them justifies.
func TestMeanings_aTextHasItsCodeAndItsOperation(t *testing.T) {
	t.Parallel()
	var inTheMiddle []string
	for _, m := range meanings {
		if m.text == "" {
			continue
		}
		assert.NotEmpty(t, m.code, m.text)
		assert.NotEmpty(t, m.ops, m.text)
		assert.Equal(t, strings.TrimSuffix(strings.ToLower(m.text), "."), m.text, "compared with lower case without a full stop")
		if strings.HasPrefix(m.text, "*") {
			inTheMiddle = append(inTheMiddle, m.code+" "+m.text)
			assert.NotContains(t, m.ops, Op(""))
		}
		for code := range strings.FieldsSeq(m.code) {
			if slices.Contains(ofTenants, code) {
				assert.NotContains(t, strings.TrimSuffix(m.text, "*"), "*", "a tenant's words decide as a whole, or by how they begin")
			}
		}
	}
	assert.Equal(t, []string{"invalid_grant *oob_code*", "invalid_grant *code*"}, inTheMiddle)
}

// No row stands behind another that takes all its responses.
func TestMeanings_everyRowCounts(t *testing.T) {
	t.Parallel()
	for _, m := range meanings {
		ops := m.ops
		if ops == nil {
			ops = []Op{OpVerifyOTP}
		}
		for _, op := range ops {
			for code := range strings.FieldsSeq(cmp.Or(m.code, "strange_code")) {
				e := &Error{Op: op, Code: strings.TrimPrefix(code, noCode), StatusCode: max(400, m.from), body: bodyJSON}
				if m.to != 0 {
					e.StatusCode = m.from
				}
				e.Description = strings.ToUpper(strings.ReplaceAll(m.text, "*", "…")) + "."
				assert.Equal(t, m, e.meaning(), "%s %s", op, code)
			}
		}
	}
}

// ofTenants are the codes under which the words are a tenant's own.
var ofTenants = []string{"access_denied", "unauthorized", "rule_error", "hook_error"}

// isAuth0s reports whether the text is one that Auth0 itself sends with the code to the
// operation, and that a tenant cannot be told apart from who sends the very same.
func isAuth0s(op Op, status int, code, text string) bool {
	text = strings.TrimSuffix(strings.ToLower(redact.Printable(text)), ".")
	atOneOf := func(ops ...Op) bool { return slices.Contains(ops, op) }
	switch {
	case code != "access_denied":
		return false
	case text == "unauthorized":
		return status == http.StatusUnauthorized
	case text == "mfa authorization rejected":
		return atOneOf(OpVerifyOOB, OpPollPush, "")
	case text == "unknown or invalid refresh token":
		return atOneOf(OpRefresh, "")
	case text == "user is already enrolled":
		return atOneOf("")
	default:
		return strings.HasPrefix(text, "service not found:") && atOneOf(OpPasswordLogin, OpRefresh, OpTokenExchange, "")
	}
}

// atTokenEndpoint are the calls that end with a tenant's Actions.
var atTokenEndpoint = []Op{
	OpPasswordLogin, OpRefresh, OpVerifyOOB, OpVerifyOTP, OpVerifyRecoveryCode, OpPollPush,
	OpPasswordless, OpTokenExchange, OpDevice, "",
}

// assertTenants asserts that the text is taken for a tenant's, whatever it says.
func assertTenants(t *testing.T, op Op, status int, code, text string, private ...string) {
	t.Helper()
	if isAuth0s(op, status, code, text) {
		return
	}
	body, err := json.Marshal(map[string]string{"error": code, "error_description": text})
	require.NoError(t, err)
	for _, body := range [][]byte{body, append(body[:len(body)-1:len(body)-1], `,"statusCode":403,"message":"User is already enrolled."}`...)} {
		if text == "" && len(body) > 100 {
			continue // then the message is the text
		}
		err = newError(op, transport.Outcome{Status: status, Body: body}, "", private)
		e, ok := err.(*Error)
		require.True(t, ok, "%T", err)
		denied := e.meaning().sentinel == ErrBlocked && NextAction(err) == ActionAbort && !e.outcomeUnknown() && !e.Is(ErrServer)
		assert.True(t, denied, "%s, HTTP %d, %s %q: %v", op, status, code, text, err)
		assert.NotEmpty(t, e.Hint())
	}
}

// words are sentences that a tenant could write.
func words(random *rand.Rand) []string {
	all := []string{
		"", " ", ".", "Unauthorized device", "unauthorized", "Unauthorized", "UNAUTHORIZED.", "You are already enrolled in the beta.",
		"Error sending your documents", "Forbidden", "Internal Server Error", "Cannot read properties of undefined (reading 'email')",
		"<html><body>No.</body></html>", "<!doctype html>", `{"error":"mfa_required"}`, "mfa_required", "code", "oob_code", "binding_code", "\x00", "\u202e",
		"Вход запрещён.", "ログインできません", "تسجيل الدخول مرفوض", "बाद में आएँ", strings.Repeat("No. ", 400),
	}
	for _, m := range meanings {
		for code := range strings.FieldsSeq(m.code) {
			all = append(all, code)
		}
		if m.text == "" {
			continue
		}
		text := strings.ReplaceAll(m.text, "*", " SMS ")
		all = append(all, text, text+".", strings.ToUpper(text), strings.ToTitle(text[:1])+text[1:]+".",
			"Sorry: "+text, text+" Ask Ada.", text+"..", text+"!", " "+text, text+"\u200b", "“"+text+"”", text+"\n"+text, strings.ReplaceAll(text, " ", "  "))
	}
	scripts := []*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Han, unicode.Arabic, unicode.Devanagari, unicode.Hiragana}
	for range 200 {
		var sentence []string
		for range 1 + random.IntN(6) {
			r16 := scripts[random.IntN(len(scripts))].R16
			if len(r16) == 0 {
				continue
			}
			var word []rune
			for range 1 + random.IntN(8) {
				of := r16[random.IntN(len(r16))]
				word = append(word, rune(of.Lo)+rune(random.IntN(int(of.Hi-of.Lo)+1)))
			}
			sentence = append(sentence, string(word))
		}
		all = append(all, strings.Join(sentence, " "))
	}
	return all
}

// No text that a tenant can write changes what its denial means, at any call of the
// token endpoint, but for those few that Auth0 itself sends there.
func TestMeanings_noTextOfATenantChangesTheMeaning(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(17, 34))
	all := words(random)
	statuses := []int{400, 401, 403, 404, 409, 422, 429, 500, 501, 502, 503, 504, 522, 599, 200, 302}
	for _, op := range atTokenEndpoint {
		for _, code := range ofTenants {
			for _, text := range all {
				switch random.IntN(8) { // all of them with all would take long
				case 0, 1, 2:
					assertTenants(t, op, statuses[random.IntN(len(statuses))], code, text)
				case 3: // the user typed a word of it
					assertTenants(t, op, 500, code, text, "ada", "unauthorized", text)
				}
			}
			for status := 100; status <= 599; status += 11 {
				assertTenants(t, op, status, code, "You are already enrolled in the beta.")
			}
		}
	}
}

func FuzzTenantsWords(f *testing.F) {
	for i, text := range words(rand.New(rand.NewPCG(1, 2))) {
		f.Add(i, i, i%500+100, text)
	}
	f.Fuzz(func(t *testing.T, op, code, status int, text string) {
		assertTenants(t, atTokenEndpoint[uint(op)%uint(len(atTokenEndpoint))], int(uint(status)%500)+100, ofTenants[uint(code)%uint(len(ofTenants))],
			strings.ToValidUTF8(text, ""), "ada")
	})
}

// What the index in docs/my-error-is.md calls groups of operations and statuses.
func placeOf(m meaning) string {
	for _, group := range []struct {
		name string
		ops  []Op
	}{
		{"any call", nil}, {"the token endpoint", atToken}, {"the token endpoint, challenge", append([]Op{OpChallenge}, atToken...)},
		{"every verify call", atVerify}, {"challenge, every verify call", atMFA},
	} {
		if slices.Equal(m.ops, group.ops) {
			return group.name
		}
	}
	var names []string
	for _, op := range m.ops {
		if op != "" {
			names = append(names, string(op))
		}
	}
	return strings.Join(names, ", ")
}

func statusOf(m meaning) string {
	switch {
	case m.to == 0:
		return ""
	case m.from == m.to:
		return ", HTTP " + strconv.Itoa(m.from)
	default:
		return fmt.Sprintf(", HTTP %d to %d", m.from, m.to)
	}
}

func actionOf(m meaning) Action {
	if slices.Equal(m.ops, []Op{OpDeleteAuthenticator}) && m.sentinel == ErrAuthenticatorNotFound {
		return ActionNone
	}
	return cmp.Or(m.next, NextAction(m.sentinel))
}

// pages is what a page shows for each action, in the words of docs/my-error-is.md.
var pages = map[Action]string{
	ActionNone: "that it is gone", ActionAskAgain: "the form again", ActionResend: "an offer of a new code", ActionChallenge: "the authenticators to choose from",
	ActionEnroll: "the enrollment form", ActionVerifyMFA: "the next factor", ActionRestartLogin: "the password form", ActionWait: "come back later",
	ActionPoll: "the wait for the push", ActionRetryLater: "try again later", ActionAbort: "where to get help", ActionFix: "an apology",
}

// The index in docs/my-error-is.md has every row of the table, in its order, and no other.
func TestDocs_indexOfErrors(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("docs/my-error-is.md")
	require.NoError(t, err)
	index, legend, found := strings.Cut(string(page), "\n## What the page shows\n")
	require.True(t, found)
	source, err := os.ReadFile("errors.go")
	require.NoError(t, err)
	names := map[string]string{}
	for _, variable := range regexp.MustCompile(`(?m)^\t(Err\w+) +error = &sentinel\{text: "([^"]+)"`).FindAllStringSubmatch(string(source), -1) {
		names["mfa: "+variable[2]] = variable[1]
	}

	shown, used := map[string]string{}, map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| (`.+`) \\| (.+) \\|$").FindAllStringSubmatch(legend, -1) {
		shown[row[1]] = row[2]
	}
	rows := slices.DeleteFunc(regexp.MustCompile(`(?m)^\| .+ \|$`).FindAllString(index, -1), func(row string) bool {
		return row == "| code | text | call | error | action | check |" // begins a table
	})
	require.Len(t, rows, len(meanings))
	for i, m := range meanings {
		cells := strings.Split(strings.Trim(rows[i], "| "), " | ")
		require.Len(t, cells, 6, rows[i])
		code := "any"
		if m.code != "" {
			code = "`" + strings.Join(strings.Fields(m.code), "` `") + "`"
			code = strings.ReplaceAll(code, "`"+noCode+"`", "none")
		}
		text := strings.TrimSuffix(strings.ToLower(strings.Trim(cells[1], "`")), ".")
		if text == "any" {
			text = ""
		}
		assert.Equal(t, code, cells[0], "code of row %d", i)
		assert.Equal(t, m.text, strings.ReplaceAll(text, "…", "*"), "text of row %d", i)
		assert.Equal(t, placeOf(m)+statusOf(m), cells[2], "calls and status of row %d", i)
		assert.Equal(t, "`"+names[m.sentinel.Error()]+"`", cells[3], "error of row %d", i)
		assert.Equal(t, "`"+actionOf(m).String()+"`", cells[4], "action of row %d", i)
		assert.Equal(t, pages[actionOf(m)], shown[cells[4]], "page of row %d", i)
		assert.NotEmpty(t, cells[5], "operator of row %d", i)
		if m.hint != "" {
			assert.NotEqual(t, "–", cells[5], "row %d has a hint", i)
		}
		used[cells[4]] = true
	}
	assert.Len(t, shown, len(used))
}
