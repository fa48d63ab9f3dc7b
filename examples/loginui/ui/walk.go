package ui

import (
	"errors"
	"net/http"
	"strings"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

// walk is one of the guided flows of this page. Its value is the path that its forms and
// pages are under.
type walk string

const (
	signingIn  walk = ""         // between the password and the session
	confirming walk = "/confirm" // a signed-in user proves once more who they are, to manage factors
	adding     walk = "/add"     // a signed-in user sets up another factor
)

// walks are all of them.
var walks = []walk{signingIn, confirming, adding}

// start returns the page to start over from.
func (wk walk) start() string {
	if wk == signingIn {
		return "/login"
	}
	return "/account"
}

// on makes a handler of one walk. Only a signed-in user can be in the others.
func (p *Pages) on(wk walk, handle func(http.ResponseWriter, *http.Request, walk)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if wk != signingIn {
			if _, ok := p.user(r); !ok {
				p.redirect(w, r, "/login")
				return
			}
		}
		handle(w, r, wk)
	}
}

// binding is what a step is sealed for: a random value of this login, which its browser
// has to send, and the address that was typed with it. The steps of a signed-in user are
// bound to a random value in the session. It is nil if there is no such value, which the
// Sealer refuses.
func (p *Pages) binding(r *http.Request, wk walk) []byte {
	if wk == signingIn {
		if id := loginID(r); id != "" {
			return []byte(id + " " + typedEmail(r))
		}
		return nil
	}
	if user, ok := p.user(r); ok {
		return user.bound(string(wk))
	}
	return nil
}

// openStep returns the step of this browser.
func (p *Pages) openStep(r *http.Request, wk walk) (*flow.Step, error) {
	cookie, err := r.Cookie(cookieName(r, cookieStep))
	if err != nil {
		return nil, flow.ErrStepExpired // most likely the browser deleted it when it expired
	}
	return p.sealer.Open(cookie.Value, p.binding(r, wk))
}

// keepStep seals the step into its cookie.
func (p *Pages) keepStep(w http.ResponseWriter, r *http.Request, wk walk, step *flow.Step) error {
	sealed, err := p.sealer.Seal(step, p.binding(r, wk))
	if err != nil {
		return err
	}
	life := step.ExpiresAt().Sub(p.c.Now())
	setCookie(w, r, cookieStep, sealed, life)
	if wk == signingIn { // what it is bound to lives as long
		setCookie(w, r, cookieLogin, loginID(r), life)
		p.keepText(w, r, cookieEmail, typedEmail(r), life)
	}
	return nil
}

func (p *Pages) forgetStep(w http.ResponseWriter, r *http.Request) {
	setCookie(w, r, cookieStep, "", 0)
}

// next ends every form. It keeps the step, after an error too, and redirects the browser
// to the next page. No response to a form is a page itself, so the back and reload
// buttons send nothing twice.
func (p *Pages) next(w http.ResponseWriter, r *http.Request, wk walk, step *flow.Step, err error) {
	if r.Context().Err() != nil {
		return // the user went away and would not get the cookies
	}
	if step != nil && step.State() == flow.StateDone {
		p.done(w, r, wk, step)
		return
	}
	switch mfa.NextAction(err) {
	case mfa.ActionRestartLogin, mfa.ActionAbort:
		if !errors.Is(err, flow.ErrStepUsed) || !p.moved(r, wk, step) {
			step = nil
		}
	}
	if step != nil {
		if sealErr := p.keepStep(w, r, wk, step); sealErr != nil {
			step, err = nil, sealErr
		}
	}
	p.report(r, err)
	told := p.noticeFor(step, err)
	if err == nil {
		told.key = successes[strings.TrimPrefix(r.URL.Path, p.c.Prefix+string(wk))]
		if told.key == "sent" && step.Factor() == mfa.FactorPush {
			told.key = "sent-push"
		}
	}
	if step == nil {
		p.forgetStep(w, r)
	}
	page := string(wk) + "/verify"
	_, signedIn := p.user(r)
	switch {
	case step == nil && wk != signingIn:
		page, told = wk.start(), told.later()
	case step == nil && signedIn: // another tab finished first
		page, told = "/", notice{}
	case step == nil:
		page = wk.start()
	case told.key == "address":
		page = string(wk) + "/enroll"
		if mfa.Factor(r.PostFormValue("factor")) == mfa.FactorSMS {
			told.key = "number"
		}
	case told.key == "choose":
		page = string(wk) + "/choose"
	}
	p.back(w, r, page, told)
}

// moved reports whether another tab has gone on with the step that this browser sent, so
// that its user can go on as well.
func (p *Pages) moved(r *http.Request, wk walk, step *flow.Step) bool {
	sent, err := p.openStep(r, wk)
	return err == nil && (step.State() != sent.State() || step.AttemptsLeft() != sent.AttemptsLeft() ||
		step.SendsLeft() != sent.SendsLeft() || !step.PollAt().Equal(sent.PollAt()))
}

// back sends the browser to a page, with a notice if there is one.
func (p *Pages) back(w http.ResponseWriter, r *http.Request, page string, told notice) {
	p.setNotice(w, r, told)
	p.redirect(w, r, page)
}

// done ends a walk that succeeded.
func (p *Pages) done(w http.ResponseWriter, r *http.Request, wk walk, step *flow.Step) {
	switch wk {
	case signingIn:
		p.signIn(w, r, step.Token(), step.RecoveryCodes())
	case confirming:
		p.forgetStep(w, r)
		user, _ := p.user(r) // one whose session has just ended is nobody, whose token this is not
		p.mayManage(w, r, user, step.Token())
	case adding: // its token is no sign-in
		p.forgetStep(w, r)
		if user, ok := p.user(r); ok {
			p.keepCodes(w, r, user, step.RecoveryCodes())
		}
		p.back(w, r, "/account", notice{key: "added"})
	}
}
