package leaks

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	htmltemplate "html/template"
	"log/slog"
	"strings"
	"text/template"

	"github.com/davecgh/go-spew/spew"
)

// paths are the ways in which a value gets into a log or a page. Those that
// fail print their error, which gets there as well.
func paths() map[string]func(v any) string {
	text := template.Must(template.New("").Parse(`{{.}} {{printf "%+v" .}} {{html .}} {{js .}} {{urlquery .}}`))
	page := htmltemplate.Must(htmltemplate.New("").Parse(`{{.}} <script>{{.}}</script><a href="{{.}}">`))
	all := map[string]func(v any) string{
		"fmt.Errorf": func(v any) string {
			format := "call: %w" // out of the sight of vet: not all are errors
			return fmt.Errorf(format, v).Error()
		},
		"fmt.Sprint": func(v any) string { return fmt.Sprint(v) + fmt.Sprintln("x", v) },
		"json": func(v any) string {
			raw, err := json.Marshal(v)
			return fmt.Sprint(string(raw), err)
		},
		"xml": func(v any) string {
			raw, err := xml.Marshal(v)
			return fmt.Sprint(string(raw), err)
		},
		"gob": func(v any) string {
			var b bytes.Buffer
			err := gob.NewEncoder(&b).Encode(v)
			return fmt.Sprint(b.String(), err)
		},
		"slog text": func(v any) string {
			var b bytes.Buffer
			slog.New(slog.NewTextHandler(&b, nil)).With("with", v).Info("call", "v", v, slog.Group("g", "v", v))
			return b.String()
		},
		"slog JSON": func(v any) string {
			var b bytes.Buffer
			slog.New(slog.NewJSONHandler(&b, nil)).With("with", v).Info("call", "v", v, slog.Group("g", "v", v))
			return b.String()
		},
		"text/template": func(v any) string {
			var b strings.Builder
			err := text.Execute(&b, v)
			return fmt.Sprint(b.String(), err)
		},
		"html/template": func(v any) string {
			var b strings.Builder
			err := page.Execute(&b, v)
			return fmt.Sprint(b.String(), err)
		},
		"spew": func(v any) string { return spew.Sdump(v) + spew.Sprintf("%#+v", v) },
	}
	for _, verb := range []string{
		"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%p", "%T", "%t", "%c", "%U", "%e", "% x", "%#q", "%+q", "%50.40v",
	} {
		all["fmt "+verb] = func(v any) string { return fmt.Sprintf(verb, v) }
	}
	return all
}

type (
	shown[T any]  struct{ V T }
	hidden[T any] struct{ v T }
)

// shapes returns v as it may stand in a caller's own values.
func shapes[T any](v T) []any {
	return []any{
		v, &v, shown[T]{v}, &shown[T]{v}, hidden[T]{v}, &hidden[T]{v}, shown[*T]{&v}, hidden[*T]{&v}, shown[any]{v}, hidden[any]{v},
		hidden[hidden[T]]{hidden[T]{v}}, []T{v}, [1]T{v}, map[string]T{"k": v}, map[string]any{"k": &v}, hidden[[]T]{[]T{v}}, hidden[map[string]T]{map[string]T{"k": v}},
	}
}
