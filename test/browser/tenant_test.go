package browser

import (
	"bufio"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tenantPage types into a form of the page of examples/tenant while the page shows
// something new: neither the cursor nor the text is lost.
func tenantPage(b *tab) {
	page := b.another()
	page.url = startTenant(b)
	page.visit("/").pictures("tenant", func(string) {}).fill(`input[name="password"]`, "half a pass")
	added, err := http.PostForm(page.url+"/users", url.Values{"email": {"new@example.com"}, "password": {"secret"}})
	require.NoError(b, err)
	require.NoError(b, added.Body.Close())
	require.Equal(b, http.StatusCreated, added.StatusCode)
	shown := `document.querySelector("#users").textContent.includes("new@example.com")`
	_, err = chromedp.Run(page.ctx, chromedp.Poll[bool](shown, chromedp.WithPollingInterval(20*time.Millisecond), chromedp.WithPollingTimeout(time.Minute)))
	require.NoError(b, err)
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
