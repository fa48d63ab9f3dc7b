package leaks

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/bytedance/sonic"
	"github.com/fxamacker/cbor/v2"
	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-viper/mapstructure/v2"
	gojson "github.com/goccy/go-json"
	goyaml "github.com/goccy/go-yaml"
	jsoniter "github.com/json-iterator/go"
	pelletier "github.com/pelletier/go-toml/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmihailenco/msgpack/v5"
	"go.yaml.in/yaml/v3"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

// codec is a way to write a value and to read it again.
type codec struct {
	encode func(v any) ([]byte, error)
	decode func(data []byte, v any) error
}

// codecs are what sessions, caches, queues and files are written with.
func codecs() map[string]codec {
	api := jsoniter.ConfigCompatibleWithStandardLibrary
	return map[string]codec{
		"json":           {json.Marshal, json.Unmarshal},
		"json v2":        {func(v any) ([]byte, error) { return jsonv2.Marshal(v) }, func(data []byte, v any) error { return jsonv2.Unmarshal(data, v) }},
		"xml":            {xml.Marshal, xml.Unmarshal},
		"gob":            {gobEncode, func(data []byte, v any) error { return gob.NewDecoder(bytes.NewReader(data)).Decode(v) }},
		"yaml v3":        {yamlEncode, yaml.Unmarshal},
		"goccy/go-yaml":  {goyaml.Marshal, goyaml.Unmarshal},
		"BurntSushi":     {tomlEncode, toml.Unmarshal},
		"pelletier v2":   {pelletier.Marshal, pelletier.Unmarshal},
		"msgpack":        {msgpack.Marshal, msgpack.Unmarshal},
		"cbor":           {cbor.Marshal, cbor.Unmarshal},
		"sonic":          {sonic.Marshal, sonic.Unmarshal},
		"sonic, fastest": {sonic.ConfigFastest.Marshal, sonic.ConfigFastest.Unmarshal},
		"goccy/go-json":  {gojson.Marshal, gojson.Unmarshal},
		"json-iterator":  {api.Marshal, api.Unmarshal},
		"jsoniter, fast": {jsoniter.ConfigFastest.Marshal, jsoniter.ConfigFastest.Unmarshal},
		"mapstructure":   {mapEncode, mapDecode},
	}
}

func gobEncode(v any) ([]byte, error) {
	var b bytes.Buffer
	err := gob.NewEncoder(&b).Encode(v)
	return b.Bytes(), err
}

// yamlEncode panics no more than the others do: yaml does for a func.
func yamlEncode(v any) (data []byte, err error) {
	defer func() {
		if stop := recover(); stop != nil {
			err = fmt.Errorf("yaml: %v", stop)
		}
	}()
	return yaml.Marshal(v)
}

func tomlEncode(v any) ([]byte, error) {
	var b bytes.Buffer
	err := toml.NewEncoder(&b).Encode(v)
	return b.Bytes(), err
}

// mapEncode writes the map that mapstructure makes of a struct.
func mapEncode(v any) ([]byte, error) {
	var m map[string]any
	if err := mapstructure.Decode(v, &m); err != nil {
		return nil, err
	}
	return json.Marshal(m)
}

func mapDecode(data []byte, v any) error {
	var m map[string]any
	return errors.Join(json.Unmarshal(data, &m), mapstructure.Decode(m, v))
}

// session is what a program might keep of a login.
type session struct {
	User    string
	Token   mfa.Secret
	Refresh *mfa.Secret
	Codes   []mfa.Secret
	Named   map[string]mfa.Secret
}

// What is written holds no secret, and what is read from it is never used as one: a
// codec refuses to write it, or to read it, or it reads nothing.
func TestCodecs_neverKeepASecret(t *testing.T) {
	t.Parallel()
	secret := mfa.NewSecret(canary)
	for name, c := range codecs() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, kept := range []any{
				session{User: "ada", Token: secret}, session{User: "ada", Refresh: &secret}, session{User: "ada", Codes: []mfa.Secret{secret}},
				session{User: "ada", Named: map[string]mfa.Secret{"k": secret}}, mfa.Token{AccessToken: secret, TokenType: "Bearer"},
			} {
				data, err := c.encode(kept)
				require.False(t, shows(string(data)), "%T", kept)
				if err != nil {
					require.False(t, shows(err.Error()), "%T", kept)
					continue
				}
				var got session
				if c.decode(data, &got) != nil {
					continue
				}
				secrets := append([]mfa.Secret{got.Token, got.Named["k"]}, got.Codes...)
				if got.Refresh != nil {
					secrets = append(secrets, *got.Refresh)
				}
				for _, s := range secrets {
					assert.True(t, s.IsZero(), "%T", kept)
				}
			}
		})
	}
}

// A codec that writes what it can reads it again, so the test above can fail.
func TestCodecs_keepAString(t *testing.T) {
	t.Parallel()
	type plain struct{ User, Token string }
	for name, c := range codecs() {
		data, err := c.encode(plain{"ada", canary})
		require.NoError(t, err, name)
		var got plain
		require.NoError(t, c.decode(data, &got), name)
		assert.Equal(t, plain{"ada", canary}, got, name)
	}
}

// A step is refused when it is written, or nothing of it is.
func TestCodecs_refuseAStep(t *testing.T) {
	t.Parallel()
	type kept struct{ Step *flow.Step }
	step := newEnrolling(t)
	for name, c := range codecs() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, v := range []any{kept{step}, struct{ Step flow.Step }{*step}} {
				data, err := c.encode(v)
				require.False(t, shows(string(data)))
				if name != "mapstructure" { // it makes a map of exported fields, of which there is none
					require.Error(t, err, "%T", v)
				}
			}
		})
	}
}
