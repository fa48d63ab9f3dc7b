package sessions_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/examples/loginui/internal/browsertest"
)

// A browser is at most one user, whatever two users do with all forms in it, in any order,
// and with sealed cookies of earlier sessions: after a refused login nobody's account is
// shown, every session but the newest is dead, and after a sign-out all are.
func TestBrowser_isAtMostOneUser(t *testing.T) {
	t.Parallel()
	var met [3]int // sign-ins, refused logins where somebody was signed in, logins where the other user was
	for seed := range uint64(10) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			r := launch(t)
			w := &wanderer{T: t, rig: r, rand: rand.New(rand.NewPCG(seed, seed)), b: browsertest.Visit(t, "127.0.0.1", r.handler), who: grace, other: joan}
			w.b.Get("/login")
			for range 120 {
				w.step()
				w.check()
			}
			met[0] += len(r.app.all)
			met[1] += w.refused
			met[2] += w.replaced
		})
	}
	for i, least := range []int{50, 6, 6} {
		assert.GreaterOrEqual(t, met[i], least, met)
	}
}

// wanderer wanders over the forms. Who is the user who types, and other the other one.
type wanderer struct {
	*testing.T
	*rig
	rand       *rand.Rand
	b          *browsertest.Browser
	who, other user
	typed      string   // the address of the last password form
	trail      []string // what was done

	refused, replaced int
}

// do notes a move, which is printed if it breaks something.
func (w *wanderer) do(path string, fields ...string) {
	w.Helper()
	w.trail = append(w.trail, path+" "+strings.Join(fields, " "))
	w.b.Get([]string{"/login", "/login", w.b.Path}[w.rand.IntN(3)]) // for the token of a form; a page of a form that is over leads on
	w.b.Post(path, fields...)
}

// step makes one move.
func (w *wanderer) step() {
	w.Helper()
	if w.rand.IntN(5) == 0 {
		w.who, w.other = w.other, w.who
	}
	walk := []string{"", "", "/confirm", "/add"}[w.rand.IntN(4)]
	switch w.rand.IntN(20) {
	case 0:
		w.login(w.who.password)
	case 1:
		w.login("wrong")
	case 2, 3: // a whole login, and perhaps the account
		w.login(w.who.password)
		w.do("/code", "code", w.code(w.who))
		if w.rand.IntN(2) == 0 {
			w.do("/account")
			w.do("/confirm/code", "code", w.code(w.who))
		}
	case 4, 5:
		w.do(walk+"/code", "code", w.code(w.who))
	case 6:
		w.do(walk+"/code", "code", "000000")
	case 7:
		if w.has(mfa.FactorOTP) {
			w.do(walk+"/code", "code", w.tenant.OTP(w.who.email))
		}
	case 8:
		w.b.Get(walk + "/choose")
		if ids := regexp.MustCompile(`name="authenticator" value="([^"]+)"`).FindAllStringSubmatch(w.b.Page, -1); ids != nil {
			w.do(walk+"/choose", "authenticator", ids[w.rand.IntN(len(ids))][1])
		}
	case 9:
		w.do(walk + "/send")
	case 10:
		if w.tenant.PushPending(w.who.email) {
			w.tenant.ApprovePush(w.who.email)
		}
		w.do(walk + "/poll")
	case 11:
		w.do(walk+"/enroll", [][]string{
			{"factor", "otp"}, {"factor", "push"}, {"factor", "email", "email", w.who.email}, {"factor", "sms", "phone", w.who.phone},
		}[w.rand.IntN(4)]...)
	case 12:
		w.do("/recovery-codes")
	case 13:
		w.do("/sign-out")
		assert.Equal(w, "/login", w.b.Path)
		assert.Empty(w, w.app.current)
	case 14, 15:
		w.do("/account")
	case 16:
		w.do("/account/password", "password", []string{w.who.password, w.other.password, "wrong"}[w.rand.IntN(3)])
	case 17:
		w.do("/add")
	case 18:
		w.b.Get("/account")
		if id := regexp.MustCompile(`href="/remove/([^"]+)"`).FindStringSubmatch(w.b.Page); id != nil {
			w.do("/remove", "id", id[1])
		}
	case 19: // a cookie of an earlier session comes back
		name := sealed[w.rand.IntN(len(sealed))]
		if old := w.b.Seen[name]; old != nil {
			w.trail = append(w.trail, "old "+name)
			w.b.Cookies[name] = old[w.rand.IntN(len(old))]
		}
	}
	w.tenant.Advance(time.Duration(w.rand.IntN(30)) * time.Second)
}

// has reports whether the user who types has a factor.
func (w *wanderer) has(factor mfa.Factor) bool {
	for _, a := range w.tenant.Authenticators(w.who.email) {
		if a.Factor == factor {
			return true
		}
	}
	return false
}

// login sends the password form. Whoever was signed in is not any more.
func (w *wanderer) login(password string) {
	w.Helper()
	before, count := w.app.current, len(w.app.all)
	w.typed = w.who.email
	w.do("/login", "email", w.who.email, "password", password)
	if len(w.app.all) > count {
		return
	}
	assert.Empty(w, w.app.current, w.trail)
	if before != "" && w.b.Path == "/login" {
		w.refused++
	}
	if before == w.other.email {
		w.replaced++
	}
}

// check looks at what the browser shows, and at what its old cookies open.
func (w *wanderer) check() {
	w.Helper()
	current := w.app.current
	if current != "" {
		assert.Equal(w, w.typed, current, "who typed the password is signed in")
	}
	for _, path := range []string{w.b.Path, "/", "/account", "/account/password", "/add/verify", "/confirm/verify", "/login"} {
		looks := w.b.Thief(w.b.Cookies).Get(path)
		w.ofNobodyElse(looks)
		if current == "" && looks.Status == http.StatusOK {
			assert.Contains(w, []string{"/login", "/verify", "/choose", "/enroll"}, looks.Path, "%s: %s", path, w.trail)
		}
	}
	for _, name := range sealed {
		if old := w.b.Seen[name]; old != nil {
			cookies := maps.Clone(w.b.Cookies)
			cookies[name] = old[w.rand.IntN(len(old))]
			w.ofNobodyElse(w.b.Thief(cookies).Get("/account"))
		}
	}
	if current == "" {
		assert.NotContains(w, w.b.Cookies, "session")
	}
	home := w.b.Thief(w.b.Cookies).Get("/")
	require.Equal(w, current != "", home.Path == "/", w.trail)
	for _, old := range w.b.Seen["session"] {
		if current != "" && old == w.b.Cookies["session"] {
			continue
		}
		stolen := maps.Clone(w.b.Cookies)
		stolen["session"] = old
		require.Equal(w, "/login", w.b.Thief(stolen).Get("/").Path, w.trail)
	}
}

// sealed are the cookies of a session.
var sealed = []string{"mfa-refresh", "mfa-manage", "mfa-codes", "mfa-step"}

// ofNobodyElse checks that a page shows nothing of another user than the one who is signed
// in or about to be.
func (w *wanderer) ofNobodyElse(looks *browsertest.Browser) {
	w.Helper()
	for _, u := range []user{grace, joan} {
		if u.email != w.app.current && u.email != w.typed {
			require.NotContains(w, looks.Page, u.email, w.trail)
			require.NotContains(w, looks.Page, "X"+u.phone[len(u.phone)-4:], w.trail) // as lists show it
		}
	}
}
