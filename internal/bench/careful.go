package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-resty/resty/v2"
)

// send makes one call with a token, if that is not "", and decodes the answer.
type send func(ctx context.Context, token string, header http.Header, body []byte, into any) error

// carefully makes the calls with the faster JSON and with headers that are
// shared, but for the token, which differs from user to user.
func carefully(base string, sender func(method, target string) send) map[string]call {
	plain := http.Header{"Accept": {typeJSON}, "User-Agent": {"bench"}}
	withJSON, withForm := plain.Clone(), plain.Clone()
	withJSON.Set("Content-Type", typeJSON)
	withForm.Set("Content-Type", typeForm)

	calls := map[string]call{}
	add := func(name, token string, header http.Header, body func() ([]byte, error), into func() any) {
		op := operationNamed(name)
		send := sender(op.method, base+op.path)
		calls[name] = func(ctx context.Context) error {
			raw, err := body()
			if err != nil {
				return err
			}
			return send(ctx, token, header, raw, into())
		}
	}
	add("associate", mfaToken, withJSON, func() ([]byte, error) { return json.Marshal(newAssociateRequest()) }, func() any { return new(associateResponse) })
	add("list", mfaToken, plain, func() ([]byte, error) { return nil, nil }, func() any { return new([]authenticator) })
	add("challenge", "", withJSON, func() ([]byte, error) { return json.Marshal(newChallengeRequest()) }, func() any { return new(challengeResponse) })
	add("token", "", withForm, func() ([]byte, error) {
		return []byte("grant_type=" + url.QueryEscape(grantOOB) + "&client_id=" + clientID + "&client_secret=" + clientSecret +
			"&mfa_token=" + url.QueryEscape(mfaToken) + "&oob_code=" + url.QueryEscape(oobCode) + "&binding_code=" + url.QueryEscape(bindingCode)), nil
	}, func() any { return new(tokenResponse) })
	return calls
}

// netHTTP is net/http by a careful hand. It has no deadline, no bound but the
// announced length, no repeat, no typed error.
func netHTTP(base string, transport http.RoundTripper) map[string]call {
	client := &http.Client{Transport: transport}
	return carefully(base, func(method, target string) send {
		to, err := url.Parse(target)
		if err != nil {
			panic(err)
		}
		return func(ctx context.Context, token string, header http.Header, body []byte, into any) error {
			if token != "" {
				header = header.Clone()
				header["Authorization"] = []string{"Bearer " + token}
			}
			req := (&http.Request{Method: method, URL: to, Host: to.Host, Header: header}).WithContext(ctx)
			if body != nil {
				req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			}
			resp, err := client.Do(req)
			if err != nil {
				return err
			}
			defer resp.Body.Close() //nolint:errcheck // read to its end
			if resp.StatusCode != http.StatusOK {
				return errors.New(resp.Status)
			}
			raw := make([]byte, resp.ContentLength)
			if _, err := io.ReadFull(resp.Body, raw); err != nil {
				return err
			}
			if _, err := resp.Body.Read(make([]byte, 1)); err != io.EOF {
				return errors.New("more than announced")
			}
			return json.Unmarshal(raw, into)
		}
	})
}

// restyLean is resty by a careful hand: what a client built on resty cannot go
// below if it has a deadline and can tell whether a request was sent. It
// checks nothing, and keeps no secret.
func restyLean(base string, transport http.RoundTripper) map[string]call {
	blank := *resty.NewWithClient(&http.Client{Transport: transport}).SetDoNotParseResponse(true).R()
	blank.QueryParam, blank.FormData, blank.PathParams, blank.RawPathParams = nil, nil, nil, nil
	var buffers sync.Pool
	return carefully(base, func(method, target string) send {
		return func(ctx context.Context, token string, header http.Header, body []byte, into any) error {
			ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
			defer cancel()
			var asked, had bool
			ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
				GetConn: func(string) { asked = true },
				GotConn: func(httptrace.GotConnInfo) { had = true },
			})
			r := blank
			r.Header, r.Token = header, token
			if body != nil {
				r.Body = bytes.NewReader(body)
			}
			resp, err := r.SetContext(ctx).Execute(method, target)
			if err != nil {
				if asked && !had {
					return errors.Join(errors.New("not sent"), err)
				}
				return err
			}
			defer resp.RawResponse.Body.Close() //nolint:errcheck // read to its end
			if !resp.IsSuccess() {
				return errors.New(resp.Status())
			}
			buffer, ok := buffers.Get().(*bytes.Buffer)
			if !ok {
				buffer = new(bytes.Buffer)
			}
			defer buffers.Put(buffer)
			buffer.Reset()
			if _, err := buffer.ReadFrom(resp.RawResponse.Body); err != nil {
				return err
			}
			return json.Unmarshal(buffer.Bytes(), into)
		}
	})
}
