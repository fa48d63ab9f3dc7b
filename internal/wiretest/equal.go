package wiretest

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-auth0-mfa/mfa"
)

// AssertEqual asserts that two pointers to results are equal, their secrets by [mfa.Secret.Equal].
// It makes equal secrets in got the very same ones, because assert.Equal compares the
// rest and takes secrets that were made apart for different. A failure prints none.
func AssertEqual(t *testing.T, want, got any) {
	t.Helper()
	if assert.IsType(t, want, got) {
		adoptSecrets(reflect.ValueOf(want).Elem(), reflect.ValueOf(got).Elem())
	}
	assert.Equal(t, want, got)
}

// adoptSecrets replaces the secrets of got that are equal to those of want.
func adoptSecrets(want, got reflect.Value) {
	secret, isSecret := reflect.TypeAssert[mfa.Secret](want)
	switch {
	case isSecret:
		if own, _ := reflect.TypeAssert[mfa.Secret](got); secret.Equal(own) {
			got.Set(want)
		}
	case want.Kind() == reflect.Struct:
		for i := range want.NumField() {
			if want.Type().Field(i).IsExported() {
				adoptSecrets(want.Field(i), got.Field(i))
			}
		}
	case want.Kind() == reflect.Slice:
		for i := range min(want.Len(), got.Len()) {
			adoptSecrets(want.Index(i), got.Index(i))
		}
	}
}
