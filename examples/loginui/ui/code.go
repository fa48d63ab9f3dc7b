package ui

import (
	"net/http"
	"strings"
	"unicode"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

// submitCode handles the code form.
func (s *Pages) submitCode(w http.ResponseWriter, r *http.Request, wk walk) {
	step, err := s.openStep(r, wk)
	if err == nil {
		err = step.Submit(r.Context(), flow.Submission{Code: mfa.NewSecret(r.PostFormValue("code")), EndUserIP: userIP(r)})
	}
	s.next(w, r, wk, step, err)
}

// sendAgain sends another code or notification.
func (s *Pages) sendAgain(w http.ResponseWriter, r *http.Request, wk walk) {
	step, err := s.openStep(r, wk)
	if err == nil {
		err = step.Resend(r.Context())
	}
	s.next(w, r, wk, step, err)
}

// choose continues with the authenticator that the user picked.
func (s *Pages) choose(w http.ResponseWriter, r *http.Request, wk walk) {
	step, err := s.openStep(r, wk)
	if err == nil {
		err = step.Choose(r.Context(), r.PostFormValue("authenticator"))
	}
	s.next(w, r, wk, step, err)
}

// enroll enrolls an authenticator: an e-mail address, a phone number or an app.
func (s *Pages) enroll(w http.ResponseWriter, r *http.Request, wk walk) {
	step, err := s.openStep(r, wk)
	if err == nil {
		enrollment := flow.Enrollment{Factor: mfa.Factor(r.PostFormValue("factor"))}
		switch enrollment.Factor {
		case mfa.FactorOTP, mfa.FactorPush:
		case mfa.FactorSMS:
			enrollment.PhoneNumber = r.PostFormValue("phone")
		default:
			enrollment = flow.Enrollment{Factor: mfa.FactorEmail, Email: r.PostFormValue("email")}
		}
		err = step.Enroll(r.Context(), enrollment)
	}
	s.next(w, r, wk, step, err)
}

// poll asks whether the user approved on the phone.
func (s *Pages) poll(w http.ResponseWriter, r *http.Request, wk walk) {
	step, err := s.openStep(r, wk)
	if err == nil {
		err = step.Poll(r.Context(), flow.Poll{EndUserIP: userIP(r)})
	}
	s.next(w, r, wk, step, err)
}

// verifyPage shows the form that the step waits for.
func (s *Pages) verifyPage(w http.ResponseWriter, r *http.Request, wk walk) {
	step, err := s.openStep(r, wk)
	if err != nil {
		s.next(w, r, wk, nil, err)
		return
	}
	switch step.State() {
	case flow.StateEnroll:
		s.render(w, r, http.StatusOK, "enroll", s.enrollView(r, wk, step))
	case flow.StateChoose:
		s.render(w, r, http.StatusOK, "choose", s.stepView(wk, step, "Choose how to sign in"))
	case flow.StatePoll:
		title := "Approve the sign-in"
		if step.Enrolling() {
			title = "Set up the Guardian app"
		}
		s.render(w, r, http.StatusOK, "poll", s.stepView(wk, step, title))
	default:
		title := codeTitles[step.Factor()]
		if step.Enrolling() && step.Factor() == mfa.FactorOTP {
			title = "Set up your authenticator app"
		}
		s.render(w, r, http.StatusOK, "code", s.stepView(wk, step, title))
	}
}

// choosePage shows the other authenticators while the step waits for a code.
func (s *Pages) choosePage(w http.ResponseWriter, r *http.Request, wk walk) {
	step, err := s.openStep(r, wk)
	switch {
	case err != nil:
		s.next(w, r, wk, nil, err)
	case len(step.Authenticators()) == 0:
		http.Redirect(w, r, string(wk)+"/verify", http.StatusSeeOther)
	default:
		s.render(w, r, http.StatusOK, "choose", s.stepView(wk, step, "Choose how to sign in"))
	}
}

// enrollPage shows the address form again until the enrollment is confirmed.
func (s *Pages) enrollPage(w http.ResponseWriter, r *http.Request, wk walk) {
	step, err := s.openStep(r, wk)
	switch {
	case err != nil:
		s.next(w, r, wk, nil, err)
	case step.State() != flow.StateEnroll && !step.Enrolling():
		http.Redirect(w, r, string(wk)+"/verify", http.StatusSeeOther)
	default:
		s.render(w, r, http.StatusOK, "enroll", s.enrollView(r, wk, step))
	}
}

// enrollView has what the user typed last, or else the address of the login.
func (s *Pages) enrollView(r *http.Request, wk walk, step *flow.Step) view {
	title := "Protect your account"
	if wk == adding {
		title = "Add another way to sign in"
	}
	v := s.stepView(wk, step, title)
	switch typed := step.Typed(); {
	case typed != "" && !strings.ContainsFunc(typed, unicode.IsLetter):
		v.Phone = typed
	case typed != "":
		v.Email = typed
	case wk == signingIn:
		v.Email = typedEmail(r)
	}
	return v
}
