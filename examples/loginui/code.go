package main

import (
	"net/http"
	"net/url"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

// submitCode handles the code form.
func (s *site) submitCode(w http.ResponseWriter, r *http.Request) {
	step, err := s.openStep(r)
	if err == nil {
		// If a proxy of yours reports the user's IP address, pass it as EndUserIP.
		err = step.Submit(r.Context(), flow.Submission{Code: mfa.NewSecret(r.PostFormValue("code"))})
	}
	s.next(w, r, step, err)
}

// sendAgain sends another code or notification.
func (s *site) sendAgain(w http.ResponseWriter, r *http.Request) {
	step, err := s.openStep(r)
	if err == nil {
		err = step.Resend(r.Context())
	}
	s.next(w, r, step, err)
}

// choose continues with the authenticator that the user picked.
func (s *site) choose(w http.ResponseWriter, r *http.Request) {
	step, err := s.openStep(r)
	if err == nil {
		err = step.Choose(r.Context(), r.PostFormValue("authenticator"))
	}
	s.next(w, r, step, err)
}

// enroll enrolls the user's first authenticator: an e-mail address or an app.
func (s *site) enroll(w http.ResponseWriter, r *http.Request) {
	step, err := s.openStep(r)
	if err == nil {
		enrollment := flow.Enrollment{Email: r.PostFormValue("email")}
		if r.PostFormValue("factor") == string(mfa.FactorOTP) {
			enrollment = flow.Enrollment{Factor: mfa.FactorOTP}
		}
		err = step.Enroll(r.Context(), enrollment)
	}
	s.next(w, r, step, err)
}

// poll asks whether the user approved on the phone.
func (s *site) poll(w http.ResponseWriter, r *http.Request) {
	step, err := s.openStep(r)
	if err == nil {
		err = step.Poll(r.Context(), flow.Poll{})
	}
	s.next(w, r, step, err)
}

// next ends every form. It keeps the step, after an error too, and redirects the browser
// to the next page. No response to a form is a page itself, so the back and reload
// buttons send nothing twice.
func (s *site) next(w http.ResponseWriter, r *http.Request, step *flow.Step, err error) {
	if r.Context().Err() != nil {
		return // the user went away and would not get the cookies
	}
	if step != nil && step.State() == flow.StateDone {
		s.signIn(w, r, step.Token(), step.RecoveryCodes())
		return
	}
	switch mfa.NextAction(err) {
	case mfa.ActionRestartLogin, mfa.ActionAbort:
		step = nil
	}
	if step != nil {
		if sealErr := s.keepStep(w, r, step); sealErr != nil {
			step, err = nil, sealErr
		}
	}
	s.report(r, err)
	told := s.noticeFor(step, err)
	if err == nil {
		told.key = successes[r.URL.Path]
	}
	page, life := "/verify", stepLife
	if step != nil {
		life = step.ExpiresAt().Sub(s.now())
	}
	s.setCookie(w, r, cookieEmail, url.QueryEscape(typedEmail(r)), life)
	switch {
	case step == nil:
		s.forgetStep(w, r)
		page = "/login"
		if s.sessionOf(r) != nil { // another tab finished first
			page, told = "/", notice{}
		}
	case told.key == "address":
		page = "/enroll"
	case told.key == "choose":
		page = "/choose"
	}
	s.setNotice(w, r, told)
	http.Redirect(w, r, page, http.StatusSeeOther)
}

// verifyPage shows the form that the step waits for.
func (s *site) verifyPage(w http.ResponseWriter, r *http.Request) {
	step, err := s.openStep(r)
	if err != nil {
		s.next(w, r, nil, err)
		return
	}
	switch step.State() {
	case flow.StateEnroll:
		s.render(w, r, http.StatusOK, "enroll", s.stepView(step, "Protect your account", typedEmail(r)))
	case flow.StateChoose:
		s.render(w, r, http.StatusOK, "choose", s.stepView(step, "Choose how to sign in", ""))
	case flow.StatePoll:
		s.render(w, r, http.StatusOK, "poll", s.stepView(step, "Approve the sign-in", ""))
	default:
		s.render(w, r, http.StatusOK, "code", s.stepView(step, codeTitles[step.Factor()], ""))
	}
}

// choosePage shows the other authenticators while the step waits for a code.
func (s *site) choosePage(w http.ResponseWriter, r *http.Request) {
	step, err := s.openStep(r)
	switch {
	case err != nil:
		s.next(w, r, nil, err)
	case len(step.Authenticators()) == 0:
		http.Redirect(w, r, "/verify", http.StatusSeeOther)
	default:
		s.render(w, r, http.StatusOK, "choose", s.stepView(step, "Choose how to sign in", ""))
	}
}

// enrollPage shows the address form again until the enrollment is confirmed.
func (s *site) enrollPage(w http.ResponseWriter, r *http.Request) {
	step, err := s.openStep(r)
	switch {
	case err != nil:
		s.next(w, r, nil, err)
	case step.State() != flow.StateEnroll && !step.Enrolling():
		http.Redirect(w, r, "/verify", http.StatusSeeOther)
	default:
		s.render(w, r, http.StatusOK, "enroll", s.stepView(step, "Protect your account", typedEmail(r)))
	}
}
