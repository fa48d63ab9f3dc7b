package leaks

import (
	"bytes"
	"fmt"
	htmltemplate "html/template"
	"log/slog"
	"maps"
	"strings"
	"text/template"
)

// printer returns what is printed of a value.
type printer func(v any) string

// paths are the ways in which a value gets into a log, a page or a file. Those that
// fail print their error, which gets there as well.
func paths() map[string]printer {
	all := standard()
	for _, more := range []map[string]printer{dumpers(), loggers(), comparisons()} {
		maps.Copy(all, more)
	}
	for name, c := range codecs() {
		all["codec "+name] = func(v any) string {
			data, err := c.encode(v)
			return fmt.Sprint(string(data), err)
		}
	}
	return all
}

// standard are those of the standard library.
func standard() map[string]printer {
	text := template.Must(template.New("").Parse(`{{.}} {{printf "%+v" .}} {{html .}} {{js .}} {{urlquery .}}`))
	page := htmltemplate.Must(htmltemplate.New("").Parse(`{{.}} <script>{{.}}</script><a href="{{.}}">`))
	all := map[string]printer{
		"fmt.Errorf": func(v any) string {
			format := "call: %w" // out of the sight of vet: not all are errors
			return fmt.Errorf(format, v).Error()
		},
		"fmt.Sprint": func(v any) string { return fmt.Sprint(v) + fmt.Sprintln("x", v) },
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
