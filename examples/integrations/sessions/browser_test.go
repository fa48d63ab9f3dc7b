package sessions_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/go-auth0-mfa/mfa/mfatest"
)

// browser is a browser that starts without cookies and follows no redirect.
type browser struct {
	client *http.Client
	url    string
}

// visit serves a page, over TLS as in production, and opens a browser for it.
func visit(page http.Handler) (*browser, *httptest.Server) {
	server := httptest.NewTLSServer(page)
	client := server.Client()
	client.Jar, _ = cookiejar.New(nil) // never fails
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &browser{client, server.URL}, server
}

// do sends a request and returns the status with what the page says, or where it leads.
func (b *browser) do(method, path string, fields url.Values) string {
	req, err := http.NewRequestWithContext(context.Background(), method, b.url+path, strings.NewReader(fields.Encode()))
	if err != nil {
		log.Panic(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := b.client.Do(req)
	if err != nil {
		log.Panic(err)
	}
	defer resp.Body.Close() //nolint:errcheck // it was only read
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		log.Panic(err)
	}
	if to := resp.Header.Get("Location"); to != "" {
		return resp.Status + " to " + to
	}
	return resp.Status + ": " + strings.TrimSpace(string(body))
}

// cookie returns the value of a cookie.
func (b *browser) cookie(name string) string {
	at, _ := url.Parse(b.url) // it is one
	for _, cookie := range b.client.Jar.Cookies(at) {
		if cookie.Name == name {
			return cookie.Value
		}
	}
	return ""
}

// setCookie puts an older cookie back.
func (b *browser) setCookie(name, value string) {
	at, _ := url.Parse(b.url) // it is one
	b.client.Jar.SetCookies(at, []*http.Cookie{{Name: name, Value: value, Path: "/", Secure: true}})
}

// addressSent returns an error for each request that told Auth0 no address of the user.
func addressSent(tenant *mfatest.Tenant) []error {
	var missing []error
	for _, request := range tenant.Requests() {
		if request.Path == "/oauth/token" && request.Header.Get("auth0-forwarded-for") != "127.0.0.1" {
			missing = append(missing, errors.New(string(request.Op)))
		}
	}
	return missing
}
