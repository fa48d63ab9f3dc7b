#!/usr/bin/env bash
# Software:  github.com/zitadel/oidc/v3 v3.52.0 with Go 1.26.8, beside
#            golang.org/x/oauth2 v0.38.0
#
# Expected:  A token response without expires_in, which RFC 6749 only recommends, says
#            nothing about the lifetime: the token is used until it is refused.
# Behavior:  CallTokenEndpoint, and with it RefreshTokens, returns an oauth2.Token whose
#            Expiry is the current time, so that Valid is false at once. The type is the
#            one of x/oauth2, where a zero Expiry means that it is not known; x/oauth2
#            leaves it zero. The code exchange of zitadel/oidc goes through x/oauth2, so
#            the same response of one provider is valid after a login, and expired after
#            a refresh.
# Output:    the token for each response, at the end of this script.
# Why:       A client that refreshes what is not Valid refreshes before every call.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

cat >main.go <<'EOF'
package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	zitadel "github.com/zitadel/oidc/v3/pkg/client"
	"github.com/zitadel/oidc/v3/pkg/client/rp"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"golang.org/x/oauth2"
)

type endpoint string

func (e endpoint) TokenEndpoint() string    { return string(e) }
func (e endpoint) HttpClient() *http.Client { return http.DefaultClient }

func main() {
	var body string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, body)
	}))
	defer server.Close()
	ctx := context.Background()
	config := &oauth2.Config{ClientID: "app", Endpoint: oauth2.Endpoint{TokenURL: server.URL, AuthStyle: oauth2.AuthStyleInParams}}
	party, err := rp.NewRelyingPartyOAuth(config)
	if err != nil {
		panic(err)
	}
	show := func(token *oauth2.Token, err error) string {
		if err != nil {
			return "refused"
		}
		return fmt.Sprintf("valid %t, expiry known %t", token.Valid(), !token.Expiry.IsZero())
	}
	for _, expires := range []string{`,"expires_in":3600`, ``, `,"expires_in":null`} {
		body = `{"access_token":"eyJ0","token_type":"Bearer"` + expires + `}`
		called, errCalled := zitadel.CallTokenEndpoint(ctx, &struct {
			Grant string `schema:"grant_type"`
		}{"password"}, endpoint(server.URL))
		refreshed, errRefreshed := rp.RefreshTokens[*oidc.IDTokenClaims](ctx, party, "v1.r", "", "")
		exchanged, errExchanged := rp.CodeExchange[*oidc.IDTokenClaims](ctx, "code", party)
		for err := range map[error]bool{errCalled: true, errRefreshed: true, errExchanged: true} {
			if err != nil {
				panic(err)
			}
		}
		source, errSource := config.TokenSource(ctx, &oauth2.Token{RefreshToken: "v1.r"}).Token()
		fmt.Printf("%q\n  zitadel, call: %s\n  zitadel, refresh: %s\n  zitadel, code: %s\n  x/oauth2, refresh: %s\n", expires,
			show(called, nil), show(refreshed.Token, nil), show(exchanged.Token, nil), show(source, errSource))
	}
}
EOF
go mod init finding 2>go.log
go get github.com/zitadel/oidc/v3@v3.52.0 golang.org/x/oauth2@v0.38.0 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
",\"expires_in\":3600"
  zitadel, call: valid true, expiry known true
  zitadel, refresh: valid true, expiry known true
  zitadel, code: valid true, expiry known true
  x/oauth2, refresh: valid true, expiry known true
""
  zitadel, call: valid false, expiry known true
  zitadel, refresh: valid false, expiry known true
  zitadel, code: valid true, expiry known false
  x/oauth2, refresh: valid true, expiry known false
",\"expires_in\":null"
  zitadel, call: valid false, expiry known true
  zitadel, refresh: valid false, expiry known true
  zitadel, code: valid true, expiry known false
  x/oauth2, refresh: valid true, expiry known false
EOF
