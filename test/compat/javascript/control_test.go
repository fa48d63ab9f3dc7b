package javascript_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

const password = "correct horse"

// newControl serves what a script needs of the tenant beside its API: the users'
// side, and the clock.
func newControl(t *testing.T, tenant *mfatest.Tenant) string {
	mux := http.NewServeMux()
	handle := func(pattern string, act func(*mfatest.Tenant, *http.Request) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			result, err := act(tenant, r)
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			_ = json.NewEncoder(w).Encode(result) // a script that went away has failed by itself
		})
	}
	handle("POST /user", addUser)
	handle("POST /advance", advance)
	handle("POST /push", decidePush)
	handle("POST /fail", fail)
	handle("GET /codes", func(tenant *mfatest.Tenant, r *http.Request) (any, error) {
		codes := []string{}
		for _, mail := range tenant.Inbox(r.FormValue("address")) {
			codes = append(codes, mail.Code)
		}
		return codes, nil
	})
	handle("GET /otp", func(tenant *mfatest.Tenant, r *http.Request) (any, error) {
		return tenant.OTP(r.FormValue("user")), nil
	})
	handle("GET /recovery", func(tenant *mfatest.Tenant, r *http.Request) (any, error) {
		code, _ := tenant.RecoveryCode(r.FormValue("user"))
		return code, nil
	})
	handle("GET /mfa-token", func(tenant *mfatest.Tenant, r *http.Request) (any, error) {
		return tenant.MFAToken(r.FormValue("user")).Reveal(), nil
	})
	handle("GET /access-token", func(tenant *mfatest.Tenant, r *http.Request) (any, error) {
		return tenant.AccessToken(r.FormValue("user"), strings.Fields(r.FormValue("scope"))...).Reveal(), nil
	})
	handle("GET /request", lastRequest)

	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

func addUser(tenant *mfatest.Tenant, r *http.Request) (any, error) {
	var wanted struct {
		Email              string
		Verified, Recovery bool
		Factors            []mfa.Factor
	}
	if err := json.NewDecoder(r.Body).Decode(&wanted); err != nil {
		return nil, err
	}
	user := mfatest.User{Email: wanted.Email, Password: password, EmailVerified: wanted.Verified, RecoveryCode: wanted.Recovery}
	for _, factor := range wanted.Factors {
		user.Authenticators = append(user.Authenticators, mfatest.Authenticator{Factor: factor, Active: true})
	}
	tenant.AddUser(user)
	return password, nil
}

func advance(tenant *mfatest.Tenant, r *http.Request) (any, error) {
	by, err := time.ParseDuration(r.FormValue("by"))
	if err != nil {
		return nil, err
	}
	tenant.Advance(by)
	return tenant.Now(), nil
}

func decidePush(tenant *mfatest.Tenant, r *http.Request) (any, error) {
	if r.FormValue("approve") == "true" {
		tenant.ApprovePush(r.FormValue("user"))
	} else {
		tenant.RejectPush(r.FormValue("user"))
	}
	return nil, nil
}

func fail(tenant *mfatest.Tenant, r *http.Request) (any, error) {
	var fault mfatest.Fault
	if err := json.NewDecoder(r.Body).Decode(&fault); err != nil {
		return nil, err
	}
	tenant.Fail(fault)
	return nil, nil
}

// lastRequest tells how the newest request of an operation looked.
func lastRequest(tenant *mfatest.Tenant, r *http.Request) (any, error) {
	for _, request := range slices.Backward(tenant.Requests()) {
		if request.Op == mfa.Op(r.FormValue("op")) {
			return map[string]string{
				"method": request.Method, "path": request.Path, "body": string(request.Body),
				"authorization": request.Header.Get("Authorization"), "contentType": request.Header.Get("Content-Type"),
			}, nil
		}
	}
	return nil, nil
}
