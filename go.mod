module github.com/go-auth0-mfa/mfa

go 1.26
