package live

import (
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

// refusing is a transport that nothing may reach.
type refusing struct{ t *testing.T }

func (r refusing) RoundTrip(*http.Request) (*http.Response, error) {
	r.t.Error("something was sent")
	return nil, errors.New("refused")
}

// No check has to be right for the user's authenticators to be safe.
func TestSession_remove_refusesWhatIsNotItsOwn(t *testing.T) {
	t.Parallel()
	users, other, own := "email|dev_AAAAAAAAAAAAAAAA", "totp|dev_BBBBBBBBBBBBBBBB", "email|dev_CCCCCCCCCCCCCCCC"
	s := &session{Settings: Settings{HTTPClient: &http.Client{Transport: refusing{t}}}, made: []string{own, users}}
	for _, id := range []string{own, nobody} {
		_, err := s.remove(t.Context(), "token", id)
		assert.Error(t, err, "it is not known what the user had")
	}
	s.before = []enrolled{{ID: users}, {ID: nobody}}
	for _, id := range []string{users, other, nobody, ""} {
		_, err := s.remove(t.Context(), "token", id)
		assert.Error(t, err, id)
	}
}

func TestSession_mail_hasALimit(t *testing.T) {
	t.Parallel()
	s := &session{}
	for range MaxMails {
		assert.NoError(t, s.mail())
	}
	assert.Error(t, s.mail())
	assert.Equal(t, MaxMails, s.mails)
}

func TestSession_mayMake(t *testing.T) {
	t.Parallel()
	s := &session{access: "token", before: []enrolled{}}
	assert.NoError(t, s.mayMake("totp"))
	for why, refused := range map[string]*session{
		"unknown what the user had": {access: "token"},
		"nothing deletes":           {before: []enrolled{}},
		"the user has the same":     {access: "token", before: []enrolled{{ID: "totp|dev_A"}}},
		"the user has its twin":     {access: "token", before: []enrolled{{ID: "push|dev_A"}}},
	} {
		assert.Error(t, refused.mayMake("totp"), why)
	}
	s.before = []enrolled{{ID: "push|dev_A"}}
	assert.NoError(t, s.mayMake("email"))
}
