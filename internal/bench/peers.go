package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-resty/resty/v2"
)

// roundTrip is the sdk's own request, recorded once; each call sends a copy with
// its own context and body, and awaits the end of the answer.
func roundTrip(base string, transport http.RoundTripper) map[string]call {
	calls := map[string]call{}
	for _, op := range operations {
		recorded := recorder{stub: newStub(op.answer)}
		if err := sdk(base, &recorded)[op.name](context.Background()); err != nil {
			panic(err)
		}
		room := make([]byte, 4<<10)
		calls[op.name] = func(ctx context.Context) error {
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
			_ = resp.Body.Close()
			if resp.StatusCode != http.StatusOK || err != io.EOF {
				return errors.New("status " + strconv.Itoa(resp.StatusCode))
			}
			return nil
		}
	}
	return calls
}

// recorder keeps the request that it answers.
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

// snippet is what Auth0's documentation shows for Go, with the answer decoded.
//
// https://auth0.com/docs/secure/multi-factor-authentication/authenticate-using-ropg-flow-with-mfa/enroll-and-challenge-email-authenticators
func snippet(base string, transport http.RoundTripper) map[string]call {
	client := &http.Client{Transport: transport}
	send := func(op operation, contentType, bearer string, payload io.Reader, into any) error {
		req, err := http.NewRequest(op.method, base+op.path, payload) //nolint:noctx // as in the documentation
		if err != nil {
			return err
		}
		if bearer != "" {
			req.Header.Add("authorization", "Bearer "+bearer)
		}
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
		return json.Unmarshal(body, into)
	}
	return map[string]call{
		"associate": func(context.Context) error {
			payload := strings.NewReader(string(mustMarshal(newAssociateRequest())))
			return send(operationNamed("associate"), typeJSON, mfaToken, payload, new(associateResponse))
		},
		"list": func(context.Context) error {
			// The documentation gives the type to this one too.
			return send(operationNamed("list"), typeForm, mfaToken, nil, new([]authenticator))
		},
		"challenge": func(context.Context) error {
			payload := strings.NewReader(string(mustMarshal(newChallengeRequest())))
			return send(operationNamed("challenge"), typeJSON, "", payload, new(challengeResponse))
		},
		"token": func(context.Context) error {
			return send(operationNamed("token"), typeForm, "", strings.NewReader(tokenForm().Encode()), new(tokenResponse))
		},
	}
}

// restyNaive is resty as its README shows it.
func restyNaive(base string, transport http.RoundTripper) map[string]call {
	client := resty.New().SetTransport(transport)
	check := func(resp *resty.Response, err error) error {
		if err == nil && !resp.IsSuccess() {
			return errors.New(resp.Status())
		}
		return err
	}
	return map[string]call{
		"associate": func(ctx context.Context) error {
			return check(client.R().SetContext(ctx).SetAuthToken(mfaToken).SetBody(newAssociateRequest()).
				SetResult(&associateResponse{}).SetError(&errorResponse{}).Post(base + "/mfa/associate"))
		},
		"list": func(ctx context.Context) error {
			return check(client.R().SetContext(ctx).SetAuthToken(mfaToken).
				SetResult(&[]authenticator{}).SetError(&errorResponse{}).Get(base + "/mfa/authenticators"))
		},
		"challenge": func(ctx context.Context) error {
			return check(client.R().SetContext(ctx).SetBody(newChallengeRequest()).
				SetResult(&challengeResponse{}).SetError(&errorResponse{}).Post(base + "/mfa/challenge"))
		},
		"token": func(ctx context.Context) error {
			return check(client.R().SetContext(ctx).SetFormDataFromValues(tokenForm()).
				SetResult(&tokenResponse{}).SetError(&errorResponse{}).Post(base + "/oauth/token"))
		},
	}
}

// restyTransport is what resty.New makes.
func restyTransport() *http.Transport {
	transport, err := resty.New().Transport()
	if err != nil {
		panic(err)
	}
	return transport
}
