package ui

import (
	"net/http"
	"strings"
	"unicode"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

// submitCode handles the code form.
func (p *Pages) submitCode(w http.ResponseWriter, r *http.Request, wk walk) {
	step, err := p.openStep(r, wk)
	if err == nil {
		err = step.Submit(r.Context(), flow.Submission{Code: mfa.NewSecret(r.PostFormValue("code")), EndUserIP: p.c.UserIP(r)})
	}
	p.next(w, r, wk, step, err)
}

// sendAgain sends another code or notification.
func (p *Pages) sendAgain(w http.ResponseWriter, r *http.Request, wk walk) {
	step, err := p.openStep(r, wk)
	if err == nil {
		err = step.Resend(r.Context())
	}
	p.next(w, r, wk, step, err)
}

// choose continues with the authenticator that the user picked.
func (p *Pages) choose(w http.ResponseWriter, r *http.Request, wk walk) {
	step, err := p.openStep(r, wk)
	if err == nil {
		err = step.Choose(r.Context(), r.PostFormValue("authenticator"))
	}
	p.next(w, r, wk, step, err)
}

// enroll enrolls an authenticator: an e-mail address, a phone number or an app.
func (p *Pages) enroll(w http.ResponseWriter, r *http.Request, wk walk) {
	step, err := p.openStep(r, wk)
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
	p.next(w, r, wk, step, err)
}

// poll asks whether the user approved on the phone.
func (p *Pages) poll(w http.ResponseWriter, r *http.Request, wk walk) {
	step, err := p.openStep(r, wk)
	if err == nil {
		err = step.Poll(r.Context(), flow.Poll{EndUserIP: p.c.UserIP(r)})
	}
	p.next(w, r, wk, step, err)
}

// verifyPage shows the form that the step waits for.
func (p *Pages) verifyPage(w http.ResponseWriter, r *http.Request, wk walk) {
	step, err := p.openStep(r, wk)
	if err != nil {
		p.next(w, r, wk, nil, err)
		return
	}
	switch step.State() {
	case flow.StateEnroll:
		p.render(w, r, http.StatusOK, "enroll", p.enrollView(r, wk, step))
	case flow.StateChoose:
		p.render(w, r, http.StatusOK, "choose", p.stepView(wk, step, "choose.title"))
	case flow.StatePoll:
		title := "poll.title"
		if step.Enrolling() {
			title = "poll.title-new"
		}
		p.render(w, r, http.StatusOK, "poll", p.stepView(wk, step, title))
	default:
		title := "code.title-" + string(step.Factor())
		if step.Enrolling() && step.Factor() == mfa.FactorOTP {
			title = "code.title-otp-new"
		}
		p.render(w, r, http.StatusOK, "code", p.stepView(wk, step, title))
	}
}

// choosePage shows the other authenticators while the step waits for a code.
func (p *Pages) choosePage(w http.ResponseWriter, r *http.Request, wk walk) {
	step, err := p.openStep(r, wk)
	switch {
	case err != nil:
		p.next(w, r, wk, nil, err)
	case len(step.Authenticators()) == 0:
		p.redirect(w, r, string(wk)+"/verify")
	default:
		p.render(w, r, http.StatusOK, "choose", p.stepView(wk, step, "choose.title"))
	}
}

// enrollPage shows the address form again until the enrollment is confirmed.
func (p *Pages) enrollPage(w http.ResponseWriter, r *http.Request, wk walk) {
	step, err := p.openStep(r, wk)
	switch {
	case err != nil:
		p.next(w, r, wk, nil, err)
	case step.State() != flow.StateEnroll && !step.Enrolling():
		p.redirect(w, r, string(wk)+"/verify")
	default:
		p.render(w, r, http.StatusOK, "enroll", p.enrollView(r, wk, step))
	}
}

// enrollView has what the user typed last, or else the address of the login.
func (p *Pages) enrollView(r *http.Request, wk walk, step *flow.Step) view {
	title := "enroll.title"
	if wk == adding {
		title = "enroll.title-add"
	}
	v := p.stepView(wk, step, title)
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
