package live

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

var emailEnrollment = map[string]any{"authenticator_types": []string{"oob"}, "oob_channels": []string{"email"}}

// audience is that of the MFA API.
func (s *session) audience() string { return "https://" + s.Domain + "/mfa/" }

// tokenChecks are about the access token of the MFA API, and which token goes
// where.
func tokenChecks() []Check {
	return []Check{
		{"access token of the MFA API: for a user with no factor but e-mail", Documented, docsManage, "200 600 s " + allScopes, func(ctx context.Context, s *session) (string, error) {
			if s.before == nil || slices.ContainsFunc(s.before, func(e enrolled) bool { return e.Active && e.Channel != "email" }) {
				return "", notReachedError("the user has another factor than e-mail")
			}
			r, err := s.login(ctx, "audience", s.audience(), "scope", allScopes)
			if err != nil {
				return "", err
			}
			s.access = r.text("access_token")
			if s.access == "" {
				return r.String(), nil
			}
			return fmt.Sprint(r.status, " ", r.fields["expires_in"], " s ", r.text("scope")), nil
		}},
		{"access token of the MFA API: for a user with another factor", Documented, docsManage, "403 mfa_required: Multifactor authentication required", func(ctx context.Context, s *session) (string, error) {
			if !slices.ContainsFunc(s.before, func(e enrolled) bool { return e.Active && e.Channel != "email" && e.Type != "recovery-code" }) {
				return "", notReachedError("the user has no other factor than e-mail")
			}
			r, err := s.login(ctx, "audience", s.audience(), "scope", allScopes)
			if err != nil {
				return "", err
			}
			return r.String(), nil
		}},
		{"challenge: an access token as mfa_token", Reported, community + "64112", "403 invalid_grant: Malformed mfa_token", seen(func(ctx context.Context, s *session) (*response, error) {
			if s.access == "" {
				return nil, notReachedError("no access token")
			}
			return s.challenge(ctx, s.access, "oob", nobody)
		})},
		{"list: an access token without the scope", Guess, "", "403 insufficient_scope: Insufficient scope, expected any of: read:authenticators", seen(func(ctx context.Context, s *session) (*response, error) {
			if s.access == "" {
				return nil, notReachedError("no access token")
			}
			r, err := s.login(ctx, "audience", s.audience(), "scope", "enroll")
			if err != nil {
				return nil, err
			}
			r, _, err = s.list(ctx, r.text("access_token"))
			return r, err
		})},
		{"challenge: an authenticator that nobody has", Guess, "", "400 invalid_authenticator: The authenticator does not exist", seen(func(ctx context.Context, s *session) (*response, error) {
			if !slices.ContainsFunc(s.before, func(e enrolled) bool { return e.Active }) {
				return nil, notReachedError("the user has no authenticator")
			}
			return s.challenge(ctx, s.mfaToken, "oob", nobody)
		})},
		{"challenge: by a user without an authenticator", Reported, reactTests,
			"401 unsupported_challenge_type: User is not enrolled. You can use /mfa/associate endpoint to enroll the first authenticator.",
			seen(func(ctx context.Context, s *session) (*response, error) {
				if s.mfaToken == "" || s.before == nil || slices.ContainsFunc(s.before, func(e enrolled) bool { return e.Active }) {
					return nil, notReachedError("the user has an authenticator")
				}
				return s.challenge(ctx, s.mfaToken, "oob", "")
			})},
		{"verify: a recovery code that is none", Reported, swift, "403 invalid_grant: MFA Authorization rejected.", seen(func(ctx context.Context, s *session) (*response, error) {
			if !slices.ContainsFunc(s.before, func(e enrolled) bool { return e.Active && e.Type == "recovery-code" }) {
				return nil, notReachedError("the user has no recovery code")
			}
			return s.tokenRequest(ctx, "grant_type", grantRecovery, "mfa_token", s.mfaToken, "recovery_code", strings.Repeat("A", 24))
		})},
		{"verify: a recovery code of a user without one", Reported, reactTests, "403 unsupported_challenge_type: User does not have a recovery-code.", seen(func(ctx context.Context, s *session) (*response, error) {
			if s.mfaToken == "" || s.before == nil || slices.ContainsFunc(s.before, func(e enrolled) bool { return e.Type == "recovery-code" }) {
				return nil, notReachedError("the user has a recovery code")
			}
			return s.tokenRequest(ctx, "grant_type", grantRecovery, "mfa_token", s.mfaToken, "recovery_code", strings.Repeat("A", 24))
		})},
	}
}

// enrollEmail enrolls the user's own address, once in a run.
func (s *session) enrollEmail(ctx context.Context, token string) (*response, error) {
	if s.email.response != nil {
		return nil, notReachedError("the address is enrolled already")
	}
	if err := s.mayMake("email"); err != nil {
		return nil, err
	}
	if err := s.mail(); err != nil {
		return nil, err
	}
	known := slices.Clone(s.made)
	r, err := s.associate(ctx, "email", token, emailEnrollment)
	if err != nil {
		return nil, err
	}
	if r.text("oob_code") != "" {
		s.email = enrollment{response: r}
		for _, id := range s.made {
			if !slices.Contains(known, id) && strings.HasPrefix(id, "email|") {
				s.email.id = id
			}
		}
		s.oob = verification{mfaToken: token, oobCode: r.text("oob_code")}
	}
	return r, nil
}

// shape is what a successful enrollment says but for its secrets.
func (r *response) shape(names ...string) string {
	if r.text("error") != "" {
		return r.String()
	}
	text := strconv.Itoa(r.status)
	for _, name := range names {
		value := r.text(name)
		if value == "" {
			value = "-"
		}
		text += " " + value
	}
	return text
}

// own returns the run's e-mail address, as the list has it.
func (s *session) own() (enrolled, error) {
	if i := slices.IndexFunc(s.now, func(e enrolled) bool { return s.email.id != "" && e.ID == s.email.id }); i >= 0 {
		return s.now[i], nil
	}
	return enrolled{}, notReachedError("no e-mail address was enrolled")
}

func (s *session) verifyEmail(ctx context.Context, code string) (*response, error) {
	return s.tokenRequest(ctx, "grant_type", grantOOB, "mfa_token", s.oob.mfaToken, "oob_code", s.oob.oobCode, "binding_code", code)
}

func emailChecks() []Check {
	enroll := func(may func(active []enrolled) bool, token func(*session) string) func(context.Context, *session) (string, error) {
		return func(ctx context.Context, s *session) (string, error) {
			active := slices.DeleteFunc(slices.Clone(s.before), func(e enrolled) bool { return !e.Active })
			if s.mfaToken == "" || !may(active) {
				return "", notReachedError("it is about other users")
			}
			r, err := s.enrollEmail(ctx, token(s))
			if err != nil {
				return "", err
			}
			return r.shape("authenticator_type", "oob_channel", "binding_method"), nil
		}
	}
	const enrolledEmail = "200 oob email prompt"
	return []Check{
		{"enroll e-mail: with an mfa_token, by a user without an authenticator", Documented, docsEmail, enrolledEmail,
			enroll(func(active []enrolled) bool { return len(active) == 0 }, func(s *session) string { return s.mfaToken })},
		{"enroll e-mail: with an mfa_token, by a user who has e-mail", Guess, "", enrolledEmail,
			enroll(func(active []enrolled) bool { return len(active) > 0 }, func(s *session) string { return s.mfaToken })},
		{"enroll e-mail: with an access token", Documented, docsManage, enrolledEmail,
			enroll(func(active []enrolled) bool { return len(active) > 0 }, func(s *session) string { return s.access })},
		{"list: an enrollment that was not confirmed", Documented, docsManage, "not active", activity},
		{"verify e-mail: wrong code", Reported, swift, "403 invalid_grant: Invalid binding_code.", seen(func(ctx context.Context, s *session) (*response, error) {
			if _, err := s.own(); err != nil {
				return nil, err
			}
			code, err := s.code(ctx)
			if err != nil {
				return nil, err
			}
			s.oob.code = code
			return s.verifyEmail(ctx, wrong(code))
		})},
		{"verify e-mail: right code", Documented, docsEmail, "200 Bearer", func(ctx context.Context, s *session) (string, error) {
			if s.oob.code == "" {
				return "", notReachedError("no code")
			}
			r, err := s.verifyEmail(ctx, s.oob.code)
			if err != nil {
				return "", err
			}
			return r.shape("token_type"), nil
		}},
		{"verify e-mail: the same code again", Guess, "", "403 invalid_grant: Invalid binding_code.", seen(func(ctx context.Context, s *session) (*response, error) {
			if s.oob.code == "" {
				return nil, notReachedError("no code")
			}
			return s.verifyEmail(ctx, s.oob.code)
		})},
		{"list: an enrollment that was confirmed", Documented, docsManage, "active", func(ctx context.Context, s *session) (string, error) {
			if s.oob.code == "" {
				return "", notReachedError("no code")
			}
			if err := s.note(ctx, s.access); err != nil {
				return "", err
			}
			return activity(ctx, s)
		}},
		{"associate: with an mfa_token, by a user who enrolled", Documented, docsAPI + "add-an-authenticator", "403 access_denied: User is already enrolled.", seen(func(ctx context.Context, s *session) (*response, error) {
			if own, err := s.own(); err != nil || !own.Active {
				return nil, notReachedError("no e-mail address was confirmed")
			}
			if _, err := s.start(ctx); err != nil {
				return nil, err
			}
			// An authenticator app, which needs no e-mail if the fact is wrong.
			return s.associate(ctx, "totp", s.mfaToken, map[string]any{"authenticator_types": []string{"otp"}})
		})},
		{"challenge e-mail", Documented, docsEmail, "200 oob prompt", func(ctx context.Context, s *session) (string, error) {
			own, err := s.own()
			if err != nil || !own.Active {
				i := slices.IndexFunc(s.now, func(e enrolled) bool { return e.Active && e.Channel == "email" })
				if i < 0 {
					return "", notReachedError("the user has no e-mail address")
				}
				own = s.now[i]
			}
			if err := s.mail(); err != nil {
				return "", err
			}
			r, err := s.challenge(ctx, s.mfaToken, "oob", own.ID)
			if err != nil {
				return "", err
			}
			s.oob = verification{mfaToken: s.mfaToken, oobCode: r.text("oob_code")}
			return r.shape("challenge_type", "binding_method"), nil
		}},
		{"oob_code: how long it lives", Recorded, recordings, "10m0s", func(_ context.Context, s *session) (string, error) {
			if s.oob.oobCode == "" {
				return "", notReachedError("no oob_code")
			}
			return s.lifetime(s.oob.oobCode), nil
		}},
		{"verify e-mail: x-ratelimit-limit of the grant", Documented, docsLimits, "12", func(ctx context.Context, s *session) (string, error) {
			if s.oob.oobCode == "" {
				return "", notReachedError("no oob_code")
			}
			code, err := s.code(ctx)
			if err != nil {
				return "", err
			}
			r, err := s.verifyEmail(ctx, code)
			if err != nil {
				return "", err
			}
			s.idToken = r.text("id_token")
			return r.header.Get("X-Ratelimit-Limit"), nil
		}},
		{"ID token: amr", Documented, docs + "secure/multi-factor-authentication/step-up-authentication/configure-step-up-authentication-for-web-apps", "[mfa]", func(_ context.Context, s *session) (string, error) {
			parts := strings.Split(s.idToken, ".")
			if len(parts) != 3 {
				return "", notReachedError("no ID token")
			}
			var claims struct {
				Methods []string `json:"amr"`
			}
			payload, err := base64.RawURLEncoding.DecodeString(parts[1])
			if err != nil || json.Unmarshal(payload, &claims) != nil {
				return "no JSON", nil //nolint:nilerr // that is what was seen
			}
			return fmt.Sprint(claims.Methods), nil
		}},
	}
}

func activity(_ context.Context, s *session) (string, error) {
	own, err := s.own()
	if err != nil {
		return "", err
	}
	if own.Active {
		return "active", nil
	}
	return "not active", nil
}
