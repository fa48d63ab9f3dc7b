package main

import (
	"encoding/json"
	"net/url"
)

// The wire as plain structs.
type (
	associateRequest struct {
		AuthenticatorTypes []string `json:"authenticator_types"`
		OOBChannels        []string `json:"oob_channels"`
		Email              string   `json:"email"`
		ClientID           string   `json:"client_id"`
		ClientSecret       string   `json:"client_secret"`
	}
	associateResponse struct {
		AuthenticatorType string   `json:"authenticator_type"`
		BindingMethod     string   `json:"binding_method"`
		OOBChannel        string   `json:"oob_channel"`
		OOBCode           string   `json:"oob_code"`
		RecoveryCodes     []string `json:"recovery_codes"`
	}
	authenticator struct {
		ID                string `json:"id"`
		AuthenticatorType string `json:"authenticator_type"`
		OOBChannel        string `json:"oob_channel"`
		Name              string `json:"name"`
		Active            bool   `json:"active"`
	}
	challengeRequest struct {
		MFAToken        string `json:"mfa_token"`
		ChallengeType   string `json:"challenge_type"`
		AuthenticatorID string `json:"authenticator_id"`
		ClientID        string `json:"client_id"`
		ClientSecret    string `json:"client_secret"`
	}
	challengeResponse struct {
		ChallengeType string `json:"challenge_type"`
		BindingMethod string `json:"binding_method"`
		OOBCode       string `json:"oob_code"`
	}
	tokenResponse struct {
		AccessToken  string `json:"access_token"`
		IDToken      string `json:"id_token"`
		RefreshToken string `json:"refresh_token"`
		TokenType    string `json:"token_type"`
		Scope        string `json:"scope"`
		ExpiresIn    int    `json:"expires_in"`
	}
	errorResponse struct {
		Error            string `json:"error"`
		ErrorDescription string `json:"error_description"`
	}
)

func newAssociateRequest() associateRequest {
	return associateRequest{[]string{"oob"}, []string{"email"}, email, clientID, clientSecret}
}

func newChallengeRequest() challengeRequest {
	return challengeRequest{mfaToken, "oob", authenticatorID, clientID, clientSecret}
}

func tokenForm() url.Values {
	return url.Values{
		"grant_type": {grantOOB}, "client_id": {clientID}, "client_secret": {clientSecret},
		"mfa_token": {mfaToken}, "oob_code": {oobCode}, "binding_code": {bindingCode},
	}
}

func mustMarshal(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return raw
}

const (
	typeJSON = "application/json"
	typeForm = "application/x-www-form-urlencoded"
)
