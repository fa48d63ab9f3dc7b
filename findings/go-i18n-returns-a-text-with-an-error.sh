#!/usr/bin/env bash
# Software:  github.com/nicksnyder/go-i18n/v2 v2.7.0 with Go 1.26.8
#
# Expected:  A text that the user's language lacks is taken from the default language,
#            as for a user whose language has none at all. An error means that there is
#            no text.
# Behavior:  A user whose language is unknown gets the English text and no error. One
#            whose language lacks this text gets the same text with an error. A missing
#            plural form is an error too, beside the text of "other". Only a count of an
#            unsigned type is an error without a text.
# Output:    text, tag and error for some languages and counts, at the end of this
#            script.
# Why:       Code that returns on an error shows nothing, to the users of translated
#            languages alone. A test with an unknown language passes.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

cat >main.go <<'EOF'
package main

import (
	"fmt"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

func add(bundle *i18n.Bundle, tag language.Tag, messages ...*i18n.Message) {
	if err := bundle.AddMessages(tag, messages...); err != nil {
		panic(err)
	}
}

func main() {
	bundle := i18n.NewBundle(language.English)
	add(bundle, language.English,
		&i18n.Message{ID: "expired", Other: "The code has expired"},
		&i18n.Message{ID: "tries", One: "{{.PluralCount}} try left", Other: "{{.PluralCount}} tries left"})
	add(bundle, language.German, &i18n.Message{ID: "tries", Other: "noch {{.PluralCount}} Versuche"})
	for _, lang := range []string{"en", "fr", "de"} {
		localizer := i18n.NewLocalizer(bundle, lang)
		text, tag, err := localizer.LocalizeWithTag(&i18n.LocalizeConfig{MessageID: "expired"})
		fmt.Printf("%s expired: %q, tag %s, %v\n", lang, text, tag, err)
		for _, count := range []any{2, 1, uint(2)} {
			text, tag, err := localizer.LocalizeWithTag(&i18n.LocalizeConfig{MessageID: "tries", PluralCount: count})
			fmt.Printf("%s tries %T(%[2]v): %q, tag %s, %v\n", lang, count, text, tag, err)
		}
	}
}
EOF
go mod init finding 2>go.log
go get github.com/nicksnyder/go-i18n/v2@v2.7.0 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
en expired: "The code has expired", tag en, <nil>
en tries int(2): "2 tries left", tag en, <nil>
en tries int(1): "1 try left", tag en, <nil>
en tries uint(2): "", tag und, invalid plural count 0x2 for message id "tries": invalid type uint; expected integer or string
fr expired: "The code has expired", tag en, <nil>
fr tries int(2): "2 tries left", tag en, <nil>
fr tries int(1): "1 try left", tag en, <nil>
fr tries uint(2): "", tag und, invalid plural count 0x2 for message id "tries": invalid type uint; expected integer or string
de expired: "The code has expired", tag en, message "expired" not found in language "de"
de tries int(2): "noch 2 Versuche", tag de, <nil>
de tries int(1): "noch 1 Versuche", tag de, message "tries" has no plural form "one"
de tries uint(2): "", tag und, invalid plural count 0x2 for message id "tries": invalid type uint; expected integer or string
EOF
