package main

import (
	"bufio"
	"context"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A whole login under the path: enroll, code, recovery code, the application's own page, the
// account page, sign out.
func TestRun(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	in, out := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, []string{"-addr", "127.0.0.1:0"}, func(string) string { return "" }, out)
		_ = out.CloseWithError(io.EOF)
		ended <- err
	}()
	line, err := bufio.NewReader(in).ReadString('\n')
	require.NoError(t, err)
	go io.Copy(io.Discard, in) //nolint:errcheck // nobody reads on
	t.Cleanup(func() {
		stop()
		assert.NoError(t, <-ended)
	})
	at := regexp.MustCompile(`http://\S+:\d+`).FindString(line)
	require.NotEmpty(t, at, line)

	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	browser := &http.Client{Jar: jar}
	page := ""
	visit := func(method, path string, fields ...string) string {
		t.Helper()
		form := url.Values{}
		if token := regexp.MustCompile(`name="form" value="([^"]+)"`).FindStringSubmatch(page); token != nil {
			form.Set("form", token[1])
		}
		for i := 0; i < len(fields); i += 2 {
			form.Set(fields[i], fields[i+1])
		}
		req, err := http.NewRequestWithContext(ctx, method, at+path, strings.NewReader(form.Encode()))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := browser.Do(req)
		require.NoError(t, err)
		defer resp.Body.Close() //nolint:errcheck // it was only read
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, resp.StatusCode, path)
		page = html.UnescapeString(string(body))
		return resp.Request.URL.Path
	}
	code := func() string {
		t.Helper()
		before := page
		visit("GET", "/mailbox")
		found := regexp.MustCompile(`<code data-to="ada@example.com">([^<]+)<`).FindStringSubmatch(page)
		require.NotNil(t, found, page)
		page = before
		return found[1]
	}

	require.Equal(t, "/auth/login", visit("GET", "/"))
	require.Equal(t, "/auth/verify", visit("POST", "/auth/login", "email", "ada@example.com", "password", "correct horse"))
	require.Equal(t, "/auth/verify", visit("POST", "/auth/enroll", "email", ""))
	require.Equal(t, "/auth/", visit("POST", "/auth/code", "code", code()))
	assert.Contains(t, page, "data-recovery")
	require.Equal(t, "/auth/", visit("GET", "/"), "the recovery code comes first")
	require.Equal(t, "/", visit("POST", "/auth/recovery-codes"))
	assert.Contains(t, page, "<h1>Welcome, <bdi>ada@example.com</bdi></h1>")
	require.Equal(t, "/auth/", visit("GET", "/auth/"))
	assert.Contains(t, page, `href="/"`)
	require.Equal(t, "/auth/account", visit("POST", "/auth/account"))
	for _, link := range regexp.MustCompile(`(?:href|src|action)="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		assert.Regexp(t, `^/(auth/.*|mailbox)$`, link[1])
	}
	visit("GET", "/auth/static/style.css")
	visit("GET", "/auth/")
	require.Equal(t, "/auth/login", visit("POST", "/auth/sign-out"))
	require.Equal(t, "/auth/login", visit("GET", "/"))
}
