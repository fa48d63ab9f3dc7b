package mfatest

import (
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"unicode/utf8"
)

// maxBody is how much of a body the tenant reads.
const maxBody = 1 << 20

// params are the parameters of a request body: text from a form, anything from
// JSON. A field that a form repeats is a list.
type params map[string]any

// parseBody reads a body by its content type. One that the service does not
// know leaves the request without parameters. What it answers to a body that
// is broken is not documented.
func parseBody(header http.Header, body []byte) (params, *answer) {
	broken := refuse(http.StatusBadRequest, "invalid_request", "The request body could not be parsed")
	mediaType, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	p := params{}
	switch mediaType {
	case "application/json":
		// The standard library would replace what is not UTF-8 and go on.
		if !utf8.Valid(body) || len(body) > 0 && json.Unmarshal(body, &p) != nil {
			return params{}, &broken
		}
	case "application/x-www-form-urlencoded":
		values, err := url.ParseQuery(string(body))
		if err != nil {
			return params{}, &broken
		}
		for name, all := range values {
			p[name] = all[0]
			if len(all) > 1 {
				p[name] = all
			}
		}
	}
	return p, nil
}

// text returns a parameter, "" if it is missing or not text.
func (p params) text(name string) string {
	s, _ := p[name].(string)
	return s
}

// list returns a parameter that is a list of text, or one text alone.
func (p params) list(name string) []string {
	switch v := p[name].(type) {
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, element := range v {
			s, ok := element.(string)
			if !ok {
				return nil
			}
			all = append(all, s)
		}
		return all
	default:
		return nil
	}
}

// check refuses parameters that are not text, and then missing ones.
func (p params) check(required ...string) *answer {
	var wrong []string
	for name, v := range p {
		if _, ok := v.(string); !ok && v != nil {
			wrong = append(wrong, name)
		}
	}
	if len(wrong) > 0 {
		return notText(slices.Min(wrong))
	}
	for _, name := range required {
		if p.text(name) == "" {
			return missing(name)
		}
	}
	return nil
}
