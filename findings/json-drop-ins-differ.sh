#!/usr/bin/env bash
# Software:  github.com/segmentio/encoding v0.5.4 and github.com/json-iterator/go
#            v1.1.12 with Go 1.26.8, beside encoding/json and github.com/goccy/go-json
#            v0.12.0
#
# Expected:  A drop-in replacement of encoding/json writes the same bytes, as
#            goccy/go-json does.
# Behavior:  segmentio writes a time.Duration as a string. It and json-iterator ignore
#            omitzero and write the zero time. json-iterator empties a field for null,
#            which encoding/json leaves alone.
# Output:    one struct written, and one null read, by each, at the end of this script.
# Why:       Swapping the encoder for speed changes an API. "expires_in" is no number
#            any more, and an unset date is the year 1.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

cat >main.go <<'EOF'
package main

import (
	"encoding/json"
	"fmt"
	"time"

	goccy "github.com/goccy/go-json"
	iter "github.com/json-iterator/go"
	segmentio "github.com/segmentio/encoding/json"
)

type factor struct {
	Name    string        `json:"name"`
	Retry   time.Duration `json:"retry"`
	Expires time.Time     `json:"expires,omitzero"`
}

func main() {
	compatible := iter.ConfigCompatibleWithStandardLibrary
	for _, c := range []struct {
		name      string
		marshal   func(any) ([]byte, error)
		unmarshal func([]byte, any) error
	}{
		{"encoding/json", json.Marshal, json.Unmarshal},
		{"goccy/go-json", goccy.Marshal, goccy.Unmarshal},
		{"segmentio", segmentio.Marshal, segmentio.Unmarshal},
		{"json-iterator", compatible.Marshal, compatible.Unmarshal},
	} {
		text, err := c.marshal(factor{Name: "email", Retry: 30 * time.Second})
		fmt.Printf("%s: %s %v\n", c.name, text, err)
		f := factor{Name: "default"}
		err = c.unmarshal([]byte(`{"name":null}`), &f)
		fmt.Printf("%s: null over a default gives %q %v\n", c.name, f.Name, err)
	}
}
EOF
go mod init finding 2>go.log
go get github.com/segmentio/encoding@v0.5.4 github.com/json-iterator/go@v1.1.12 github.com/goccy/go-json@v0.12.0 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
encoding/json: {"name":"email","retry":30000000000} <nil>
encoding/json: null over a default gives "default" <nil>
goccy/go-json: {"name":"email","retry":30000000000} <nil>
goccy/go-json: null over a default gives "default" <nil>
segmentio: {"name":"email","retry":"30s","expires":"0001-01-01T00:00:00Z"} <nil>
segmentio: null over a default gives "default" <nil>
json-iterator: {"name":"email","retry":30000000000,"expires":"0001-01-01T00:00:00Z"} <nil>
json-iterator: null over a default gives "" <nil>
EOF
