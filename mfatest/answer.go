package mfatest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
)

// answer is what a request is answered with.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// errorBody is the form of OAuth's errors, with what Auth0 adds.
type errorBody struct {
	Error        string        `json:"error"`
	Description  string        `json:"error_description,omitempty"`
	URI          string        `json:"error_uri,omitempty"`
	MFAToken     string        `json:"mfa_token,omitempty"`
	Requirements *requirements `json:"mfa_requirements,omitempty"`
}

// reply is an answer with a JSON body.
func reply(status int, body any) answer {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(body); err != nil {
		panic(fmt.Sprintf("mfatest: %T: %v", body, err)) // a mistake in this package: all bodies are its own structs
	}
	return answer{status: status, header: http.Header{}, body: bytes.TrimSuffix(b.Bytes(), []byte("\n"))}
}

// refuse is an OAuth error.
func refuse(status int, code, description string) answer {
	return reply(status, errorBody{Error: code, Description: description})
}

// The refusals that several endpoints share. Those of a parameter's form are
// documented for some parameters and taken over for all.

func missing(parameter string) *answer {
	a := refuse(http.StatusBadRequest, "invalid_request", "Missing required parameter: "+parameter)
	return &a
}

func notText(parameter string) *answer {
	a := refuse(http.StatusBadRequest, "invalid_request", parameter+" must be a string")
	return &a
}

func malformed(parameter string) answer {
	return refuse(http.StatusForbidden, "invalid_grant", "Malformed "+parameter)
}

// expired comes with 403 here; some of Auth0's own fixtures have 401.
func expired(parameter string) answer {
	return refuse(http.StatusForbidden, "expired_token", parameter+" is expired")
}

// tooManyCodes comes with 400, the status of its code; which one the service
// sends is not documented.
func tooManyCodes() answer {
	return refuse(http.StatusBadRequest, "invalid_request", "Too many failed codes. Wait for some minutes before retrying.")
}

func notEnrolled() answer {
	return refuse(http.StatusUnauthorized, "unsupported_challenge_type",
		"User is not enrolled. You can use /mfa/associate endpoint to enroll the first authenticator.")
}
