package contract

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

func TestError_meanings(t *testing.T) {
	t.Parallel()
	for _, m := range slices.Concat(wiretest.MFAErrors, wiretest.CodeErrors, wiretest.TokenErrors) {
		ops := m.Ops
		if ops == nil {
			ops = []mfa.Op{mfa.OpPasswordLogin}
		}
		for _, op := range ops {
			testMeaning(t, m, wiretest.Named(op))
		}
	}
}

func testMeaning(t *testing.T, m wiretest.ErrorCase, op wiretest.Operation) {
	for _, status := range m.Status {
		t.Run(fmt.Sprintf("%v/%d/%s/%.40s", op, status, m.Code, m.Text), func(t *testing.T) {
			t.Parallel()
			tenant := wiretest.NewTenant(t, wiretest.Refused(status, m.Code, m.Text))

			e, err := op.Fails(t, t.Context(), tenant.Client(t))

			wiretest.AssertMeans(t, err, m.Is...)
			assert.Equal(t, m.Next, mfa.NextAction(err))
			assert.Equal(t, m.Code, e.Code)
			assert.Equal(t, status, e.StatusCode)
			assert.Equal(t, mfa.DeliveryAnswered, e.Delivery)
			assert.Equal(t, m.Hint, e.Hint() != "")
			assert.Len(t, tenant.Requests(), 1)

			// In a fake of the caller's it means the same.
			byHand := &mfa.Error{Op: e.Op, StatusCode: status, Code: m.Code, Description: e.Description}
			wiretest.AssertMeans(t, byHand, m.Is...)
			assert.Equal(t, m.Next, mfa.NextAction(fmt.Errorf("login: %w", byHand)))
		})
	}
}
