package bench

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// What is sent and received has the lengths of Auth0's tokens.
var (
	mfaToken     = strings.Repeat("t", 600)
	oobCode      = strings.Repeat("o", 600)
	clientSecret = strings.Repeat("s", 64)
)

const (
	clientID        = "aBcDeFgHiJkLmNoPqRsTuVwXyZ012345"
	authenticatorID = "email|dev_NU1Ofuw3Cw0XCt5x"
	email           = "ada@example.com"
	bindingCode     = "000042"
)

// operation is one of the four calls of a login.
type operation struct {
	name, method, path string
	response           []byte
}

var (
	associate = operation{"associate", http.MethodPost, "/mfa/associate", padded(858,
		`{"authenticator_type":"oob","binding_method":"prompt","oob_channel":"email","recovery_codes":["N3BGPZZWJ85JLCNPZBDW6QXC"],"oob_code":"%s"}`)}
	list = operation{"list", http.MethodGet, "/mfa/authenticators", padded(345,
		`[{"id":"recovery-code|dev_DsvzGfZw2Fg5N3rI","authenticator_type":"recovery-code","active":true},`+
			`{"id":"email|dev_NU1Ofuw3Cw0XCt5x","authenticator_type":"oob","active":true,"oob_channel":"email","name":"a***@example.com"},`+
			`{"id":"totp|dev_%s","authenticator_type":"otp","active":false}]`)}
	challenge = operation{"challenge", http.MethodPost, "/mfa/challenge", padded(720,
		`{"challenge_type":"oob","binding_method":"prompt","oob_code":"%s"}`)}
	token = operation{"token", http.MethodPost, "/oauth/token", tokenResponse(2386)}

	operations = []operation{associate, list, challenge, token}
)

// padded fills the %s of a response up to a size.
func padded(size int, format string) []byte {
	return fmt.Appendf(nil, format, strings.Repeat("a", size-len(format)+len("%s")))
}

// tokenResponse has an ID token that fills it up to a size.
func tokenResponse(size int) []byte {
	return padded(size, `{"access_token":"`+strings.Repeat("x", min(900, size/4))+
		`","refresh_token":"v1.MRqJ","id_token":"%s","scope":"openid profile email offline_access","expires_in":86400,"token_type":"Bearer"}`)
}

// listOf is a list of so many authenticators.
func listOf(n int) []byte {
	one := `{"id":"email|dev_NU1Ofuw3Cw0XCt5x","authenticator_type":"oob","active":true,"oob_channel":"email","name":"a***@example.com"}`
	return []byte("[" + strings.TrimSuffix(strings.Repeat(one+",", n), ",") + "]")
}

// headerLines are as many as a tenant behind a CDN sends.
var headerLines = []string{
	"Date: Mon, 23 Nov 2026 12:00:00 GMT", "Content-Type: application/json; charset=utf-8", "Connection: keep-alive",
	"Cache-Control: no-store", "Pragma: no-cache", "Ot-Tracer-Sampled: true", "Ot-Tracer-Spanid: 4ac5d8f2d1f0b3a1",
	"Ot-Tracer-Traceid: 2d0a7bd7f8b1c3e5", "Strict-Transport-Security: max-age=31536000; includeSubDomains",
	"Vary: Accept-Encoding, Origin", "X-Auth0-Requestid: 0f4c1f2b3a4d5e6f7a8b", "X-Content-Type-Options: nosniff",
	"X-Ratelimit-Limit: 100", "X-Ratelimit-Remaining: 99", "X-Ratelimit-Reset: 1795435201",
	"Set-Cookie: __cf_bm=abcdefghijklmnopqrstuvwxyz; path=/; HttpOnly; Secure; SameSite=None",
}

// stub is a transport without a network. It reads the request to its end and
// returns the same response each time, for one allocation.
type stub struct {
	header   http.Header
	response []byte
	body     stubBody
	room     [4 << 10]byte
}

type stubBody struct{ bytes.Reader }

func (*stubBody) Close() error { return nil }

func newStub(response []byte) *stub {
	s := &stub{response: response, header: http.Header{}}
	for _, line := range headerLines {
		name, value, _ := strings.Cut(line, ": ")
		s.header[name] = []string{value}
	}
	return s
}

func (s *stub) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		for err := error(nil); err == nil; {
			_, err = req.Body.Read(s.room[:])
		}
		_ = req.Body.Close()
	}
	s.body.Reset(s.response)
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: s.header, Body: &s.body, ContentLength: int64(len(s.response)), Request: req,
	}, nil
}

// serve is the same as a handler.
func (o operation) serve(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	for _, line := range headerLines {
		name, value, _ := strings.Cut(line, ": ")
		w.Header().Set(name, value)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(o.response)))
	_, _ = w.Write(o.response)
}
