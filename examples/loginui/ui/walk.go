package ui

import (
	"errors"
	"net/http"

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

// Start returns the page to start over from.
func (wk walk) Start() string {
	if wk == signingIn {
		return "/login"
	}
	return "/account"
}

// on makes a handler of one walk. Only a signed-in user can be in the others.
func (s *Pages) on(wk walk, handle func(http.ResponseWriter, *http.Request, walk)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if wk != signingIn && s.sessionOf(r) == nil {
			http.Redirect(w, r, "/login", http.StatusSeeOther)
			return
		}
		handle(w, r, wk)
	}
}

// binding is what a step is sealed for: a random value of this login, which its browser
// has to send, and the address that was typed with it. The steps of a signed-in user are
// bound to a random value in the session. It is nil if there is no such value, which the
// Sealer refuses.
func (s *Pages) binding(r *http.Request, wk walk) []byte {
	if wk == signingIn {
		if id := loginID(r); id != "" {
			return []byte(id + " " + typedEmail(r))
		}
		return nil
	}
	if current := s.sessionOf(r); current != nil {
		return []byte(current.binding + " " + string(wk))
	}
	return nil
}

// openStep returns the step of this browser.
func (s *Pages) openStep(r *http.Request, wk walk) (*flow.Step, error) {
	cookie, err := r.Cookie(cookieName(r, cookieStep))
	if err != nil {
		return nil, flow.ErrStepExpired // most likely the browser deleted it when it expired
	}
	return s.sealer.Open(cookie.Value, s.binding(r, wk))
}

// keepStep seals the step into its cookie.
func (s *Pages) keepStep(w http.ResponseWriter, r *http.Request, wk walk, step *flow.Step) error {
	sealed, err := s.sealer.Seal(step, s.binding(r, wk))
	if err != nil {
		return err
	}
	life := step.ExpiresAt().Sub(s.now())
	s.setCookie(w, r, cookieStep, sealed, life)
	if wk == signingIn { // what it is bound to lives as long
		s.setCookie(w, r, cookieLogin, loginID(r), life)
		s.keepText(w, r, cookieEmail, typedEmail(r), life)
	}
	return nil
}

func (s *Pages) forgetStep(w http.ResponseWriter, r *http.Request) {
	s.setCookie(w, r, cookieStep, "", 0)
}

// next ends every form. It keeps the step, after an error too, and redirects the browser
// to the next page. No response to a form is a page itself, so the back and reload
// buttons send nothing twice.
func (s *Pages) next(w http.ResponseWriter, r *http.Request, wk walk, step *flow.Step, err error) {
	if r.Context().Err() != nil {
		return // the user went away and would not get the cookies
	}
	if step != nil && step.State() == flow.StateDone {
		s.done(w, r, wk, step)
		return
	}
	switch mfa.NextAction(err) {
	case mfa.ActionRestartLogin, mfa.ActionAbort:
		if !errors.Is(err, flow.ErrStepUsed) || !s.moved(r, wk, step) {
			step = nil
		}
	}
	if step != nil {
		if sealErr := s.keepStep(w, r, wk, step); sealErr != nil {
			step, err = nil, sealErr
		}
	}
	s.report(r, err)
	told := s.noticeFor(step, err)
	if err == nil {
		told.key = successes[r.URL.Path[len(wk):]]
	}
	if step == nil {
		s.forgetStep(w, r)
	}
	page := string(wk) + "/verify"
	switch {
	case step == nil && wk != signingIn:
		page, told = wk.Start(), told.later()
	case step == nil && s.sessionOf(r) != nil: // another tab finished first
		page, told = "/", notice{}
	case step == nil:
		page = wk.Start()
	case told.key == "address":
		page = string(wk) + "/enroll"
		if mfa.Factor(r.PostFormValue("factor")) == mfa.FactorSMS {
			told.key = "number"
		}
	case told.key == "choose":
		page = string(wk) + "/choose"
	}
	s.back(w, r, page, told)
}

// moved reports whether another tab has gone on with the step that this browser sent, so
// that its user can go on as well.
func (s *Pages) moved(r *http.Request, wk walk, step *flow.Step) bool {
	sent, err := s.openStep(r, wk)
	return err == nil && (step.State() != sent.State() || step.AttemptsLeft() != sent.AttemptsLeft() ||
		step.SendsLeft() != sent.SendsLeft() || !step.PollAt().Equal(sent.PollAt()))
}

// back sends the browser to a page, with a notice if there is one.
func (s *Pages) back(w http.ResponseWriter, r *http.Request, page string, told notice) {
	s.setNotice(w, r, told)
	http.Redirect(w, r, page, http.StatusSeeOther)
}

// done ends a walk that succeeded.
func (s *Pages) done(w http.ResponseWriter, r *http.Request, wk walk, step *flow.Step) {
	switch wk {
	case signingIn:
		s.signIn(w, r, step.Token(), step.RecoveryCodes())
	case confirming:
		s.forgetStep(w, r)
		s.mayManage(w, r, step.Token())
	case adding: // its token is no sign-in
		s.forgetStep(w, r)
		s.change(r, func(current *session) { current.keep(step.RecoveryCodes()) })
		s.back(w, r, "/account", notice{key: "added"})
	}
}
