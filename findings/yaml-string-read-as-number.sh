#!/usr/bin/env bash
# Software:  github.com/goccy/go-yaml v1.19.2 with Go 1.26.8, read by go.yaml.in/yaml/v3
#            v3.0.5 and go.yaml.in/yaml/v4 v4.0.0
#
# Expected:  A string that a YAML reader would take for a number is quoted by the
#            writer.
# Behavior:  goccy/go-yaml does not quote digits with an exponent, such as 12e3. It
#            reads them back as the string they were; the other packages read a number.
# Output:    a string written by each and read by the others, at the end of this script.
# Why:       Ids and codes made of hex digits take this form now and then. In a
#            configuration written by one tool and read by another, such an id becomes a
#            number.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

cat >main.go <<'EOF'
package main

import (
	"fmt"

	goccy "github.com/goccy/go-yaml"
	v3 "go.yaml.in/yaml/v3"
	v4 "go.yaml.in/yaml/v4"
)

func main() {
	type codec struct {
		name      string
		marshal   func(any) ([]byte, error)
		unmarshal func([]byte, any) error
	}
	codecs := []codec{
		{"goccy", func(v any) ([]byte, error) { return goccy.Marshal(v) }, func(b []byte, v any) error { return goccy.Unmarshal(b, v) }},
		{"v3", v3.Marshal, v3.Unmarshal},
		{"v4", v4.Marshal, func(b []byte, v any) error { return v4.Unmarshal(b, v) }},
	}
	for _, id := range []string{"12e3", "1234"} {
		for _, w := range codecs {
			text, err := w.marshal(map[string]string{"id": id})
			fmt.Printf("%s writes %q %v\n", w.name, text, err)
			for _, r := range codecs {
				var got map[string]any
				err := r.unmarshal(text, &got)
				fmt.Printf("    %s reads %T %v %v\n", r.name, got["id"], got["id"], err)
			}
		}
	}
}
EOF
go mod init finding 2>go.log
go get github.com/goccy/go-yaml@v1.19.2 go.yaml.in/yaml/v3@v3.0.5 go.yaml.in/yaml/v4@v4.0.0 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
goccy writes "id: 12e3\n" <nil>
    goccy reads string 12e3 <nil>
    v3 reads float64 12000 <nil>
    v4 reads float64 12000 <nil>
v3 writes "id: \"12e3\"\n" <nil>
    goccy reads string 12e3 <nil>
    v3 reads string 12e3 <nil>
    v4 reads string 12e3 <nil>
v4 writes "id: \"12e3\"\n" <nil>
    goccy reads string 12e3 <nil>
    v3 reads string 12e3 <nil>
    v4 reads string 12e3 <nil>
goccy writes "id: \"1234\"\n" <nil>
    goccy reads string 1234 <nil>
    v3 reads string 1234 <nil>
    v4 reads string 1234 <nil>
v3 writes "id: \"1234\"\n" <nil>
    goccy reads string 1234 <nil>
    v3 reads string 1234 <nil>
    v4 reads string 1234 <nil>
v4 writes "id: \"1234\"\n" <nil>
    goccy reads string 1234 <nil>
    v3 reads string 1234 <nil>
    v4 reads string 1234 <nil>
EOF
