package live

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
)

// nobody is an ID that no authenticator has.
const nobody = "email|dev_0000000000000000"

// twins are the factors that Auth0 deletes together.
var twins = map[string]string{"totp": "push", "push": "totp"}

// mayMake refuses to enroll what the run could not delete again, or could delete
// only together with something of the user's.
func (s *session) mayMake(prefix string) error {
	switch {
	case s.before == nil:
		return notReachedError("it is not known what the user had")
	case s.access == "":
		return notReachedError("no access token that deletes: the user has another factor than e-mail")
	}
	for _, e := range s.before {
		if twin := twins[prefix]; twin != "" && (e.prefix() == prefix || e.prefix() == twin) {
			return notReachedError("the user has an authenticator app")
		}
	}
	return nil
}

// associate enrolls an authenticator of the user, and notes what is new after it.
func (s *session) associate(ctx context.Context, prefix, token string, body map[string]any) (*response, error) {
	if err := s.mayMake(prefix); err != nil {
		return nil, err
	}
	s.lost = append(s.lost, prefix) // until the list has been read
	r, err := s.api(ctx, http.MethodPost, "/mfa/associate", token, body)
	if err != nil {
		return nil, err
	}
	if codes, ok := r.fields["recovery_codes"].([]any); ok {
		for _, code := range codes {
			if text, ok := code.(string); ok {
				s.hide(text)
			}
		}
	}
	if err := s.note(ctx, s.access); err != nil {
		return nil, err
	}
	return r, nil
}

// note reads the list and finds out what the run has made.
func (s *session) note(ctx context.Context, token string) error {
	r, all, err := s.list(ctx, token)
	if err != nil {
		return err
	}
	if r.status != http.StatusOK {
		return errors.New("the list of authenticators was refused: " + r.String())
	}
	s.now = all
	fresh := s.unknown()
	slices.Sort(s.lost)
	for _, prefix := range append(slices.Compact(s.lost), "recovery-code") { // which comes with the first
		// Of two, one may be somebody else's.
		var of []enrolled
		for _, e := range fresh {
			if e.prefix() == prefix {
				of = append(of, e)
			}
		}
		if len(of) == 1 && len(s.lost) > 0 {
			s.made = append(s.made, of[0].ID)
			s.console.Say("enrolled " + of[0].ID)
		}
	}
	s.lost = nil
	return nil
}

// unknown returns what the user has now, had not before, and the run does not
// know to be its own.
func (s *session) unknown() []enrolled {
	var fresh []enrolled
	for _, e := range s.now {
		if !s.had(e.ID) && !slices.Contains(s.made, e.ID) {
			fresh = append(fresh, e)
		}
	}
	return fresh
}

func (s *session) had(id string) bool {
	return slices.ContainsFunc(s.before, func(e enrolled) bool { return e.ID == id })
}

// remove deletes an authenticator that the run made, or tries to delete one that
// nobody has. It is the only place that deletes.
func (s *session) remove(ctx context.Context, token, id string) (*response, error) {
	if s.before == nil || s.had(id) || id != nobody && !slices.Contains(s.made, id) {
		return nil, notReachedError("it is not the run's own")
	}
	r, err := s.api(ctx, http.MethodDelete, "/mfa/authenticators/"+url.PathEscape(id), token, nil)
	if err == nil && r.status == http.StatusNoContent {
		s.now = slices.DeleteFunc(s.now, func(e enrolled) bool { return e.ID == id })
	}
	return r, err
}

// cleanUp deletes what the run made and is still there. It returns the IDs of
// what is left of it, or may be.
func (s *session) cleanUp(ctx context.Context) []string {
	if len(s.made) == 0 && len(s.lost) == 0 {
		return nil
	}
	token, err := s.deletingToken(ctx)
	if err == nil {
		err = s.note(ctx, token)
	}
	if err != nil {
		return append(slices.Clone(s.made), s.lost...)
	}
	var left []string
	for _, id := range s.made {
		if !slices.ContainsFunc(s.now, func(e enrolled) bool { return e.ID == id }) {
			continue
		}
		if r, err := s.remove(ctx, token, id); err != nil || r.status != http.StatusNoContent && r.status != http.StatusNotFound {
			left = append(left, id)
		}
	}
	// A response can be lost although the deletion was made.
	if err := s.note(ctx, token); err == nil {
		left = nil
		for _, e := range s.now {
			if !s.had(e.ID) {
				left = append(left, e.ID)
			}
		}
	}
	return left
}

// deletingToken returns an access token that lists and deletes: the one that the
// run has, or a new one, for which it may have to verify its authenticator app.
func (s *session) deletingToken(ctx context.Context) (string, error) {
	if s.access != "" {
		if r, _, err := s.list(ctx, s.access); err == nil && r.status == http.StatusOK {
			return s.access, nil
		}
	}
	r, err := s.login(ctx, "audience", s.audience(), "scope", allScopes)
	if err != nil {
		return "", err
	}
	if r.text("error") == "mfa_required" && s.app.secret != "" {
		code, err := s.otp()
		if err != nil {
			return "", err
		}
		r, err = s.tokenRequest(ctx, "grant_type", grantOTP, "mfa_token", r.text("mfa_token"), "otp", code)
		if err != nil {
			return "", err
		}
	}
	if token := r.text("access_token"); token != "" {
		return token, nil
	}
	return "", errors.New("no access token that deletes: " + r.String())
}
