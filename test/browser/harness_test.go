package browser

import (
	"bufio"
	"context"
	"flag"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	source   = flag.String("source", filepath.Join("..", "..", "examples", "loginui"), "`folder` of the login page")
	pictures = flag.String("pictures", "screenshots", "`folder` for the pictures, which is emptied")
	patience = flag.Duration("patience", 2*time.Minute, "how long a scenario can take")
)

// launch starts Chromium, and builds the login page, both once for all tests.
func launch(t *testing.T) *suite {
	path := os.Getenv("CHROMIUM")
	if path == "" {
		path = "/usr/bin/chromium"
	}
	if _, err := exec.LookPath(path); err != nil {
		t.Fatalf("no Chromium to test with (%v): install Debian's package chromium, or set CHROMIUM to the path of one", err)
	}
	programs := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-o", programs, "./...")
	build.Dir = *source
	output, err := build.CombinedOutput()
	require.NoError(t, err, string(output))
	require.NoError(t, os.RemoveAll(*pictures))
	require.NoError(t, os.MkdirAll(*pictures, 0o755))

	bounded, cancel := context.WithTimeout(context.Background(), 8*time.Minute)
	t.Cleanup(cancel)
	allocator, cancel := chromedp.NewExecAllocator(bounded,
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("disable-renderer-backgrounding", true),
		chromedp.Flag("disable-background-timer-throttling", true), chromedp.Flag("hide-scrollbars", true),
	)
	t.Cleanup(cancel)
	chrome, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	require.NoError(t, chromedp.Do(chrome), "Chromium does not start")
	return &suite{chrome: chrome, programs: programs, album: &album{folder: *pictures}}
}

// suite is what all scenarios share.
type suite struct {
	chrome   context.Context
	programs string // the folder of loginui, and of mounted
	album    *album

	clipboard sync.Mutex // it is one for all browsers
}

// tab is a tab of a browser, on a login page of its own.
type tab struct {
	*testing.T
	suite *suite
	ctx   context.Context
	url   string
	inbox *tab          // the tab with the mailbox; nil: not open yet
	posts *atomic.Int64 // the forms that its tabs sent to the login

	scriptless bool
	pictured   bool // another scenario takes the pictures
}

// start starts a program, and returns where its pages are.
func (s *suite) start(t *testing.T, program string) string {
	t.Helper()
	command := exec.CommandContext(s.chrome, filepath.Join(s.programs, program), "-addr", "127.0.0.1:0")
	command.Env = []string{} // no AUTH0_… of the developer's
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = 5 * time.Second
	output, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		assert.NoError(t, command.Wait())
	})
	for lines := bufio.NewScanner(output); lines.Scan(); {
		if found := regexp.MustCompile(`^login page +(\S+)/$`).FindStringSubmatch(lines.Text()); found != nil {
			return found[1]
		}
	}
	require.Fail(t, "no login page starts")
	return ""
}

// open starts a login page, and a browser that no other test shares cookies with.
func (s *suite) open(t *testing.T) *tab {
	t.Helper()
	url := s.start(t, "loginui")
	bounded, cancel := context.WithTimeout(s.chrome, *patience)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(bounded, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	first := &tab{T: t, ctx: ctx, url: url, suite: s, posts: &atomic.Int64{}}
	first.watch()
	return first
}

// another opens another tab of the same browser.
func (b *tab) another() *tab { b.Helper(); return b.anotherAt(b.url) }

// anotherAt opens another tab of the same browser, for other pages.
func (b *tab) anotherAt(url string) *tab {
	b.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	b.Cleanup(cancel)
	second := &tab{T: b.T, ctx: ctx, url: url, inbox: b.inbox, suite: b.suite, posts: b.posts}
	second.watch()
	return second
}

// watch fails the test when the browser complains, for example about something
// that the Content-Security-Policy does not allow.
func (b *tab) watch() {
	b.Helper()
	refused := []string{b.url + nowhere, b.url + "/login"} // by odd; step wants 200 of all others
	var mu sync.Mutex
	var complaints []string
	require.NoError(b, chromedp.Listen(b.ctx, func(event any) {
		mu.Lock()
		defer mu.Unlock()
		switch event := event.(type) {
		case *log.EventEntryAdded:
			// Not its notices: typing before the focus is set is worth one.
			if event.Entry.Level != log.EntryLevelInfo && !slices.Contains(refused, event.Entry.URL) {
				complaints = append(complaints, event.Entry.Text)
			}
		case *runtime.EventExceptionThrown:
			complaints = append(complaints, event.ExceptionDetails.Text)
		case *network.EventRequestWillBeSent:
			if event.Request.Method == http.MethodPost && event.Request.URL != b.url+"/mailbox" {
				b.posts.Add(1)
			}
		}
	}))
	b.observe()
	b.Cleanup(func() {
		mu.Lock()
		defer mu.Unlock()
		assert.Empty(b, complaints)
	})
}

// step does something that leads to another page, and waits for that page.
func (b *tab) step(actions ...chromedp.Action[chromedp.Void]) *tab {
	b.Helper()
	response, err := chromedp.RunResponse(b.ctx, actions...)
	require.NoError(b, err)
	require.NotNil(b, response)
	require.EqualValues(b, 200, response.Status)
	return b
}

func (b *tab) visit(path string) *tab {
	b.Helper()
	return b.step(chromedp.Navigate(b.url + path))
}

func (b *tab) click(selector chromedp.CSS) *tab {
	b.Helper()
	return b.step(chromedp.Click(selector))
}

// fill types into the field, over what is there.
func (b *tab) fill(selector chromedp.CSS, text string) *tab {
	b.Helper()
	require.NoError(b, chromedp.Do(b.ctx, chromedp.Clear(selector), chromedp.SendKeys(selector, text)))
	return b
}

func (b *tab) text(selector chromedp.CSS) string {
	b.Helper()
	text, err := chromedp.Run(b.ctx, chromedp.TextContent(selector))
	require.NoError(b, err)
	return strings.TrimSpace(text)
}

// eval returns what a script sees of the page.
func eval[T any](b *tab, script string) T {
	b.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script))
	require.NoError(b, err)
	return value
}

// until waits for what a script sees, from here: a page without scripts has no timers.
func (b *tab) until(script string) {
	b.Helper()
	for !eval[bool](b, script) {
		select {
		case <-b.ctx.Done():
			require.NoError(b, b.ctx.Err(), script)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// on checks which page is shown, where the cursor is, and that the page shows
// no code in its address.
func (b *tab) on(heading, focus string) *tab {
	b.Helper()
	require.Equal(b, heading, b.text("h1"))
	if focus != "" { // which the browser sets when it first renders the page
		b.until("(document.activeElement.id || document.activeElement.localName) === " + quote(focus))
	}
	address, err := chromedp.Run(b.ctx, chromedp.Location())
	require.NoError(b, err)
	assert.NotContains(b, address, "?")
	return b
}

// says checks what the page tells.
func (b *tab) says(role, text string) *tab {
	b.Helper()
	assert.Contains(b, b.text(chromedp.CSS("#notice[role="+role+"]")), text)
	return b
}

// quote returns a text as a script has it.
func quote(text string) string { return strconv.QuoteToASCII(text) }
