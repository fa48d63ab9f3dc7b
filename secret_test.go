package mfa_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
)

func TestSecret(t *testing.T) {
	t.Parallel()
	secret, zero := mfa.NewSecret("hunter2"), mfa.Secret{}

	assert.Equal(t, "hunter2", secret.Reveal())
	assert.Empty(t, zero.Reveal())
	assert.False(t, secret.IsZero())
	assert.True(t, zero.IsZero())
	assert.Equal(t, zero, mfa.NewSecret(""))

	for _, tt := range []struct {
		secret mfa.Secret
		want   string
	}{{secret, "[REDACTED]"}, {zero, ""}} {
		assert.Equal(t, tt.want, tt.secret.String())
		assert.Equal(t, tt.want, tt.secret.GoString())
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10.3s", "%-5v"} {
			assert.Equal(t, tt.want, fmt.Sprintf(verb, tt.secret), verb)
			assert.Equal(t, tt.want, fmt.Sprintf(verb, &tt.secret), verb)
		}
		assert.Equal(t, tt.want, tt.secret.LogValue().String())
		assert.Equal(t, slog.KindString, tt.secret.LogValue().Kind())
		text, err := tt.secret.MarshalText()
		require.NoError(t, err)
		assert.Equal(t, tt.want, string(text))
		raw, err := json.Marshal(tt.secret)
		require.NoError(t, err)
		assert.Equal(t, `"`+tt.want+`"`, string(raw))
		type element struct{ S mfa.Secret }
		raw, err = xml.Marshal(element{tt.secret})
		require.NoError(t, err)
		assert.Contains(t, string(raw), "<S>"+tt.want+"</S>")
	}
}

func TestSecret_Equal(t *testing.T) {
	t.Parallel()
	assert.True(t, mfa.NewSecret("a").Equal(mfa.NewSecret("a")))
	assert.True(t, mfa.Secret{}.Equal(mfa.NewSecret("")))
	assert.False(t, mfa.NewSecret("a").Equal(mfa.NewSecret("b")))
	assert.False(t, mfa.NewSecret("a").Equal(mfa.NewSecret("ab")))
	assert.False(t, mfa.NewSecret("a").Equal(mfa.Secret{}))
	assert.False(t, mfa.Secret{}.Equal(mfa.NewSecret("a")))
}

func TestSecret_fromJSON(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{`"hunter2"`: "hunter2", `"h\u00fcnter \"2\"\n"`: "hünter \"2\"\n", `""`: "", `null`: ""} {
		got := struct{ S mfa.Secret }{mfa.NewSecret("old")}
		require.NoError(t, json.Unmarshal([]byte(`{"S":`+raw+`}`), &got), raw)
		assert.Equal(t, want, got.S.Reveal(), raw)
	}
	for _, raw := range []string{`"[REDACTED]"`, `"\u005bREDACTED]"`, `31337`, `true`, `{"hunter":2}`, `["hunter2"]`} {
		got := struct{ S mfa.Secret }{mfa.NewSecret("old")}
		err := json.Unmarshal([]byte(`{"S":`+raw+`}`), &got)
		require.Error(t, err, raw)
		assert.NotContains(t, err.Error(), "hunter")
		assert.NotContains(t, err.Error(), "31337")
		assert.Equal(t, "old", got.S.Reveal())
	}
	var s mfa.Secret
	for _, raw := range []string{``, `"`, `"\ud800"`, "\"\xff\"", `"a" "b"`, `nul`} {
		assert.Error(t, s.UnmarshalJSON([]byte(raw)), raw)
		assert.True(t, s.IsZero())
	}
}

func TestSecret_fromText(t *testing.T) {
	t.Parallel()
	var got struct {
		S mfa.Secret `xml:",attr"`
	}
	require.NoError(t, xml.Unmarshal([]byte(`<x S="hunter2"/>`), &got))
	assert.Equal(t, "hunter2", got.S.Reveal())
	assert.Error(t, xml.Unmarshal([]byte(`<x S="[REDACTED]"/>`), &got))
	require.NoError(t, got.S.UnmarshalText(nil))
	assert.True(t, got.S.IsZero())
}

// What was printed does not come back as if it were the value.
func TestSecret_roundTrip(t *testing.T) {
	t.Parallel()
	stored := mfa.Token{AccessToken: mfa.NewSecret("eyJ"), TokenType: "Bearer"}
	raw, err := json.Marshal(stored)
	require.NoError(t, err)
	var restored mfa.Token
	assert.Error(t, json.Unmarshal(raw, &restored))
	assert.True(t, restored.AccessToken.IsZero())
}

// What keeps values refuses to keep a secret, when it is written.
func TestSecret_inGob(t *testing.T) {
	t.Parallel()
	secret := mfa.NewSecret("hunter2")
	for _, v := range []any{secret, &secret, mfa.Token{AccessToken: secret}, &mfa.RequiredError{MFAToken: secret}, map[string]mfa.Secret{"k": secret}, []mfa.Secret{secret}} {
		var b bytes.Buffer
		err := gob.NewEncoder(&b).Encode(v)
		require.ErrorContains(t, err, "Reveal", "%T: what to do instead", v)
		assert.NotContains(t, b.String()+err.Error(), "hunter2")
	}
	require.Error(t, secret.UnmarshalBinary([]byte("hunter3")))
	assert.Equal(t, "hunter2", secret.Reveal())

	// There is nothing in a zero one.
	var b bytes.Buffer
	require.NoError(t, gob.NewEncoder(&b).Encode(mfa.Token{TokenType: "Bearer"}))
	var token mfa.Token
	require.NoError(t, gob.NewDecoder(&b).Decode(&token))
	assert.Equal(t, mfa.Token{TokenType: "Bearer"}, token)
}

// A secret is equal to its copies for reflect.DeepEqual too, but only to these.
func TestSecret_deepEqual(t *testing.T) {
	t.Parallel()
	one, other := mfa.NewSecret("hunter2"), mfa.NewSecret("hunter2")
	copied := one
	assert.True(t, reflect.DeepEqual(mfa.Token{AccessToken: one}, mfa.Token{AccessToken: copied}))
	assert.True(t, reflect.DeepEqual(mfa.Token{}, mfa.Token{AccessToken: mfa.NewSecret("")}))
	assert.False(t, reflect.DeepEqual(one, other))
	assert.False(t, reflect.TypeFor[mfa.Secret]().Comparable(), "== would compare addresses")
}
