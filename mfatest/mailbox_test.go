package mfatest_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/go-auth0-mfa/mfa/mfatest"
)

func TestTenant_Messages(t *testing.T) {
	t.Parallel()
	a := newAPI(t, []mfatest.User{{Email: "carol@example.com", Password: password}})
	token := a.mfaToken("carol@example.com")
	for _, address := range []string{"new@example.org", ada, "NEW@example.org"} {
		a.associateEmail(token, address)
		a.tenant.Advance(time.Second)
	}
	a.associate(token, `{"authenticator_types":["oob"],"oob_channels":["sms"],"phone_number":"+12025550142"}`)

	messages := a.tenant.Messages()
	var to []string
	for _, m := range messages {
		to = append(to, m.To)
	}
	assert.Equal(t, []string{"new@example.org", ada, "NEW@example.org", "+12025550142"}, to)
	assert.True(t, slices.IsSortedFunc(messages, func(a, b mfatest.Message) int { return a.SentAt.Compare(b.SentAt) }))
	assert.Equal(t, []mfatest.Message{messages[0], messages[2]}, a.tenant.Inbox("New@Example.org"))
	messages[0].Code = "changed"
	assert.NotEqual(t, messages[0], a.tenant.Messages()[0])
}
