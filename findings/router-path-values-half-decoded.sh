#!/usr/bin/env bash
# Software:  github.com/go-chi/chi/v5 v5.5.0, github.com/labstack/echo/v5 v5.4.5 and
#            github.com/gofiber/fiber/v3 v3.1.0 with Go 1.26.8, beside net/http
#
# Expected:  A value in a path is percent-decoded before the handler sees it, as
#            net/http and gorilla/mux do.
# Behavior:  chi and echo decode a value only if the whole path is written the way
#            net/url would write it. %7C (a pipe) and %20 are decoded, %40 (@), %3A (:)
#            and a lower-case %7c are not, and one of those leaves the others encoded
#            too. fiber decodes nothing unless UnescapePath is set.
# Output:    what each router hands to the handler, at the end of this script.
# Why:       The id "email|dev_1" works in every test, and the user "ada@example.com" or
#            the same id from a client that writes lower-case hex is not found.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

cat >main.go <<'EOF'
package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/go-chi/chi/v5"
	"github.com/gofiber/fiber/v3"
	"github.com/labstack/echo/v5"
)

func main() {
	std := http.NewServeMux()
	std.HandleFunc("GET /users/{id}", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.PathValue("id")) })
	c := chi.NewRouter()
	c.Get("/users/{id}", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, chi.URLParam(r, "id")) })
	e := echo.New()
	e.GET("/users/:id", func(c *echo.Context) error { return c.String(http.StatusOK, c.Param("id")) })
	f := fiber.New()
	f.Get("/users/:id", func(c fiber.Ctx) error { return c.SendString(c.Params("id")) })
	for _, id := range []string{"email%7Cdev_1", "email%7cdev_1", "ada%40example.com", "a%20b", "a%20b%40c"} {
		fmt.Printf("%-17s", id)
		for i, h := range []http.Handler{std, c, e} {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/users/"+id, nil))
			fmt.Printf(" %s=%s", []string{"net/http", "chi", "echo"}[i], w.Body)
		}
		resp, err := f.Test(httptest.NewRequest(http.MethodGet, "/users/"+id, nil))
		if err != nil {
			panic(err)
		}
		body, _ := io.ReadAll(resp.Body)
		fmt.Printf(" fiber=%s\n", body)
	}
}
EOF
go mod init finding 2>go.log
go get github.com/go-chi/chi/v5@v5.5.0 github.com/labstack/echo/v5@v5.4.5 github.com/gofiber/fiber/v3@v3.1.0 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
email%7Cdev_1     net/http=email|dev_1 chi=email|dev_1 echo=email|dev_1 fiber=email%7Cdev_1
email%7cdev_1     net/http=email|dev_1 chi=email%7cdev_1 echo=email%7cdev_1 fiber=email%7cdev_1
ada%40example.com net/http=ada@example.com chi=ada%40example.com echo=ada%40example.com fiber=ada%40example.com
a%20b             net/http=a b chi=a b echo=a b fiber=a%20b
a%20b%40c         net/http=a b@c chi=a%20b%40c echo=a%20b%40c fiber=a%20b%40c
EOF
