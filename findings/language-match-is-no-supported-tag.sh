#!/usr/bin/env bash
# Software:  golang.org/x/text v0.44.0 with Go 1.26.8
#
# Expected:  Match returns one of the tags that the matcher was made of.
# Behavior:  The region that the user asked for is added to it as an extension: the tag
#            for en-US is en-u-rg-uszzzz. It equals no supported tag and is no key of a
#            map of them. A header that names a supported tag as it is ("de", or
#            "en-GB,en") returns that tag. Only the index beside it is always right.
# Output:    tag and map look-ups for some Accept-Language headers, at the end of this
#            script.
# Why:       A test with "de" passes. For a browser that sends "de-AT" or "en-US", a map
#            of page texts holds nothing, and the lang attribute of the page reads
#            de-u-rg-atzzzz.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

cat >main.go <<'EOF'
package main

import (
	"fmt"
	"os"

	"golang.org/x/text/language"
)

func main() {
	supported := []language.Tag{language.English, language.German, language.EuropeanPortuguese}
	titles := map[language.Tag]string{
		language.English:            "Enter your code",
		language.German:             "Code eingeben",
		language.EuropeanPortuguese: "Introduza o código",
	}
	matcher := language.NewMatcher(supported)
	for _, header := range os.Args[1:] {
		tag, i := language.MatchStrings(matcher, header)
		fmt.Printf("%s: %s, map[tag] %q, map[supported[index]] %q\n", header, tag, titles[tag], titles[supported[i]])
	}
}
EOF
go mod init finding 2>go.log
go get golang.org/x/text@v0.44.0 2>>go.log || { cat go.log; exit 1; }
go run . de de-AT de-DE en-US en-US,en en-GB,en pt-BR >actual

diff -u --label expected --label actual - actual <<'EOF'
de: de, map[tag] "Code eingeben", map[supported[index]] "Code eingeben"
de-AT: de-u-rg-atzzzz, map[tag] "", map[supported[index]] "Code eingeben"
de-DE: de-u-rg-dezzzz, map[tag] "", map[supported[index]] "Code eingeben"
en-US: en-u-rg-uszzzz, map[tag] "", map[supported[index]] "Enter your code"
en-US,en: en-u-rg-uszzzz, map[tag] "", map[supported[index]] "Enter your code"
en-GB,en: en, map[tag] "Enter your code", map[supported[index]] "Enter your code"
pt-BR: pt-PT-u-rg-brzzzz, map[tag] "", map[supported[index]] "Introduza o código"
EOF
