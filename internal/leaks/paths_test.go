package leaks

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"text/template"

	"github.com/davecgh/go-spew/spew"
)

// paths are the ways in which a value gets into a log. Those that fail print
// their error, which gets there as well.
func paths() map[string]func(v any) string {
	all := map[string]func(v any) string{
		"Errorf": func(v any) string { return fmt.Errorf("call: %w %v", errorOf(v), v).Error() },
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
			slog.New(slog.NewTextHandler(&b, nil)).Info("call", "v", v)
			return b.String()
		},
		"slog JSON": func(v any) string {
			var b bytes.Buffer
			slog.New(slog.NewJSONHandler(&b, nil)).Info("call", "v", v)
			return b.String()
		},
		"template": func(v any) string {
			var b bytes.Buffer
			err := template.Must(template.New("").Parse(`{{.}} {{printf "%+v" .}}`)).Execute(&b, v)
			return fmt.Sprint(b.String(), err)
		},
		"spew": func(v any) string { return spew.Sdump(v) + spew.Sprintf("%#+v", v) },
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%p", "%T"} {
		all["fmt "+verb] = func(v any) string { return fmt.Sprintf(verb, v) }
	}
	return all
}

// errorOf returns v as an error, if it is one.
func errorOf(v any) error {
	err, _ := v.(error)
	return err
}

type (
	shown  struct{ V any }
	hidden struct{ v any }
)

// shapes returns v as it may stand in a caller's own values.
func shapes(v any) []any { return []any{v, shown{v}, hidden{v}, []any{v}, map[string]any{"v": v}} }
