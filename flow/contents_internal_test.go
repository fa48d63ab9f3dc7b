package flow

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// deflated returns contents as a sealer packs them, behind what a user typed.
func deflated(t testing.TB, typed, plain string) []byte {
	t.Helper()
	packed := bytes.NewBuffer(binary.AppendUvarint(nil, uint64(len(typed))))
	packed.WriteString(typed)
	w, err := flate.NewWriter(packed, flate.BestCompression)
	require.NoError(t, err)
	_, err = w.Write([]byte(plain))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return packed.Bytes()
}

// What comes out of a sealed step was put in by this package, of some version;
// but it is a step as a whole, or none.
func TestUnpack(t *testing.T) {
	t.Parallel()
	s, ok := unpack(deflated(t, "ada@example.com", `{"s":3,"f":"email","m":"t","e":true,"z":1,"of a newer version":[1]}`))
	require.True(t, ok)
	assert.Equal(t, StateEnterCode, s.State())
	assert.Equal(t, "***@exam*******", s.Destination())

	good := `{"s":2,"m":"t","a":[["id","oob","email","name"]],"c":1}`
	_, ok = unpack(deflated(t, "", good))
	require.True(t, ok)
	for name, packed := range map[string][]byte{
		"nothing":              nil,
		"endless length":       bytes.Repeat([]byte{0xff}, 20),
		"length beyond":        {5, 'a'},
		"largest length":       binary.AppendUvarint(nil, 1<<64-1),
		"nothing deflated":     {0},
		"not deflated":         append([]byte{0}, good...),
		"cut off":              deflated(t, "", good)[:20],
		"not JSON":             deflated(t, "", good+"}"),
		"empty":                deflated(t, "", ""),
		"no step":              deflated(t, "", `{}`),
		"no state":             deflated(t, "", `{"m":"t"}`),
		"negative state":       deflated(t, "", `{"s":-1,"m":"t"}`),
		"done":                 deflated(t, "", `{"s":5,"m":"t"}`),
		"newer state":          deflated(t, "", `{"s":6,"m":"t"}`),
		"no token":             deflated(t, "", `{"s":2}`),
		"challenged beyond":    deflated(t, "", strings.Replace(good, `"c":1`, `"c":2`, 1)),
		"challenged negative":  deflated(t, "", strings.Replace(good, `"c":1`, `"c":-1`, 1)),
		"inflates beyond":      deflated(t, "", good+strings.Repeat(" ", maxContents)),
		"inflates far beyond":  deflated(t, "", good+strings.Repeat(" ", 256<<10)),
		"another type":         deflated(t, "", `{"s":"2","m":"t"}`),
		"authenticator absent": deflated(t, "", `{"s":3,"m":"t","c":1}`),
	} {
		s, ok := unpack(packed)
		assert.False(t, ok, name)
		assert.Nil(t, s, name)
	}
	_, ok = unpack(deflated(t, "", good+strings.Repeat(" ", maxContents-len(good))))
	assert.True(t, ok)
}

// FuzzUnpack: no contents make a step that cannot be packed and unpacked again.
func FuzzUnpack(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"s":2,"m":"t"}`, `{"s":3,"f":"email","m":"t","e":true,"z":1}`, `{"s":4,"m":"t","a":[["id","oob","auth0",""]],"c":1,"i":5000}`, `{"s":1,"m":"\ud800"}`, `[`,
	} {
		f.Add(deflated(f, "", seed))
		f.Add(deflated(f, "ada@example.com", seed))
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, packed []byte) {
		s, ok := unpack(packed)
		if !ok {
			require.Nil(t, s)
			return
		}
		_ = s.Destination()
		if again, ok := new(Sealer).pack(s); ok {
			_, ok = unpack(again)
			require.True(t, ok)
		}
	})
}
