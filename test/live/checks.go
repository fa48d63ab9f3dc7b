package live

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// The grants of the token endpoint.
const (
	grantPassword = "password"
	grantOOB      = "http://auth0.com/oauth/grant-type/mfa-oob"
	grantOTP      = "http://auth0.com/oauth/grant-type/mfa-otp"
	grantRecovery = "http://auth0.com/oauth/grant-type/mfa-recovery-code"
)

const allScopes = "enroll read:authenticators remove:authenticators"

// Where the facts are from.
const (
	docs       = "https://auth0.com/docs/"
	docsMFA    = docs + "secure/multi-factor-authentication/"
	docsROPG   = docsMFA + "authenticate-using-ropg-flow-with-mfa"
	docsEmail  = docsROPG + "/enroll-and-challenge-email-authenticators"
	docsManage = docsMFA + "manage-mfa-auth0-apis/manage-authenticator-factors-mfa-api"
	docsAPI    = docs + "api/authentication/multi-factor-authentication/"
	docsTypes  = docs + "authenticate/custom-token-exchange/cte-multi-factor-authentication"
	docsLimits = docs + "troubleshoot/customer-support/operational-policies/rate-limit-policy"
	docsOIDC   = docs + "get-started/applications/configure-applications-with-oidc-discovery"
	recordings = "https://github.com/auth0/go-auth0/tree/d5be7536/test/data/recordings/authentication"
	swift      = "https://github.com/auth0/Auth0.swift/blob/850e1a289/Auth0/AuthenticationError.swift"
	dotnet     = "https://github.com/auth0/auth0.net/tree/682ea3b7/tests"
	reactTests = "https://github.com/auth0/react-native-auth0/blob/761ac939/src/auth/__tests__/index.spec.js"
	community  = "https://community.auth0.com/t/"
)

const invalidBearer = "401 invalid_grant: The mfa_token provided is invalid. Try getting a new token."

// Checks returns all checks in the order in which a run makes them. Each goes on
// where the ones before it have stopped.
func Checks() []Check {
	return slices.Concat(publicChecks(), refusalChecks(), loginChecks(), listChecks(), tokenChecks(), emailChecks(), appChecks(), deleteChecks())
}

// seen makes a check of a request of which the whole outcome is the fact.
func seen(send func(context.Context, *session) (*response, error)) func(context.Context, *session) (string, error) {
	return func(ctx context.Context, s *session) (string, error) {
		r, err := send(ctx, s)
		if err != nil {
			return "", err
		}
		return r.String(), nil
	}
}

// publicChecks are about what anybody can read.
func publicChecks() []Check {
	return []Check{
		{"discovery: the issuer, with a slash", Documented, docsOIDC, "https://{domain}/", func(ctx context.Context, s *session) (string, error) {
			r, err := s.api(ctx, http.MethodGet, "/.well-known/openid-configuration", "", nil)
			if err != nil {
				return "", err
			}
			return r.text("issuer"), nil
		}},
		{"key set: types and algorithms of the keys", Documented, docsOIDC, "RSA RS256 sig", func(ctx context.Context, s *session) (string, error) {
			r, err := s.api(ctx, http.MethodGet, "/.well-known/jwks.json", "", nil)
			if err != nil {
				return "", err
			}
			var kinds []string
			keys, _ := r.fields["keys"].([]any)
			for _, key := range keys {
				if fields, ok := key.(map[string]any); ok {
					kinds = append(kinds, fmt.Sprint(fields["kty"], " ", fields["alg"], " ", fields["use"]))
				}
			}
			slices.Sort(kinds)
			return strings.Join(slices.Compact(kinds), ", "), nil
		}},
	}
}

// refusalChecks are about requests that no login goes before.
func refusalChecks() []Check {
	malformed := func(pairs ...string) func(context.Context, *session) (string, error) {
		return seen(func(ctx context.Context, s *session) (*response, error) { return s.tokenRequest(ctx, pairs...) })
	}
	return []Check{
		{"login: wrong password", Reported, swift, "403 invalid_grant: Wrong email or password.", seen(func(ctx context.Context, s *session) (*response, error) {
			return s.tokenRequest(ctx, "grant_type", grantPassword, "username", s.Username, "password", "not "+s.Password)
		})},
		{"login: wrong client secret", Reported, "https://github.com/auth0-samples/auth0-angular-samples/issues/201", "401 access_denied: Unauthorized", seen(func(ctx context.Context, s *session) (*response, error) {
			return s.tokenRequest(ctx, "grant_type", grantPassword, "username", s.Username, "password", s.Password, "client_secret", "not "+s.ClientSecret)
		})},
		{"login: unknown client", Reported, dotnet, "401 invalid_client: Unknown client.", seen(func(ctx context.Context, s *session) (*response, error) {
			return s.tokenRequest(ctx, "grant_type", grantPassword, "username", s.Username, "password", s.Password, "client_id", "nobody")
		})},
		{"token endpoint: unknown grant", Documented, docs + "api/authentication", "400 unsupported_grant_type: Grant type not supported", malformed("grant_type", "nothing")},
		{"list: malformed token", Reported, dotnet, invalidBearer, seen(func(ctx context.Context, s *session) (*response, error) {
			return s.api(ctx, http.MethodGet, "/mfa/authenticators", "malformed", nil)
		})},
		{"associate: malformed token", Reported, dotnet, invalidBearer, seen(func(ctx context.Context, s *session) (*response, error) {
			return s.api(ctx, http.MethodPost, "/mfa/associate", "malformed", emailEnrollment)
		})},
		{"challenge: malformed mfa_token", Reported, swift, "403 invalid_grant: Malformed mfa_token", seen(func(ctx context.Context, s *session) (*response, error) {
			return s.challenge(ctx, "malformed", "oob", nobody)
		})},
		{"verify: malformed mfa_token", Reported, swift, "403 invalid_grant: Malformed mfa_token", malformed("grant_type", grantOTP, "mfa_token", "malformed", "otp", "000000")},
		{"verify: no mfa_token", Reported, "https://github.com/jaredhanson/oauth2orize-mfa", "400 invalid_request: Missing required parameter: mfa_token", malformed("grant_type", grantOTP, "otp", "000000")},
	}
}

// login makes a password login.
func (s *session) login(ctx context.Context, pairs ...string) (*response, error) {
	return s.tokenRequest(ctx, append([]string{"grant_type", grantPassword, "username", s.Username, "password", s.Password}, pairs...)...)
}

// start logs in for an mfa_token.
func (s *session) start(ctx context.Context) (*response, error) {
	r, err := s.login(ctx, "scope", "openid")
	if err != nil {
		return nil, err
	}
	s.mfaToken = r.text("mfa_token")
	return r, nil
}

func (s *session) challenge(ctx context.Context, mfaToken, kind, id string) (*response, error) {
	body := map[string]string{"client_id": s.ClientID, "client_secret": s.ClientSecret, "mfa_token": mfaToken, "challenge_type": kind}
	if id != "" {
		body["authenticator_id"] = id
	}
	return s.api(ctx, http.MethodPost, "/mfa/challenge", "", body)
}

func loginChecks() []Check {
	withToken := func(see func(*session) string) func(context.Context, *session) (string, error) {
		return func(_ context.Context, s *session) (string, error) {
			if s.mfaToken == "" {
				return "", notReachedError("no mfa_token")
			}
			return see(s), nil
		}
	}
	var last *response
	return []Check{
		{"login: a second factor is due", Documented, docsTypes, "403 mfa_required: Multifactor authentication required", func(ctx context.Context, s *session) (string, error) {
			r, err := s.start(ctx)
			if err != nil {
				return "", err
			}
			last = r
			return r.String(), nil
		}},
		{"login: content type", Recorded, recordings, "application/json", withToken(func(*session) string { return last.header.Get("Content-Type") })},
		{"login: may it be cached", Guess, "", "no-store", withToken(func(*session) string { return last.header.Get("Cache-Control") })},
		{"login: mfa_requirements on a tenant without flexible factors", Documented, docsROPG, "absent", withToken(func(*session) string {
			if _, found := last.fields["mfa_requirements"]; found {
				return "present"
			}
			return "absent"
		})},
		{"mfa_token: how it begins", Recorded, recordings, "Fe26.2*", withToken(func(s *session) string { return s.mfaToken[:min(7, len(s.mfaToken))] })},
		{"mfa_token: how long it lives", Guess, "", "10m0s", withToken(func(s *session) string { return s.lifetime(s.mfaToken) })},
	}
}

var (
	idForm   = regexp.MustCompile(`^[a-z-]+\|dev_[A-Za-z0-9]{16}$`)
	maskForm = regexp.MustCompile(`^(.{4}\*+|\*{1,4})@(.{4}\*+|\*{1,4})$`)
)

func listChecks() []Check {
	// each tells of all entries alike what a function tells of one, and "…" of others.
	each := func(of func(enrolled) bool, see func(enrolled) string) func(context.Context, *session) (string, error) {
		return func(_ context.Context, s *session) (string, error) {
			var all []string
			for _, e := range s.now {
				if of(e) {
					all = append(all, see(e))
				}
			}
			if len(all) == 0 {
				return "", notReachedError("nothing of that kind is listed")
			}
			slices.Sort(all)
			return strings.Join(slices.Compact(all), ", "), nil
		}
	}
	all := func(enrolled) bool { return true }
	email := func(e enrolled) bool { return e.Channel == "email" }
	return []Check{
		{"list: with an mfa_token", Documented, docsManage, "200 application/json; charset=utf-8", func(ctx context.Context, s *session) (string, error) {
			if s.mfaToken == "" {
				return "", notReachedError("no mfa_token")
			}
			r, found, err := s.list(ctx, s.mfaToken)
			if err != nil {
				return "", err
			}
			s.before, s.now = found, slices.Clone(found)
			if r.status != http.StatusOK {
				return r.String(), nil
			}
			return fmt.Sprint(r.status, " ", r.header.Get("Content-Type")), nil
		}},
		{"list: form of an ID", Recorded, recordings, "{prefix}|dev_{16 letters and digits}", each(all, func(e enrolled) string {
			if idForm.MatchString(e.ID) {
				return "{prefix}|dev_{16 letters and digits}"
			}
			return "another"
		})},
		{"list: an e-mail address", Recorded, recordings, "email| oob", each(email, func(e enrolled) string { return e.prefix() + "| " + e.Type })},
		{"list: name of an e-mail address", Recorded, recordings, "four letters of each part, and stars", each(email, func(e enrolled) string {
			if maskForm.MatchString(e.Name) {
				return "four letters of each part, and stars"
			}
			return "another"
		})},
		{"list: type on a tenant without flexible factors", Reported, "https://github.com/auth0/Auth0.swift/issues/1261", "absent", each(all, func(e enrolled) string {
			if e.Factor == "" {
				return "absent"
			}
			return e.Factor
		})},
	}
}
