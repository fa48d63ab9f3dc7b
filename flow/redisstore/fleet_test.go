package redisstore_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// verb is a form of the login page.
type verb struct {
	name     string
	op       mfa.Op
	messages int // that one post sends
	state    flow.State
	after    mfa.Action // when nobody knows whether it acted

	// prepare brings a new user to the form.
	prepare func(s *site, address string) (*flow.Step, click)
}

var verbs = []verb{
	{"submit", mfa.OpVerifyOOB, 0, flow.StateDone, mfa.ActionResend, func(s *site, address string) (*flow.Step, click) {
		step := s.begin(mfatest.User{Email: address, EmailVerified: true})
		code, sent := s.tenant.LastCode(address)
		require.True(s.t, sent)
		return step, click{Code: code}
	}},
	{"resend", mfa.OpChallenge, 1, flow.StateEnterCode, mfa.ActionCheckInbox, func(s *site, address string) (*flow.Step, click) {
		return s.begin(mfatest.User{Email: address, EmailVerified: true}), click{}
	}},
	{"choose", mfa.OpChallenge, 1, flow.StateEnterCode, mfa.ActionCheckInbox, func(s *site, address string) (*flow.Step, click) {
		step := s.begin(mfatest.User{Email: address, Authenticators: []mfatest.Authenticator{
			{Factor: mfa.FactorEmail, Address: address, Active: true},
			{Factor: mfa.FactorEmail, Address: "2" + address, Active: true},
		}})
		return step, click{Choice: step.Authenticators()[0].ID}
	}},
	{"enroll", mfa.OpAssociate, 1, flow.StateEnterCode, mfa.ActionCheckInbox, func(s *site, address string) (*flow.Step, click) {
		return s.begin(mfatest.User{Email: address}), click{Address: address}
	}},
	{"poll", mfa.OpPollPush, 0, flow.StateDone, mfa.ActionRetryLater, func(s *site, address string) (*flow.Step, click) {
		step := s.begin(mfatest.User{Email: address, Authenticators: []mfatest.Authenticator{{Factor: mfa.FactorPush, Active: true}}})
		if step.State() == flow.StateChoose {
			require.NoError(s.t, step.Choose(s.t.Context(), step.Authenticators()[0].ID))
		}
		s.tenant.ApprovePush(address)
		return step, click{}
	}},
}

// begin logs a new user in, up to the second factor.
func (s *site) begin(user mfatest.User) *flow.Step {
	s.t.Helper()
	user.Password = "correct horse"
	s.tenant.AddUser(user)
	client := s.tenant.Client()
	_, loginErr := client.PasswordLogin(s.t.Context(), mfa.PasswordLoginRequest{Username: user.Email, Password: mfa.NewSecret(user.Password)})
	step, err := s.flow.Begin(s.t.Context(), loginErr)
	require.NoError(s.t, err)
	return step
}

// form brings a new user to the form of the verb.
func (s *site) form(v verb) click {
	s.t.Helper()
	s.users++
	step, c := v.prepare(s, fmt.Sprintf("user%d@example.com", s.users))
	sealed, err := s.begins.Seal(step, session)
	require.NoError(s.t, err)
	c.Verb, c.Sealed = v.name, sealed
	return c
}

// However many clicks meet however many processes, one request goes to Auth0, and every
// browser gets its result.
func TestFleet_makesOneRequest_howeverManyClick(t *testing.T) {
	t.Parallel()
	s := newSite(t, 4)
	rounds := 10
	if *full {
		rounds = 1000
	}
	for round := range rounds {
		v := verbs[round%len(verbs)]
		c := s.form(v)
		before := s.counts(v.op)
		clicks := 2 + 48*round/max(1, rounds-1) // 2 to 50

		pages := make([]<-chan page, clicks)
		for i := range pages {
			pages[i] = s.processes[(round+i)%len(s.processes)].post(c)
		}
		var first page
		for i := range pages {
			got := s.processes[(round+i)%len(s.processes)].get(pages[i])
			require.Empty(t, got.Problem, "round %d: %s", round, v.name)
			require.Equal(t, v.state.String(), got.State, "round %d: %s", round, v.name)
			require.Equal(t, v.state == flow.StateDone, got.Token != "")
			got.Sealed = "" // each has a salt of its own
			if i == 0 {
				first = got
			}
			require.Equal(t, first, got, "round %d: %s", round, v.name)
		}
		// The browser has lost all of that, and posts again.
		late := s.processes[(round+1)%len(s.processes)]
		got := late.get(late.post(c))
		got.Sealed = ""
		require.Equal(t, first, got, "round %d: %s", round, v.name)

		after := s.counts(v.op)
		require.Equal(t, counts{before.requests + 1, before.messages + v.messages}, after, "round %d: %s, %d clicks", round, v.name, clicks)
	}
	t.Logf("%d rounds of 2 to 50 clicks at 4 processes: each was one request", rounds)
}

// Two codes at once with one seal: one of them is asked, and the other one learns nothing.
func TestFleet_refusesAnotherUse(t *testing.T) {
	t.Parallel()
	s := newSite(t, 2)
	rounds := 5
	if *full {
		rounds = 100
	}
	for round := range rounds {
		right := s.form(verbs[0])
		wrong := right
		wrong.Code = "000000"
		if right.Code == wrong.Code {
			wrong.Code = "000001"
		}
		before := s.counts(mfa.OpVerifyOOB)
		a, b := s.processes[round%2], s.processes[1-round%2]
		pages := []<-chan page{a.post(right), b.post(wrong)}
		ok, no := a.get(pages[0]), b.get(pages[1])

		assert.Empty(t, no.Token)
		assert.Equal(t, before.requests+1, s.counts(mfa.OpVerifyOOB).requests)
		if ok.Token == "" { // the wrong one came first
			assert.True(t, ok.Used, ok.Problem)
			assert.Equal(t, mfa.ActionAskAgain.String(), no.Action)
		} else {
			assert.True(t, no.Used, no.Problem)
		}
	}
}

// A process dies in the middle of a call. The other click ends within seconds and says what
// is known, and the user can go on.
func TestFleet_goesOn_whenAProcessDies(t *testing.T) {
	t.Parallel()
	for _, v := range verbs {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, 3)
			c := s.form(v)
			before := s.counts(v.op)
			s.tenant.Fail(mfatest.Fault{Op: v.op, Delay: time.Hour})

			dying, other, third := s.processes[0], s.processes[1], s.processes[2]
			dying.post(c)
			require.Eventually(t, func() bool { return s.counts(v.op).requests > before.requests }, 30*time.Second, time.Millisecond)
			pages := other.post(c)
			dying.kill()
			got := other.get(pages)

			assert.True(t, got.Unknown, got.Problem)
			assert.Equal(t, v.after.String(), got.Action)
			assert.Empty(t, got.Token)
			assert.Equal(t, before.requests+1, s.counts(v.op).requests, "nobody takes over")

			// The page has a new seal, and the user goes on with that.
			require.NotEmpty(t, got.Sealed)
			next := click{Sealed: got.Sealed, Verb: "resend"}
			switch v.name {
			case "submit":
				got = third.get(third.post(next))
				assert.Empty(t, got.Problem)
				assert.Equal(t, before.messages+1, s.counts(v.op).messages)
			case "resend": // the mail has not gone, so the code before it is good
				next.Verb = "submit"
				next.Code, _ = s.tenant.LastCode("user1@example.com")
				got = third.get(third.post(next))
				assert.Empty(t, got.Problem)
				assert.NotEmpty(t, got.Token)
			}
		})
	}
}
