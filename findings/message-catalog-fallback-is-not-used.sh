#!/usr/bin/env bash
# Software:  golang.org/x/text v0.44.0 with Go 1.26.8
#
# Expected:  A catalog made with Fallback(English) prints the English text where the
#            language of the printer has none.
# Behavior:  The printer shows the key. Fallback serves the Matcher of the catalog
#            alone: look-ups go from de-AT to de and then to the root language. Only
#            what is set for language.Und is found by all.
# Output:    two keys, of which one is not translated, in some languages, for a catalog
#            with English as Fallback and one with the same texts under Und.
# Why:       A text that was added in English last shows its key ("code.expired") to
#            everyone else, on a page that is seen when something went wrong.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

cat >main.go <<'EOF'
package main

import (
	"fmt"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"
)

func set(b *catalog.Builder, tag language.Tag, key, text string) {
	if err := b.SetString(tag, key, text); err != nil {
		panic(err)
	}
}

func main() {
	show("Fallback(English)", language.English)
	show("texts under Und", language.Und)
}

func show(name string, source language.Tag) {
	b := catalog.NewBuilder(catalog.Fallback(language.English))
	set(b, source, "code.title", "Enter your code")
	set(b, source, "code.expired", "The code has expired")
	set(b, language.German, "code.title", "Code eingeben")
	for _, tag := range []language.Tag{language.English, language.German, language.MustParse("de-AT"), language.French} {
		p := message.NewPrinter(tag, message.Catalog(b))
		fmt.Printf("%s, %s: %s | %s\n", name, tag, p.Sprintf("code.title"), p.Sprintf("code.expired"))
	}
}
EOF
go mod init finding 2>go.log
go get golang.org/x/text@v0.44.0 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
Fallback(English), en: Enter your code | The code has expired
Fallback(English), de: Code eingeben | code.expired
Fallback(English), de-AT: Code eingeben | code.expired
Fallback(English), fr: code.title | code.expired
texts under Und, en: Enter your code | The code has expired
texts under Und, de: Code eingeben | The code has expired
texts under Und, de-AT: Code eingeben | The code has expired
texts under Und, fr: Enter your code | The code has expired
EOF
