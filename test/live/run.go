package live

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// cleaningTime is how long a run that failed or was interrupted may clean up.
const cleaningTime = time.Minute

// Plan says what a run will do.
func Plan(s Settings) string {
	return fmt.Sprintf(`This run asks %s, application %s, as its user %s:
- About 40 requests. One has a wrong password, one a wrong client secret, and two have wrong codes.
- At most %d e-mails to %s. You are asked for the codes in them.
- If the user has no factor but e-mail, it enrolls the address and an authenticator app, and deletes both again, with the recovery code
  that may come with them. It deletes nothing else.
- If it fails or is interrupted, it deletes what it enrolled all the same, and says what it could not delete.
Use a tenant and a user that exist for tests only.
`, s.Domain, s.ClientID, s.Username, MaxMails, s.Username)
}

// ErrDeclined means that the person at the console did not agree to the [Plan].
var ErrDeclined = errors.New("nothing was done: the answer was not yes")

// Run says what it will do, asks, checks all facts and cleans up. It returns what
// it saw so far together with an error.
func Run(ctx context.Context, settings Settings, console Console) (Report, error) {
	console.Say(Plan(settings))
	if answer, err := console.Ask(ctx, "Type yes to start:"); err != nil || answer != "yes" {
		return Report{}, errors.Join(ErrDeclined, err)
	}
	s := &session{Settings: settings, console: console, date: time.Now()}
	if s.HTTPClient == nil {
		s.HTTPClient = &http.Client{Timeout: 30 * time.Second}
	}
	ours := *s.HTTPClient
	ours.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s.HTTPClient = &ours
	s.hide(s.ClientSecret)
	s.hide(s.Password)

	var report Report
	var failed error
	for _, check := range Checks() {
		result := Result{Check: check, Why: "the run ended before"}
		if failed == nil {
			failed = s.make(ctx, &result)
		}
		report.Results = append(report.Results, result)
	}
	cleaning, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleaningTime)
	defer cancel()
	report.Left = s.cleanUp(cleaning)
	report.Mails = s.mails
	for _, id := range report.Left {
		console.Say("NOT DELETED, please look after it: " + id)
	}
	return report, failed
}

// make runs a check and fills in its result.
func (s *session) make(ctx context.Context, result *Result) error {
	seen, err := result.run(ctx, s)
	if why, ok := errors.AsType[notReachedError](err); ok {
		result.Why = string(why)
		return nil
	}
	if err != nil {
		result.Why = err.Error()
		return fmt.Errorf("%s: %w", result.Name, err)
	}
	result.Why, result.Seen = "", s.clean(seen)
	return nil
}
