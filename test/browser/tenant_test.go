package browser

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
)

// tenantPage looks at the page of examples/tenant, without and with messages.
func tenantPage(b *tab) {
	page := b.anotherAt(startTenant(b))
	page.visit("/").pictures("tenant")
	client := tenantClient(page)
	_, err := client.PasswordLogin(b.ctx, mfa.PasswordLoginRequest{Username: adasAddress, Password: mfa.NewSecret("correct-horse")})
	required, ok := errors.AsType[*mfa.RequiredError](err)
	require.True(b, ok, "%v", err)
	for _, factor := range []mfa.Factor{mfa.FactorEmail, mfa.FactorPush} {
		_, err := client.Associate(b.ctx, mfa.AssociateRequest{Token: required.MFAToken, Factor: factor})
		require.NoError(b, err)
	}
	page.visit("/").pictures("tenant-messages")
	assert.Contains(b, page.text("#users"), "Approve")
	for _, table := range []string{"Messages", "Users", "Requests of programs"} {
		eval[bool](page, `document.querySelector("[aria-label='`+table+`']").focus(); true`)
		assert.Equal(b, table, eval[string](page, "document.activeElement.ariaLabel"), "can be scrolled with the keys")
	}
	staysAsItIs(b, page, client, required.MFAToken)
}

// tenantClient returns a client of the tenant that the page belongs to.
func tenantClient(page *tab) *mfa.Client {
	page.Helper()
	var tenant struct {
		Domain, Certificate string
		ClientID            string `json:"client_id"`
		ClientSecret        string `json:"client_secret"`
	}
	response, err := http.Get(page.url + "/tenant.json")
	require.NoError(page, err)
	require.NoError(page, json.NewDecoder(response.Body).Decode(&tenant))
	require.NoError(page, response.Body.Close())
	pem, err := os.ReadFile(tenant.Certificate)
	require.NoError(page, err)
	roots := x509.NewCertPool()
	require.True(page, roots.AppendCertsFromPEM(pem))
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	page.Cleanup(transport.CloseIdleConnections)
	client, err := mfa.NewClient(tenant.Domain, tenant.ClientID, mfa.WithClientSecret(tenant.ClientSecret), mfa.WithHTTPClient(&http.Client{Transport: transport}))
	require.NoError(page, err)
	return client
}

// staysAsItIs lets the page show something new while a form is filled in and while a code
// is selected to copy it: neither the cursor nor the text nor the selection is lost.
func staysAsItIs(b, page *tab, client *mfa.Client, token mfa.Secret) {
	selected := eval[string](page, `getSelection().selectAllChildren(document.querySelector("#messages code")); getSelection().toString()`)
	require.Len(b, selected, 6)
	_, err := client.Associate(b.ctx, mfa.AssociateRequest{Token: token, Email: "second@example.com"})
	require.NoError(b, err)
	page.until(`document.querySelector("#messages").textContent.includes("second@example.com")`)
	assert.Equal(b, selected, eval[string](page, "getSelection().toString()"))
	assert.Equal(b, []string{"second@example.com", adasAddress}, eval[[]string](page, `[...document.querySelectorAll("#messages td:nth-child(2)")].map((cell) => cell.textContent)`))

	page.fill(`input[name="password"]`, "half a pass")
	added, err := http.PostForm(page.url+"/users", url.Values{"email": {"new@example.com"}, "password": {"secret"}})
	require.NoError(b, err)
	require.NoError(b, added.Body.Close())
	require.Equal(b, http.StatusCreated, added.StatusCode)
	page.until(`document.querySelector("#users").textContent.includes("new@example.com")`)
	assert.Equal(b, "password: half a pass", eval[string](page, `document.activeElement.name + ": " + document.activeElement.value`))

	page.fill(`input[name="email"]`, "typed@example.com").click(`form[action="/users"] button`)
	assert.Contains(b, page.text("#users"), "typed@example.com")
}

// startTenant builds and starts the program, and returns where its page is.
func startTenant(b *tab) string {
	b.Helper()
	program := filepath.Join(b.TempDir(), "tenant")
	build := exec.CommandContext(b.ctx, "go", "build", "-o", program, ".")
	build.Dir = filepath.Join("..", "..", "examples", "tenant")
	output, err := build.CombinedOutput()
	require.NoError(b, err, string(output))
	command := exec.CommandContext(b.ctx, program, "-addr", "127.0.0.1:0", "-page", "127.0.0.1:0")
	stdout, err := command.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, command.Start())
	b.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		assert.NoError(b, command.Wait())
	})
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if found := regexp.MustCompile(`^mailboxes +(\S+)$`).FindStringSubmatch(lines.Text()); found != nil {
			return found[1]
		}
	}
	require.Fail(b, "the tenant does not start")
	return ""
}
