package live

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238 as authenticator apps implement it
	"encoding/base32"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Settings say which tenant and which user a run is about.
type Settings struct {
	// Domain is the tenant's host, with a port if it has one.
	Domain string
	// ClientID and ClientSecret are those of an application with the password and
	// the MFA grant.
	ClientID, ClientSecret string
	// Username is the e-mail address of the user, who can read mail to it, and
	// Password the user's password. Both are for tests only.
	Username, Password string
	// HTTPClient sends the requests. If nil, it is one with a limit of 30 seconds.
	HTTPClient *http.Client
}

// Console is where a run talks to the person who started it.
type Console interface {
	// Say shows a line.
	Say(line string)
	// Ask shows a question and returns the line that the person typed. It returns
	// an error when the context ends.
	Ask(ctx context.Context, question string) (string, error)
}

// MaxMails is the most e-mails that a run asks for.
const MaxMails = 3

// maxBody is the longest response that is read.
const maxBody = 256 << 10

// session is the state of a run.
type session struct {
	Settings

	console Console
	mails   int
	secrets []string  // what may be in no table
	date    time.Time // of the newest response

	mfaToken string       // of the newest login
	access   string       // access token of the MFA API, which may delete
	before   []enrolled   // what the user had; nil if it is not known
	now      []enrolled   // what the user has
	made     []string     // IDs of what the run enrolled
	lost     []string     // prefixes of enrollments whose outcome is not known
	email    enrollment   // the run's e-mail address
	app      enrollment   // the run's authenticator app
	oob      verification // of the newest e-mail
	idToken  string
}

// enrolled is an element of the list of authenticators.
type enrolled struct {
	ID      string `json:"id"`
	Type    string `json:"authenticator_type"`
	Channel string `json:"oob_channel"`
	Name    string `json:"name"`
	Factor  string `json:"type"`
	Active  bool   `json:"active"`
}

func (e enrolled) prefix() string {
	prefix, _, _ := strings.Cut(e.ID, "|")
	return prefix
}

// enrollment is an authenticator that the run enrolled.
type enrollment struct {
	id, secret string
	response   *response
}

// verification is what verifies a code of an e-mail.
type verification struct{ mfaToken, oobCode, code string }

// response is what came back.
type response struct {
	status int
	header http.Header
	fields map[string]any // of a JSON object
	body   []byte
}

func (r *response) text(name string) string {
	text, _ := r.fields[name].(string)
	return text
}

// String shows what came back without the values of a success.
func (r *response) String() string {
	if code := r.text("error"); code != "" {
		return strings.TrimSuffix(fmt.Sprintf("%d %s: %s", r.status, code, r.text("error_description")), ": ")
	}
	names := []string{}
	for name := range r.fields {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.TrimSpace(fmt.Sprintf("%d %s", r.status, strings.Join(names, " ")))
}

// tokenRequest sends a form to the token endpoint. The names that it leaves out
// are those of the application.
func (s *session) tokenRequest(ctx context.Context, pairs ...string) (*response, error) {
	form := url.Values{"client_id": {s.ClientID}, "client_secret": {s.ClientSecret}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return s.send(ctx, http.MethodPost, "/oauth/token", "", "application/x-www-form-urlencoded", form.Encode())
}

// api sends a request to the MFA API. It is not for deleting: see remove.
func (s *session) api(ctx context.Context, method, path, token string, body any) (*response, error) {
	if body == nil {
		return s.send(ctx, method, path, token, "", "")
	}
	content, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	return s.send(ctx, method, path, token, "application/json", string(content))
}

func (s *session) send(ctx context.Context, method, path, token, contentType, body string) (*response, error) {
	request, err := http.NewRequestWithContext(ctx, method, "https://"+s.Domain+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.GetBody = nil // so that net/http does not repeat it
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	answer, err := s.HTTPClient.Do(request)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s %s: no response", method, pathKind(path)), ctx.Err()) // the cause may quote what was sent
	}
	content, err := io.ReadAll(io.LimitReader(answer.Body, maxBody))
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		return nil, errors.Join(fmt.Errorf("%s %s: half a response", method, pathKind(path)), ctx.Err())
	}
	if date, err := http.ParseTime(answer.Header.Get("Date")); err == nil {
		s.date = date
	}
	r := &response{status: answer.StatusCode, header: answer.Header, body: content}
	if bytes.HasPrefix(content, []byte("{")) {
		if err := json.Unmarshal(content, &r.fields); err != nil {
			return nil, fmt.Errorf("%s %s: no JSON", method, pathKind(path))
		}
	}
	for _, name := range []string{"mfa_token", "access_token", "id_token", "refresh_token", "oob_code", "secret", "barcode_uri", "recovery_code"} {
		s.hide(r.text(name))
	}
	return r, nil
}

// pathKind is the path without an ID.
func pathKind(path string) string {
	if kind, _, found := strings.Cut(path, "/mfa/authenticators/"); found {
		return kind + "/mfa/authenticators/{id}"
	}
	return path
}

// hide keeps a text out of what a run reports.
func (s *session) hide(secret string) {
	if secret != "" {
		s.secrets = append(s.secrets, secret)
	}
}

// clean removes from a text whatever names the tenant or its user, and secrets.
func (s *session) clean(text string) string {
	for _, secret := range s.secrets {
		text = strings.ReplaceAll(text, secret, "[redacted]")
	}
	return strings.NewReplacer(
		s.Domain, "{domain}", s.Username, "{username}", s.ClientID, "{client}").Replace(text)
}

// list reads what the user has.
func (s *session) list(ctx context.Context, token string) (*response, []enrolled, error) {
	r, err := s.api(ctx, http.MethodGet, "/mfa/authenticators", token, nil)
	if err != nil || r.status != http.StatusOK {
		return r, nil, err
	}
	all := []enrolled{}
	if err := json.Unmarshal(r.body, &all); err != nil {
		return nil, nil, errors.New("the list of authenticators is none")
	}
	return r, all, nil
}

// mail counts an e-mail that is about to be sent.
func (s *session) mail() error {
	if s.mails >= MaxMails {
		return notReachedError("the run sends no more e-mails")
	}
	s.mails++
	return nil
}

// code asks the person for the code of the newest e-mail.
func (s *session) code(ctx context.Context) (string, error) {
	typed, err := s.console.Ask(ctx, "The code of the newest e-mail to "+s.Username+":")
	typed = strings.TrimSpace(typed)
	s.hide(typed)
	if err == nil && typed == "" {
		err = notReachedError("no code was typed")
	}
	return typed, err
}

// wrong returns another code of the same form.
func wrong(code string) string {
	if code == "" {
		return "000000"
	}
	return string('0'+(code[0]-'0'+1)%10) + code[1:]
}

// otp returns what the run's authenticator app shows, at the time of the service.
func (s *session) otp() (string, error) {
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.TrimRight(s.app.secret, "="))
	if err != nil {
		return "", errors.New("the secret of the authenticator app is not base32")
	}
	mac := hmac.New(sha1.New, key)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(s.date.Unix()/30))) //nolint:gosec // after 1970
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[offset:])&0x7fffffff%1_000_000), nil
}

// lifetime returns how long an opaque token lives, which its sixth part tells.
func (s *session) lifetime(token string) string {
	parts := strings.Split(token, "*")
	if len(parts) < 6 {
		return "it does not tell"
	}
	expires, err := strconv.ParseInt(parts[5], 10, 64)
	if err != nil {
		return "it does not tell"
	}
	return time.UnixMilli(expires).Sub(s.date).Round(10 * time.Second).String()
}
