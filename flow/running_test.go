package flow_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

// login begins a login of the user with an mfa_token of its own.
func (s *sharing) login(token string, opts ...flow.BeginOption) *flow.Step {
	s.t.Helper()
	step, err := s.flow.Begin(s.t.Context(), required(token), opts...)
	require.NoError(s.t, err)
	return step
}

var mailed = []string{"list authenticators", "challenge"}

// Four clicks on the password form send one mail, and each gets a step of its own.
func TestUser_oneMail_howeverManyBegin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSharing(t, list(email1), flow.NewMemoryStore())
		var wg sync.WaitGroup
		var mu sync.Mutex
		ids := map[string]bool{}
		for range 8 {
			wg.Go(func() {
				step, err := s.flow.Begin(t.Context(), required("mfa-token"), flow.User("ada"))
				assert.NoError(t, err)
				assert.Equal(t, flow.StateEnterCode, step.State())
				mu.Lock()
				defer mu.Unlock()
				id, _ := flow.Identity(step)
				ids[id] = true
			})
		}
		wg.Wait()
		assert.Equal(t, mailed, s.calls())
		assert.Len(t, ids, 8)
	})
}

// A second login goes on with the code of the first, until that is as old as the resend
// interval.
func TestUser_goesOn(t *testing.T) {
	t.Parallel()
	s := newSharing(t, list(email1), flow.NewMemoryStore())
	first := s.login("first-token", flow.User("ada"))
	sealed := s.seal(first)
	assert.Equal(t, mailed, s.calls())
	s.advance(29 * time.Second)
	second := s.login("second-token", flow.User("ada"))
	assert.Empty(t, s.calls())
	assert.Equal(t, "first-token", flow.MFAToken(second).Reveal(), "the code belongs to it")
	assert.Equal(t, first.ResendAt(), second.ResendAt())
	assert.Equal(t, first.Destination(), second.Destination())
	id1, _ := flow.Identity(first)
	id2, _ := flow.Identity(second)
	assert.NotEqual(t, id1, id2)

	// Each has uses of its own.
	s.then("verify oob", refusal(403, "invalid_grant", "Invalid binding_code."))
	require.ErrorIs(t, submit("111111")(t.Context(), s.open(sealed)), mfa.ErrInvalidCode)
	other := s.open(s.seal(second))
	require.NoError(t, submit("123456")(t.Context(), other))
	s.calls()

	// The code is spent.
	third := s.login("third-token", flow.User("ada"))
	assert.Equal(t, mailed, s.calls())
	assert.Equal(t, "third-token", flow.MFAToken(third).Reveal())
	s.advance(30 * time.Second)
	assert.Equal(t, "fourth-token", flow.MFAToken(s.login("fourth-token", flow.User("ada"))).Reveal())
	assert.Equal(t, mailed, s.calls())
	s.advance(time.Hour)
	s.login("fifth-token", flow.User("ada"))
	assert.Equal(t, mailed, s.calls())
}

// After a wrong code, or another message, the newest one is gone on with.
func TestUser_goesOn_withTheNewestCode(t *testing.T) {
	t.Parallel()
	s := newSharing(t, list(email1), flow.NewMemoryStore(), flow.WithResendInterval(50*time.Second))
	step := s.open(s.seal(s.login("first-token", flow.User("ada"))))
	s.then("verify oob", refusal(403, "invalid_grant", "Invalid binding_code."))
	require.ErrorIs(t, submit("111111")(t.Context(), step), mfa.ErrInvalidCode)
	s.advance(50 * time.Second)
	require.NoError(t, s.open(s.seal(step)).Resend(t.Context()))
	s.advance(9 * time.Second) // within the minute of a result
	s.calls()
	other := s.login("second-token", flow.User("ada"))
	assert.Empty(t, s.calls())
	assert.Equal(t, 9, other.AttemptsLeft())
	assert.Equal(t, s.clock().Add(41*time.Second), other.ResendAt())
}

// Nobody gets into the step of another user, nor into that of another login of the same
// user.
func TestUser_neverAcrossUsers(t *testing.T) {
	t.Parallel()
	client := func(t *testing.T, domain, id string) *mfa.Client {
		t.Helper()
		c, err := mfa.NewClient(domain, id, mfa.WithHTTPClient(&http.Client{Transport: roundTripper(func(*http.Request) reply {
			return reply{status: 403, body: `{"error":"mfa_required","mfa_token":"mfa-token"}`}
		})}))
		require.NoError(t, err)
		return c
	}
	login := func(t *testing.T, c *mfa.Client, change func(*mfa.PasswordLoginRequest)) error {
		t.Helper()
		req := mfa.PasswordLoginRequest{Username: "ada", Password: mfa.NewSecret("pw"), Realm: "r", Audience: "https://api", Scopes: []string{"openid", "email"}}
		change(&req)
		_, err := c.PasswordLogin(t.Context(), req)
		require.ErrorIs(t, err, mfa.ErrMFARequired)
		return err
	}
	same := func(*mfa.PasswordLoginRequest) {}
	for name, tt := range map[string]struct {
		user   string
		change func(*mfa.PasswordLoginRequest)
		goesOn bool
	}{
		"same":              {"ada", same, true},
		"scopes in order":   {"ada", func(r *mfa.PasswordLoginRequest) { r.Scopes = []string{"email", "openid"} }, true},
		"another password":  {"ada", func(r *mfa.PasswordLoginRequest) { r.Password = mfa.NewSecret("new") }, true},
		"another user":      {"bob", same, false},
		"another user name": {"ada", func(r *mfa.PasswordLoginRequest) { r.Username = "bob" }, false},
		"another realm":     {"ada", func(r *mfa.PasswordLoginRequest) { r.Realm = "other" }, false},
		"another audience":  {"ada", func(r *mfa.PasswordLoginRequest) { r.Audience = "https://other" }, false},
		"more scopes":       {"ada", func(r *mfa.PasswordLoginRequest) { r.Scopes = append(r.Scopes, "offline_access") }, false},
		"fewer scopes":      {"ada", func(r *mfa.PasswordLoginRequest) { r.Scopes = nil }, false},
	} {
		for how, previous := range map[string]bool{"User": false, "Previous": true} {
			t.Run(name+", "+how, func(t *testing.T) {
				t.Parallel()
				s := newSharing(t, list(email1), flow.NewMemoryStore())
				c := client(t, "tenant.eu.auth0.com", "app")
				first, err := s.flow.Begin(t.Context(), login(t, c, same), flow.User("ada"))
				require.NoError(t, err)
				s.calls()
				opts := []flow.BeginOption{flow.User(tt.user)}
				if previous {
					opts = append(opts, flow.Previous(s.open(s.seal(first))))
				}
				second, err := s.flow.Begin(t.Context(), login(t, c, tt.change), opts...)
				require.NoError(t, err)
				assert.Equal(t, tt.goesOn, s.calls() == nil)
				assert.Equal(t, flow.StateEnterCode, second.State())
			})
		}
	}
	t.Run("another tenant or application", func(t *testing.T) {
		t.Parallel()
		s := newSharing(t, list(email1), flow.NewMemoryStore())
		for _, c := range []*mfa.Client{client(t, "other.eu.auth0.com", "app"), client(t, "tenant.eu.auth0.com", "other")} {
			step, err := s.flow.Begin(t.Context(), login(t, c, same))
			require.ErrorIs(t, err, mfa.ErrInvalidRequest)
			assert.Equal(t, mfa.ActionFix, mfa.NextAction(err))
			assert.Nil(t, step)
			assert.Empty(t, s.calls())
		}
	})
	t.Run("a refresh", func(t *testing.T) {
		t.Parallel()
		s := newSharing(t, list(email1), flow.NewMemoryStore())
		c := client(t, "tenant.eu.auth0.com", "app")
		for _, token := range []string{"one", "two"} {
			_, err := c.Refresh(t.Context(), mfa.RefreshRequest{RefreshToken: mfa.NewSecret(token)})
			_, err = s.flow.Begin(t.Context(), err, flow.User("ada"))
			require.NoError(t, err)
			assert.Equal(t, mailed, s.calls())
		}
	})
}

type roundTripper func(*http.Request) reply

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	out := f(r)
	return &http.Response{
		StatusCode: out.status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(out.body)), Request: r,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}, out.err
}

// Somebody who knows the password gets a step that waits for the user's code, and with it
// neither the tokens of the user nor a way past a factor.
func TestUser_attackerWithThePassword(t *testing.T) {
	t.Parallel()
	s := newSharing(t, list(email1), flow.NewMemoryStore())
	user := s.seal(s.login("first-token", flow.User("ada")))
	attacker := s.seal(s.login("second-token", flow.User("ada")))
	require.NoError(t, submit("123456")(t.Context(), s.open(user)))
	s.usual["verify oob"] = refusal(403, "invalid_grant", "Invalid binding_code.")
	s.calls()
	for _, code := range []string{"123456", "654321"} {
		step := s.open(attacker)
		err := submit(code)(t.Context(), step)
		require.Error(t, err)
		assert.Equal(t, flow.StateEnterCode, step.State())
		assert.Nil(t, step.Token())
	}
	assert.Equal(t, []string{"verify oob"}, s.calls())

	// The user is past the first factor, and the second one is mailed too.
	s = newSharing(t, list(email1), flow.NewMemoryStore())
	step := s.open(s.seal(s.login("first-token", flow.User("ada"))))
	s.then("verify oob", reply{status: 403, body: `{"error":"mfa_required","mfa_token":"past-a-factor"}`})
	require.NoError(t, submit("123456")(t.Context(), step))
	require.Equal(t, flow.StateEnterCode, step.State())
	joined := s.login("third-token", flow.User("ada"))
	assert.Equal(t, "third-token", flow.MFAToken(joined).Reveal())
	joined = s.login("fourth-token", flow.User("ada"), flow.Previous(step))
	assert.NotEqual(t, "past-a-factor", flow.MFAToken(joined).Reveal())
}

// An enrollment is nobody else's: it has secrets that the password is not enough for.
func TestUser_neverAnEnrollment(t *testing.T) {
	t.Parallel()
	s := newSharing(t, list(), flow.NewMemoryStore())
	step := s.login("first-token", flow.User("ada"))
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{}))
	s.calls()
	for _, opts := range [][]flow.BeginOption{{flow.User("ada")}, {flow.User("ada"), flow.Previous(step)}} {
		other := s.login("second-token", opts...)
		assert.Equal(t, flow.StateEnroll, other.State())
		assert.Equal(t, []string{"list authenticators"}, s.calls())
	}
}

// Previous needs no Store.
func TestPrevious(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1))
	sealer := newSealer(t, s.flow)
	first, err := s.flow.Begin(t.Context(), required("first-token"), flow.User("ada"))
	require.NoError(t, err)
	s.calls()
	again := func() *flow.Step {
		opened, err := sealer.Open(seal(t, sealer, first), session)
		require.NoError(t, err)
		step, err := s.flow.Begin(t.Context(), required("second-token"), flow.User("ada"), flow.Previous(opened))
		require.NoError(t, err)
		return step
	}
	assert.Equal(t, "first-token", flow.MFAToken(again()).Reveal())
	assert.Empty(t, s.calls())
	s.advance(30 * time.Second)
	assert.Equal(t, "second-token", flow.MFAToken(again()).Reveal())
	assert.Equal(t, mailed, s.calls())
	step, err := s.flow.Begin(t.Context(), required("third-token"), flow.User("ada"), flow.Previous(nil))
	require.NoError(t, err)
	assert.Equal(t, "third-token", flow.MFAToken(step).Reveal())
}

// Going on uses up the seal, and the same call again gets the same step.
func TestPrevious_usesUpTheSeal(t *testing.T) {
	t.Parallel()
	s := newSharing(t, list(email1), flow.NewMemoryStore())
	sealed := s.seal(s.login("first-token", flow.User("ada")))
	s.calls()
	one := s.login("second-token", flow.User("ada"), flow.Previous(s.open(sealed)))
	two := s.login("third-token", flow.User("ada"), flow.Previous(s.open(sealed)))
	assert.Equal(t, flow.Contents(one), flow.Contents(two))
	assert.Empty(t, s.calls())
	require.ErrorIs(t, submit("123456")(t.Context(), s.open(sealed)), flow.ErrStepUsed)
	require.NoError(t, submit("123456")(t.Context(), s.open(s.seal(one))))
	s.calls()

	// A seal that was used for something else is none to go on with.
	s = newSharing(t, list(email1), flow.NewMemoryStore())
	sealed = s.seal(s.login("first-token", flow.User("ada")))
	require.NoError(t, submit("123456")(t.Context(), s.open(sealed)))
	s.calls()
	step := s.login("second-token", flow.User("ada"), flow.Previous(s.open(sealed)))
	assert.Equal(t, "second-token", flow.MFAToken(step).Reveal())
	assert.Equal(t, mailed, s.calls())
}

func TestPrevious_withoutUser(t *testing.T) {
	t.Parallel()
	s := newSharing(t, list(email1), flow.NewMemoryStore())
	sealed := s.seal(s.login("first-token", flow.User("ada")))
	s.calls()
	step, err := s.flow.Begin(t.Context(), required("second-token"), flow.Previous(s.open(sealed)))
	require.ErrorIs(t, err, mfa.ErrInvalidRequest)
	assert.Equal(t, mfa.ActionFix, mfa.NextAction(err))
	assert.Nil(t, step)
	require.ErrorIs(t, submit("123456")(t.Context(), s.open(sealed)), flow.ErrStepUsed)
	_, err = s.flow.Begin(t.Context(), required("second-token"), flow.User(""))
	require.ErrorIs(t, err, mfa.ErrInvalidRequest)
	_, err = s.flow.Begin(t.Context(), required("second-token"), flow.Previous(nil))
	require.ErrorIs(t, err, mfa.ErrInvalidRequest)
	_, err = s.flow.Begin(t.Context(), required("second-token"), flow.Previous(new(flow.Step)))
	require.ErrorIs(t, err, mfa.ErrInvalidRequest)
	assert.Empty(t, s.calls())
}

// A mail whose fate is unknown is not followed by that of everybody who waited for it.
func TestUser_outcomeUnknown(t *testing.T) {
	t.Parallel()
	for name, lost := range map[string]bool{"lost": true, "silent": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store := flow.NewMemoryStore()
				s := newSharing(t, list(email1), store)
				s.then("challenge", reply{err: errLost})
				h := s.hang(store)
				type outcome struct {
					step *flow.Step
					err  error
				}
				outcomes := make(chan outcome)
				begin := func(ctx context.Context) {
					step, err := s.flow.Begin(ctx, required("mfa-token"), flow.User("ada"))
					outcomes <- outcome{step, err}
				}
				ctx, cancel := context.WithCancel(t.Context())
				go begin(ctx)
				<-h.arrived
				cancel() // the browser is gone
				go begin(t.Context())
				synctest.Wait()
				if lost {
					h.release <- struct{}{}
					<-h.arrived
					h.release <- struct{}{}
					<-outcomes
				}
				second := <-outcomes
				require.ErrorIs(t, second.err, mfa.ErrOutcomeUnknown)
				assert.Equal(t, mfa.ActionCheckInbox, mfa.NextAction(second.err))
				require.NotNil(t, second.step)
				assert.Equal(t, flow.StateChoose, second.step.State())
				cooldown(t, second.step.Resend(t.Context()), second.step.ResendAt())
				if !lost {
					h.release <- struct{}{}
					<-h.arrived
					h.release <- struct{}{}
					<-outcomes
				}
				assert.Equal(t, mailed, s.calls())
			})
		})
	}
}

// A Begin whose process ended has others begin, after a resend interval.
func TestUser_beginnerGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := flow.NewMemoryStore()
		s := newSharing(t, list(email1), store)
		gone := s.flow
		h := s.hang(store)
		hung, fresh := s.flow, gone
		done := make(chan error)
		go func() {
			_, err := hung.Begin(t.Context(), required("first-token"), flow.User("ada"))
			done <- err
		}()
		<-h.arrived
		s.advance(30 * time.Second)
		step, err := fresh.Begin(t.Context(), required("second-token"), flow.User("ada"))
		require.NoError(t, err)
		assert.Equal(t, "second-token", flow.MFAToken(step).Reveal())
		step, err = fresh.Begin(t.Context(), required("third-token"), flow.User("ada"))
		require.NoError(t, err)
		assert.Equal(t, "second-token", flow.MFAToken(step).Reveal())
		assert.Equal(t, mailed, s.calls())
		require.Error(t, <-done)
	})
}

// What is stored of a user names nobody.
func TestUser_secrets(t *testing.T) {
	t.Parallel()
	store := &recording{Store: flow.NewMemoryStore()}
	s := newSharing(t, list(email1), store)
	s.login("mfa-token", flow.User("ada@example.com"))
	assert.Len(t, store.keys, 2)
	assert.NotContains(t, strings.Join(append(store.keys, store.values...), " "), "ada")
}
