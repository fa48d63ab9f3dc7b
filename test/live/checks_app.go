package live

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

func appChecks() []Check {
	enrolledApp := func(s *session) error {
		if s.app.id == "" {
			return notReachedError("no authenticator app was enrolled")
		}
		return nil
	}
	return []Check{
		{"enroll an authenticator app: with an access token", Recorded, recordings, "200 otp, secret in base32, otpauth://totp/", func(ctx context.Context, s *session) (string, error) {
			known := slices.Clone(s.made)
			r, err := s.associate(ctx, "totp", s.access, map[string]any{"authenticator_types": []string{"otp"}})
			if err != nil {
				return "", err
			}
			s.app = enrollment{secret: r.text("secret"), response: r}
			for _, id := range s.made {
				if !slices.Contains(known, id) && strings.HasPrefix(id, "totp|") {
					s.app.id = id
				}
			}
			if _, err := s.otp(); err != nil || s.app.secret == "" {
				return r.shape("authenticator_type") + ", no secret", nil //nolint:nilerr // that is what was seen
			}
			uri := r.text("barcode_uri")
			return r.shape("authenticator_type") + ", secret in base32, " + uri[:min(15, len(uri))], nil
		}},
		{"verify an authenticator app: wrong code", Reported, reactTests, "403 invalid_grant: Invalid otp_code.", seen(func(ctx context.Context, s *session) (*response, error) {
			if err := enrolledApp(s); err != nil {
				return nil, err
			}
			return s.tokenRequest(ctx, "grant_type", grantOTP, "mfa_token", s.access, "otp", "abcdef")
		})},
		{"verify an authenticator app: confirm it with the access token", Reported, community + "64112", "200 Bearer", func(ctx context.Context, s *session) (string, error) {
			if err := enrolledApp(s); err != nil {
				return "", err
			}
			code, err := s.otp()
			if err != nil {
				return "", err
			}
			r, err := s.tokenRequest(ctx, "grant_type", grantOTP, "mfa_token", s.access, "otp", code)
			if err != nil {
				return "", err
			}
			return r.shape("token_type"), s.note(ctx, s.access)
		}},
		{"access token of the MFA API: once there is an authenticator app", Documented, docsManage, "403 mfa_required: Multifactor authentication required", func(ctx context.Context, s *session) (string, error) {
			if err := enrolledApp(s); err != nil {
				return "", err
			}
			r, err := s.login(ctx, "audience", s.audience(), "scope", allScopes)
			if err != nil {
				return "", err
			}
			s.mfaToken = r.text("mfa_token")
			return r.String(), nil
		}},
		{"challenge an authenticator app", Recorded, recordings, "200 otp", func(ctx context.Context, s *session) (string, error) {
			if err := enrolledApp(s); err != nil {
				return "", err
			}
			r, err := s.challenge(ctx, s.mfaToken, "otp", s.app.id)
			if err != nil {
				return "", err
			}
			return r.shape("challenge_type"), nil
		}},
		{"verify an authenticator app: the same code for another login", Guess, "", "200 Bearer", func(ctx context.Context, s *session) (string, error) {
			if err := enrolledApp(s); err != nil {
				return "", err
			}
			code, err := s.otp()
			if err != nil {
				return "", err
			}
			r, err := s.tokenRequest(ctx, "grant_type", grantOTP, "mfa_token", s.mfaToken, "otp", code)
			if err != nil {
				return "", err
			}
			if token := r.text("access_token"); token != "" {
				s.access = token // it lives longer than the first
			}
			return r.shape("token_type"), nil
		}},
	}
}

func deleteChecks() []Check {
	deleted := func(r *response, err error) (string, error) {
		if err != nil {
			return "", err
		}
		if len(r.body) > 0 {
			return r.String(), nil
		}
		return fmt.Sprint(r.status, ", no body"), nil
	}
	return []Check{
		{"delete: with an mfa_token", Documented, docsManage, invalidBearer, func(ctx context.Context, s *session) (string, error) {
			if s.mfaToken == "" {
				return "", notReachedError("no mfa_token")
			}
			return deleted(s.remove(ctx, s.mfaToken, nobody))
		}},
		{"delete: an authenticator that nobody has", Documented, docsAPI + "delete-authenticator", "404", func(ctx context.Context, s *session) (string, error) {
			if s.access == "" {
				return "", notReachedError("no access token")
			}
			r, err := s.remove(ctx, s.access, nobody)
			if err != nil {
				return "", err
			}
			return strconv.Itoa(r.status), nil
		}},
		{"delete: an e-mail address", Documented, docsAPI + "delete-authenticator", "204, no body", func(ctx context.Context, s *session) (string, error) {
			own, err := s.own()
			if err != nil {
				return "", err
			}
			return deleted(s.remove(ctx, s.access, own.ID))
		}},
		{"delete: an authenticator app", Documented, docsAPI + "delete-authenticator", "204, no body", func(ctx context.Context, s *session) (string, error) {
			if s.app.id == "" {
				return "", notReachedError("no authenticator app was enrolled")
			}
			return deleted(s.remove(ctx, s.access, s.app.id))
		}},
		{"list: after the deletion", Documented, docsAPI + "delete-authenticator", "neither is listed", func(ctx context.Context, s *session) (string, error) {
			if s.email.id == "" || s.app.id == "" {
				return "", notReachedError("nothing was deleted")
			}
			r, all, err := s.list(ctx, s.access)
			if err != nil {
				return "", err
			}
			if r.status != http.StatusOK {
				return r.String(), nil
			}
			if slices.ContainsFunc(all, func(e enrolled) bool { return e.ID == s.email.id || e.ID == s.app.id }) {
				return "listed", nil
			}
			return "neither is listed", nil
		}},
	}
}
