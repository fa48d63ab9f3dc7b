package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-resty/resty/v2"

	"github.com/go-auth0-mfa/mfa"
)

// call makes one call of an operation.
type call func(context.Context) error

// ways are compared: this library, Auth0's documentation, resty, and a bare round
// trip, which is the lower bound.
var ways = []struct {
	name string
	call func(operation, string, http.RoundTripper) call
}{
	{"mfa", library}, {"snippet", snippet}, {"resty", plainResty}, {"roundtrip", roundTrip},
}

func library(op operation, base string, transport http.RoundTripper) call {
	client, err := mfa.NewClient(base, clientID, mfa.WithHTTPClient(&http.Client{Transport: transport}), mfa.WithClientSecret(clientSecret))
	if err != nil {
		return func(context.Context) error { return err }
	}
	token, oob, code := mfa.NewSecret(mfaToken), mfa.NewSecret(oobCode), mfa.NewSecret(bindingCode)
	return map[string]call{
		"associate": func(ctx context.Context) error {
			_, err := client.Associate(ctx, mfa.AssociateRequest{Token: token, Email: email})
			return err
		},
		"list": func(ctx context.Context) error {
			_, err := client.ListAuthenticators(ctx, mfa.ListAuthenticatorsRequest{Token: token})
			return err
		},
		"challenge": func(ctx context.Context) error {
			_, err := client.Challenge(ctx, mfa.ChallengeRequest{MFAToken: token, AuthenticatorID: authenticatorID})
			return err
		},
		"token": func(ctx context.Context) error {
			_, err := client.VerifyOOB(ctx, mfa.VerifyOOBRequest{MFAToken: token, OOBCode: oob, BindingCode: code})
			return err
		},
	}[op.name]
}

// request and response are the wire as plain structs.
type (
	request struct {
		AuthenticatorTypes []string `json:"authenticator_types,omitempty"`
		OOBChannels        []string `json:"oob_channels,omitempty"`
		Email              string   `json:"email,omitempty"`
		MFAToken           string   `json:"mfa_token,omitempty"`
		ChallengeType      string   `json:"challenge_type,omitempty"`
		AuthenticatorID    string   `json:"authenticator_id,omitempty"`
		ClientID           string   `json:"client_id"`
		ClientSecret       string   `json:"client_secret"`
	}
	entry struct {
		ID                string `json:"id"`
		AuthenticatorType string `json:"authenticator_type"`
		OOBChannel        string `json:"oob_channel"`
		Name              string `json:"name"`
		Active            bool   `json:"active"`
	}
	response struct {
		AuthenticatorType string   `json:"authenticator_type"`
		ChallengeType     string   `json:"challenge_type"`
		BindingMethod     string   `json:"binding_method"`
		OOBChannel        string   `json:"oob_channel"`
		OOBCode           string   `json:"oob_code"`
		RecoveryCodes     []string `json:"recovery_codes"`
		AccessToken       string   `json:"access_token"`
		IDToken           string   `json:"id_token"`
		RefreshToken      string   `json:"refresh_token"`
		TokenType         string   `json:"token_type"`
		Scope             string   `json:"scope"`
		ExpiresIn         int      `json:"expires_in"`
	}
)

// plain returns what is sent, as JSON or as a form, and what to decode into.
func plain(op operation) (sent any, form url.Values, received any) {
	switch op.name {
	case "associate":
		return &request{
			AuthenticatorTypes: []string{"oob"}, OOBChannels: []string{"email"}, Email: email,
			ClientID: clientID, ClientSecret: clientSecret,
		}, nil, &response{}
	case "list":
		return nil, nil, &[]entry{}
	case "challenge":
		return &request{
			MFAToken: mfaToken, ChallengeType: "oob", AuthenticatorID: authenticatorID,
			ClientID: clientID, ClientSecret: clientSecret,
		}, nil, &response{}
	}
	return nil, url.Values{
		"grant_type": {"http://auth0.com/oauth/grant-type/mfa-oob"}, "client_id": {clientID}, "client_secret": {clientSecret},
		"mfa_token": {mfaToken}, "oob_code": {oobCode}, "binding_code": {bindingCode},
	}, &response{}
}

// snippet makes a call as Auth0's documentation shows it for Go, with the response
// decoded.
//
// https://auth0.com/docs/secure/multi-factor-authentication/authenticate-using-ropg-flow-with-mfa/enroll-and-challenge-email-authenticators
func snippet(op operation, base string, transport http.RoundTripper) call {
	client := &http.Client{Transport: transport}
	return func(context.Context) error {
		sent, form, received := plain(op)
		var payload io.Reader
		contentType := "application/x-www-form-urlencoded" // for the list as well
		if form != nil {
			payload = strings.NewReader(form.Encode())
		} else if sent != nil {
			raw, err := json.Marshal(sent)
			if err != nil {
				return err
			}
			payload, contentType = strings.NewReader(string(raw)), "application/json"
		}
		req, err := http.NewRequest(op.method, base+op.path, payload)
		if err != nil {
			return err
		}
		req.Header.Add("authorization", "Bearer "+mfaToken)
		req.Header.Add("content-type", contentType)
		res, err := client.Do(req)
		if err != nil {
			return err
		}
		defer res.Body.Close() //nolint:errcheck // as in the documentation
		body, err := io.ReadAll(res.Body)
		if err != nil {
			return err
		}
		return json.Unmarshal(body, received)
	}
}

// plainResty is resty as its README shows it.
func plainResty(op operation, base string, transport http.RoundTripper) call {
	client := resty.New().SetTransport(transport)
	type refusal struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	return func(ctx context.Context) error {
		sent, form, received := plain(op)
		r := client.R().SetContext(ctx).SetAuthToken(mfaToken).SetResult(received).SetError(&refusal{})
		if form != nil {
			r.SetFormDataFromValues(form)
		} else if sent != nil {
			r.SetBody(sent)
		}
		resp, err := r.Execute(op.method, base+op.path)
		if err == nil && !resp.IsSuccess() {
			return errors.New(resp.Status())
		}
		return err
	}
}

// leanResty is resty with all of its own ways to a body switched off.
func leanResty(op operation, base string, transport http.RoundTripper) call {
	client := resty.NewWithClient(&http.Client{Transport: transport}).SetDoNotParseResponse(true)
	return func(ctx context.Context) error {
		sent, form, received := plain(op)
		r := client.R().SetContext(ctx)
		r.Header = http.Header{"Accept": {"application/json"}, "User-Agent": {"bench"}, "Authorization": {"Bearer " + mfaToken}}
		switch {
		case form != nil:
			r.Header["Content-Type"] = []string{"application/x-www-form-urlencoded"}
			r.Body = bytes.NewReader([]byte(form.Encode()))
		case sent != nil:
			raw, err := json.Marshal(sent)
			if err != nil {
				return err
			}
			r.Header["Content-Type"] = []string{"application/json"}
			r.Body = bytes.NewReader(raw)
		}
		resp, err := r.Execute(op.method, base+op.path)
		if err != nil {
			return err
		}
		defer resp.RawBody().Close() //nolint:errcheck // all that is wanted of it was read
		body, err := io.ReadAll(resp.RawBody())
		if err != nil {
			return err
		}
		if !resp.IsSuccess() {
			return errors.New(resp.Status())
		}
		return json.Unmarshal(body, received)
	}
}

// roundTrip sends the library's request again, recorded once, and reads the
// response to its end. It decodes nothing.
func roundTrip(op operation, base string, transport http.RoundTripper) call {
	recorded := recorder{stub: newStub(op.response)}
	if err := library(op, base, &recorded)(context.Background()); err != nil {
		return func(context.Context) error { return err }
	}
	room := make([]byte, 4<<10)
	return func(ctx context.Context) error {
		req := recorded.req.WithContext(ctx)
		if req.Body != nil {
			req.Body = io.NopCloser(bytes.NewReader(recorded.body)) // of a type that is sent in one write with the header
		}
		resp, err := transport.RoundTrip(req)
		if err != nil {
			return err
		}
		for err == nil {
			_, err = resp.Body.Read(room)
		}
		if closed := resp.Body.Close(); !errors.Is(err, io.EOF) || closed != nil || resp.StatusCode != http.StatusOK {
			return errors.Join(err, closed, errors.New(resp.Status))
		}
		return nil
	}
}

// recorder keeps the request that it responds to.
type recorder struct {
	*stub
	req  *http.Request
	body []byte
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	r.req = req.Clone(req.Context())
	if req.Body != nil {
		var err error
		if r.body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
	}
	return r.stub.RoundTrip(req)
}
