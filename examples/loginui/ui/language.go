package ui

import (
	"cmp"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-auth0-mfa/mfa"
)

// language returns the text of a key in the language of a user.
type language func(key string) string

// language returns the texts in the language of the user of a request.
func (p *Pages) language(r *http.Request) language {
	return func(key string) string { return cmp.Or(p.c.App.Text(r, key), texts[key]) }
}

// isolated are the placeholders for what users or their devices are called.
var isolated = map[string]bool{"address": true, "email": true, "name": true, "phone": true}

// say returns a text with what its placeholders stand for: names and values in turn. A
// value that is HTML already stays as it is.
func (l language) say(key string, pairs ...any) (template.HTML, error) {
	text, err := l.fill(key, template.HTMLEscapeString, func(name string, value any) string {
		if ready, ok := value.(template.HTML); ok {
			return string(ready)
		}
		escaped := template.HTMLEscapeString(fmt.Sprint(value))
		if isolated[name] && escaped != "" {
			return "<strong><bdi>" + escaped + "</bdi></strong>"
		}
		return escaped
	}, pairs)
	return template.HTML(text), err //nolint:gosec // everything in it was escaped
}

// plain is say for what is no HTML.
func (l language) plain(key string, pairs ...any) (string, error) {
	return l.fill(key, func(text string) string { return text }, func(_ string, value any) string { return fmt.Sprint(value) }, pairs)
}

// fill writes a text, and between its parts the values.
func (l language) fill(key string, part func(string) string, value func(string, any) string, pairs []any) (string, error) {
	text := l(key)
	if _, ok := texts[key]; !ok || len(pairs)%2 != 0 {
		return "", fmt.Errorf("no text for %q and %d values", key, len(pairs))
	}
	var b strings.Builder
	for text != "" {
		before, rest, found := strings.Cut(text, "{")
		name, after, closed := strings.Cut(rest, "}")
		at := -1
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == any(name) {
				at = i + 1
			}
		}
		if !found || !closed || at < 0 { // a brace that is no placeholder
			b.WriteString(part(text))
			break
		}
		b.WriteString(part(before))
		b.WriteString(value(name, pairs[at]))
		text = after
	}
	return b.String(), nil
}

// duration writes seconds for people, as page.js does.
func (l language) duration(left int) string {
	var parts []string
	if minutes := left / 60; minutes > 0 {
		parts = append(parts, strings.ReplaceAll(l("time.minutes"), "{n}", strconv.Itoa(minutes)))
	}
	if rest := left % 60; rest > 0 || len(parts) == 0 {
		parts = append(parts, strings.ReplaceAll(l("time.seconds"), "{n}", strconv.Itoa(rest)))
	}
	return strings.Join(parts, " ")
}

// factor names a kind of authenticator.
func (l language) factor(f mfa.Factor) (template.HTML, error) {
	key := "factor." + string(f)
	if _, ok := texts[key]; !ok {
		key = "factor.other"
	}
	return l.say(key)
}
