package transport

import (
	"net/http"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Every attempt has a copy of one request of resty's. The copies must not have
// a map in common, which one user's call could fill for the next.
func TestSender_copiesShareNoMap(t *testing.T) {
	t.Parallel()
	blank := reflect.ValueOf(newSender(new(http.Client), "https", "tenant.example").blank)
	maps := 0
	for _, field := range reflect.VisibleFields(blank.Type()) {
		if field.Type.Kind() == reflect.Map {
			maps++
			assert.True(t, blank.FieldByIndex(field.Index).IsNil(), field.Name)
		}
	}
	assert.Positive(t, maps)
}
