#!/usr/bin/env bash
# Software:  github.com/alexedwards/scs/v2 v2.9.0 with Go 1.26.8
#
# Expected:  SessionManager.Token returns the token of the session that the request is
#            in, as its documentation says, also in the request that starts the session.
# Behavior:  In the first request it is empty, even after Put. The token is made when
#            the response is written, unless RenewToken was called before.
# Output:    the token seen by the handler and the cookie of the response, at the end of
#            this script.
# Why:       A login step that is bound to the session token at the first response (the
#            usual place for mfa_required) is bound to the empty string, and the next
#            request refuses it.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

cat >main.go <<'EOF'
package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/alexedwards/scs/v2"
)

func main() {
	sessions := scs.New()
	renew := false
	h := sessions.LoadAndSave(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if renew {
			sessions.RenewToken(r.Context())
		}
		sessions.Put(r.Context(), "step", "mfa_required")
		fmt.Println("renew first:", renew, "token length:", len(sessions.Token(r.Context())))
	}))
	for _, renew = range []bool{false, true} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/login", nil))
		fmt.Println("cookie length:", len(w.Result().Cookies()[0].Value))
	}
}
EOF
go mod init finding 2>go.log
go get github.com/alexedwards/scs/v2@v2.9.0 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
renew first: false token length: 0
cookie length: 43
renew first: true token length: 43
cookie length: 43
EOF
