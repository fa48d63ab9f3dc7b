package flow_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// login is a login page of two forms. It keeps nothing between them: the step
// is in a cookie, bound to the browser's session.
type login struct {
	client *mfa.Client
	flow   *flow.Flow
	sealer *flow.Sealer
}

// passwordForm takes user name and password.
func (l *login) passwordForm(w http.ResponseWriter, r *http.Request) {
	_, err := l.client.PasswordLogin(r.Context(), mfa.PasswordLoginRequest{
		Username: r.PostFormValue("email"), Password: mfa.NewSecret(r.PostFormValue("password")),
	})
	if err == nil {
		fmt.Fprintln(w, "Welcome.") // no second factor is due
		return
	}
	step, err := l.flow.Begin(r.Context(), err)
	if step == nil {
		l.explain(w, nil, err)
		return
	}
	if step.State() == flow.StateEnroll {
		err = step.Enroll(r.Context(), flow.Enrollment{Email: r.PostFormValue("email")})
	}
	l.show(w, r, step, err)
}

// codeForm takes the code, or sends another.
func (l *login) codeForm(w http.ResponseWriter, r *http.Request) {
	cookie, err := r.Cookie("__Host-step")
	if err != nil {
		l.explain(w, nil, flow.ErrStepExpired)
		return
	}
	step, err := l.sealer.Open(cookie.Value, binding(r))
	if err != nil {
		l.explain(w, nil, err)
		return
	}
	if r.PostFormValue("resend") != "" {
		err = step.Resend(r.Context())
	} else {
		err = step.Submit(r.Context(), flow.Submission{Code: mfa.NewSecret(r.PostFormValue("code"))})
	}
	l.show(w, r, step, err)
}

// binding returns what ties a step to one browser. A real page takes the id of
// its session, which it gave to the browser before the password form.
func binding(r *http.Request) []byte {
	cookie, err := r.Cookie("__Host-session")
	if err != nil {
		return nil
	}
	return []byte(cookie.Value)
}

// show responds with the form that the step waits for, and keeps the step. It is
// sealed after an error too.
func (l *login) show(w http.ResponseWriter, r *http.Request, step *flow.Step, err error) {
	cookie := &http.Cookie{Name: "__Host-step", Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode, MaxAge: -1}
	if step.State() != flow.StateDone {
		sealed, err := l.sealer.Seal(step, binding(r))
		if err != nil {
			l.explain(w, nil, err)
			return
		}
		cookie.Value, cookie.MaxAge = sealed, 0
	}
	http.SetCookie(w, cookie)
	if err != nil {
		l.explain(w, step, err)
		return
	}
	switch step.State() {
	case flow.StateEnterCode:
		fmt.Fprintf(w, "Type the code that we sent to %s.\n", step.Destination())
	case flow.StateChoose:
		fmt.Fprintf(w, "How do you want to sign in? There are %d ways.\n", len(step.Authenticators()))
	case flow.StateDone:
		fmt.Fprintf(w, "Welcome. Keep your %d recovery code. Your token: %s\n", len(step.RecoveryCodes()), step.Token().AccessToken)
	}
}

// explain says what went wrong.
func (l *login) explain(w http.ResponseWriter, step *flow.Step, err error) {
	switch mfa.NextAction(err) {
	case mfa.ActionAskAgain:
		fmt.Fprintln(w, "That is not right.")
		if step != nil {
			fmt.Fprintf(w, "You have %d attempts left.\n", step.AttemptsLeft())
		}
	case mfa.ActionResend, mfa.ActionCheckInbox:
		fmt.Fprintln(w, "Please look into your inbox, or have another code sent.")
	case mfa.ActionWait:
		fmt.Fprintln(w, "Not so fast, please.")
	case mfa.ActionRestartLogin:
		fmt.Fprintln(w, "Please sign in again.")
	default:
		fmt.Fprintln(w, "Sorry, you cannot sign in right now.")
	}
}

// A login page in two handlers, which may run on different machines.
func Example() {
	// A tenant to try this against, where a real page calls mfa.NewClient.
	tenant := mfatest.NewTenant()
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com", Password: "correct horse"})
	client := tenant.Client()
	f, err := flow.New(client, flow.WithClock(tenant.Now))
	if err != nil {
		fmt.Println(err)
		return
	}
	key := make([]byte, 32) // a real page reads it from where its secrets are
	_, _ = rand.Read(key)
	sealer, err := f.NewSealer(key)
	if err != nil {
		fmt.Println(err)
		return
	}
	page := &login{client, f, sealer}

	// A browser, which keeps the cookies.
	cookies := []*http.Cookie{{Name: "__Host-session", Value: "cd0YhRzQ"}}
	post := func(handler http.HandlerFunc, form url.Values) {
		r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for _, cookie := range cookies {
			r.AddCookie(cookie)
		}
		w := httptest.NewRecorder()
		handler(w, r)
		cookies = append(cookies[:1], w.Result().Cookies()...)
		fmt.Print(w.Body)
	}

	post(page.passwordForm, url.Values{"email": {"ada@example.com"}, "password": {"correct horse"}})
	post(page.codeForm, url.Values{"code": {"12345"}}) // a digit is missing, which costs no attempt
	post(page.codeForm, url.Values{"resend": {"yes"}}) // too early
	tenant.Advance(30 * time.Second)
	post(page.codeForm, url.Values{"resend": {"yes"}})
	code, _ := tenant.LastCode("ada@example.com")
	post(page.codeForm, url.Values{"code": {"Your code is " + code[:3] + " " + code[3:]}})
	post(page.codeForm, url.Values{"code": {code}}) // the step is over
	fmt.Println(len(tenant.Inbox("ada@example.com")), "mails")
	// Output:
	// Type the code that we sent to ada@example.com.
	// That is not right.
	// You have 10 attempts left.
	// Not so fast, please.
	// Type the code that we sent to ada@example.com.
	// Welcome. Keep your 1 recovery code. Your token: [REDACTED]
	// Please sign in again.
	// 2 mails
}
