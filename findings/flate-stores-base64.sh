#!/usr/bin/env bash
# Software:  compress/flate and compress/gzip of Go 1.27.3, beside Go 1.26.8
#
# Expected:  Base64 holds 6 bits in each byte and hex holds 4, so DEFLATE shrinks random
#            data in either form to about 77 % and 51 %, at every level but 0.
# Behavior:  With Go 1.27 levels 1 to 6, the default level and gzip store a kilobyte or
#            two of either form without any compression. Levels 7 to 9 and HuffmanOnly
#            (-2) compress as before.
# Output:    percent of the input for each level, at the end of this script.
# Why:       Tokens and sealed cookies are base64. A value that just fitted into a
#            cookie of 4,096 bytes no longer fits after the toolchain is upgraded.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

cat >main.go <<'EOF'
package main

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"runtime"
)

func main() {
	raw := make([]byte, 1000)
	rand.NewChaCha8([32]byte{1}).Read(raw)
	for _, in := range []struct{ name, text string }{
		{"base64", base64.RawURLEncoding.EncodeToString(raw)},
		{"hex", hex.EncodeToString(raw)},
	} {
		fmt.Printf("%s %s:", runtime.Version(), in.name)
		for level := flate.HuffmanOnly; level <= flate.BestCompression; level++ {
			var out bytes.Buffer
			w, _ := flate.NewWriter(&out, level)
			w.Write([]byte(in.text))
			w.Close()
			fmt.Printf(" %d=%d%%", level, out.Len()*100/len(in.text))
		}
		var out bytes.Buffer
		w := gzip.NewWriter(&out)
		w.Write([]byte(in.text))
		w.Close()
		fmt.Printf(" gzip=%d%%\n", out.Len()*100/len(in.text))
	}
}
EOF
go mod init finding 2>go.log
for release in go1.26.8 go1.27.3; do GOTOOLCHAIN=$release go run .; done >actual

diff -u --label expected --label actual - actual <<'EOF'
go1.26.8 base64: -2=77% -1=77% 0=100% 1=77% 2=77% 3=77% 4=77% 5=77% 6=77% 7=77% 8=77% 9=77% gzip=78%
go1.26.8 hex: -2=51% -1=52% 0=100% 1=51% 2=52% 3=52% 4=52% 5=52% 6=52% 7=52% 8=52% 9=52% gzip=53%
go1.27.3 base64: -2=77% -1=100% 0=100% 1=100% 2=100% 3=100% 4=100% 5=100% 6=100% 7=77% 8=77% 9=77% gzip=101%
go1.27.3 hex: -2=51% -1=100% 0=100% 1=100% 2=100% 3=100% 4=100% 5=100% 6=100% 7=51% 8=51% 9=51% gzip=101%
EOF
