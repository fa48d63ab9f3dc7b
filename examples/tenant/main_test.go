package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// The program leaves nothing running behind.
// net/http gives a client half a second to read a response before it closes a connection
// whose request was not read to its end, also after the server was closed.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*conn).closeWriteAndWait"))
}

// running is the program as another one sees it.
type running struct {
	page
	client *http.Client
}

// launch runs the program on free ports until the end of the test.
func launch(t *testing.T, args ...string) running {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	read, write := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, append([]string{"-addr", "127.0.0.1:0", "-page", "localhost:0"}, args...), write)
		_ = write.CloseWithError(err)
		ended <- err
	}()
	t.Cleanup(func() {
		cancel()
		assert.NoError(t, <-ended)
	})

	var settings string
	lines := bufio.NewScanner(read)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "Ctrl-C") {
		if at, found := strings.CutPrefix(lines.Text(), "this as JSON   "); found {
			settings = at
		}
	}
	require.NotEmpty(t, settings, "%v", lines.Err())
	r := running{client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	require.NoError(t, json.Unmarshal([]byte(r.get(t, settings)), &r.page))

	trusted := x509.NewCertPool()
	certificate, err := os.ReadFile(r.Certificate)
	if r.Certificate == r.Page+"/tenant.pem" { // no folder for the file
		certificate, err = []byte(r.get(t, r.Certificate)), nil
	}
	require.NoError(t, err)
	require.True(t, trusted.AppendCertsFromPEM(certificate))
	assert.Equal(t, string(certificate), r.get(t, r.Page+"/tenant.pem"))
	r.client.Transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}
	return r
}

// do sends a request and returns status and body.
func (r running) do(t *testing.T, method, at, body string, header http.Header) (int, string) {
	request, err := http.NewRequestWithContext(t.Context(), method, at, strings.NewReader(body))
	require.NoError(t, err)
	request.Header = header
	request.Host = header.Get("Host")
	response, err := r.client.Do(request)
	require.NoError(t, err)
	defer response.Body.Close() //nolint:errcheck // read to its end
	content, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(content)
}

func (r running) get(t *testing.T, at string) string {
	status, body := r.do(t, "GET", at, "", http.Header{})
	require.Equal(t, 200, status, body)
	return body
}

// post sends a form to the tenant or the page.
func (r running) post(t *testing.T, at string, form url.Values) (int, string) {
	return r.do(t, "POST", at, form.Encode(), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
}

// token asks for tokens, as a front end does that does not use package mfa.
func (r running) token(t *testing.T, fields ...string) (int, map[string]any) {
	form := url.Values{"client_id": {r.ClientID}}
	if r.ClientSecret != "" {
		form.Set("client_secret", r.ClientSecret)
	}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	status, body := r.post(t, r.URL+"/oauth/token", form)
	response := map[string]any{}
	require.NoError(t, json.Unmarshal([]byte(body), &response))
	return status, response
}

func (r running) login(t *testing.T) string {
	status, response := r.token(t, "grant_type", "password", "username", r.Users[0].Email, "password", r.Users[0].Password)
	require.Equal(t, 403, status, response)
	require.Equal(t, "mfa_required", response["error"])
	return response["mfa_token"].(string)
}

// associate enrolls what the body says and returns the oob_code.
func (r running) associate(t *testing.T, mfaToken, body string) string {
	status, response := r.do(t, "POST", r.URL+"/mfa/associate", body, http.Header{
		"Content-Type": {"application/json"}, "Authorization": {"Bearer " + mfaToken},
	})
	require.Equal(t, 200, status, response)
	var enrollment struct {
		OOBCode string `json:"oob_code"`
	}
	require.NoError(t, json.Unmarshal([]byte(response), &enrollment))
	return enrollment.OOBCode
}

// verify sends a code and returns the status.
func (r running) verify(t *testing.T, mfaToken, oobCode, code string) int {
	fields := []string{"grant_type", "http://auth0.com/oauth/grant-type/mfa-oob", "mfa_token", mfaToken, "oob_code", oobCode}
	if code != "" {
		fields = append(fields, "binding_code", code)
	}
	status, _ := r.token(t, fields...)
	return status
}

func TestSettings(t *testing.T) {
	t.Parallel()
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, taken.Close()) })
	free := []string{"-addr", "127.0.0.1:0", "-page", "127.0.0.1:0"}
	for name, args := range map[string][]string{
		"unknown flag":             {"-bogus"},
		"unexpected argument":      {"extra"},
		"address without a host":   {"-addr", ":8443"},
		"address without a port":   {"-addr", "127.0.0.1"},
		"address of every network": {"-addr", "0.0.0.0:0"},
		"address of another one":   {"-addr", "192.0.2.1:0"},
		"name of another machine":  {"-addr", "tenant.example.com:0"},
		"page for every network":   {"-page", "[::]:0"},
		"port that is no number":   {"-addr", "127.0.0.1:many"},
		"port of somebody else":    {"-addr", taken.Addr().String()},
		"page's, of somebody else": append(free, "-page", taken.Addr().String()),
		"user without a password":  {"-user", "ada@example.com"},
		"user with an empty one":   {"-user", "ada@example.com:"},
		"user without an address":  {"-user", "ada:secret"},
		"user twice":               {"-user", "ada@example.com:a", "-user", "Ada@example.com:b"},
		"clock of another kind":    {"-clock", "sundial"},
		"client without a secret":  {"-client", "id"},
		"client without an id":     {"-client", ":secret"},
		"client both ways":         {"-client", "id:secret", "-public"},
		"public without an id":     {"-client", ":", "-public"},
		"origin with a path":       {"-origin", "http://localhost:3000/"},
		"origin without a scheme":  {"-origin", "localhost:3000"},
		"every origin":             {"-origin", "*"},
		"certificate in no folder": append(free, "-cert", filepath.Join(t.TempDir(), "missing", "tenant.pem")),
		"verified or not":          {"-verified=perhaps"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			var out bytes.Buffer
			err := run(ctx, args, &out)
			require.Error(t, err)
			assert.NotContains(t, err.Error(), "\n")
			assert.Empty(t, out.String())
		})
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-h"}, &out))
	for _, name := range []string{"-addr", "-page", "-user", "-verified", "-clock", "-public", "-client", "-cert", "-origin", "-expose",
		"GET /tenant.json", "GET /tenant.pem", "GET /mail.json", "wait=10s", "DELETE /mail.json", "POST /users", "POST /act", "action=advance", "action=approve", "action=reject"} {
		assert.Contains(t, out.String(), name)
	}
}
