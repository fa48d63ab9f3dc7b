package flow_test

import (
	"context"
	"errors"
	"net"
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

// failing is a Store whose calls the test breaks.
type failing struct {
	flow.Store

	mu  sync.Mutex
	add func(add func() (bool, error)) (bool, error)
	get func(get func() ([]byte, bool, error)) ([]byte, bool, error)
	set func(set func() error) error
}

// breaks sets what fails from now on; nil is what does not.
func (f *failing) breaks(add func(func() (bool, error)) (bool, error), get func(func() ([]byte, bool, error)) ([]byte, bool, error), set func(func() error) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.add, f.get, f.set = add, get, set
}

func (f *failing) Add(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	f.mu.Lock()
	broken := f.add
	f.mu.Unlock()
	add := func() (bool, error) { return f.Store.Add(ctx, key, value, ttl) }
	if broken == nil {
		return add()
	}
	return broken(add)
}

func (f *failing) Get(ctx context.Context, key string) ([]byte, bool, error) {
	f.mu.Lock()
	broken := f.get
	f.mu.Unlock()
	get := func() ([]byte, bool, error) { return f.Store.Get(ctx, key) }
	if broken == nil {
		return get()
	}
	return broken(get)
}

func (f *failing) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	f.mu.Lock()
	broken := f.set
	f.mu.Unlock()
	set := func() error { return f.Store.Set(ctx, key, value, ttl) }
	if broken == nil {
		return set()
	}
	return broken(set)
}

var (
	errDown    = errors.New("the store is down")
	errRefused = &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}

	noAdd = func(err error) func(func() (bool, error)) (bool, error) {
		return func(func() (bool, error)) (bool, error) { return false, err }
	}
	noGet = func(err error) func(func() ([]byte, bool, error)) ([]byte, bool, error) {
		return func(func() ([]byte, bool, error)) ([]byte, bool, error) { return nil, false, err }
	}
	noSet = func(err error) func(func() error) error {
		return func(func() error) error { return err }
	}
	lostReply = func(add func() (bool, error)) (bool, error) {
		_, _ = add()
		return false, errDown
	}
	repeated = func(add func() (bool, error)) (bool, error) {
		_, _ = add()
		return add()
	}
)

// A Store that fails before anybody has the claim costs no login: calls are made as
// without a Store.
func TestWithStore_failsBeforeTheClaim(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]func(*failing){
		"all of it":   func(f *failing) { f.breaks(noAdd(errDown), noGet(errDown), noSet(errDown)) },
		"not reached": func(f *failing) { f.breaks(noAdd(errRefused), nil, noSet(errRefused)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := &failing{Store: flow.NewMemoryStore()}
			s := newSharing(t, list(email1), store)
			broken(store)
			sealed := s.seal(s.login("mfa-token", flow.User("ada")))
			assert.NotEmpty(t, s.heard.all())
			for _, err := range s.heard.all() {
				assert.True(t, errors.Is(err, errDown) || errors.Is(err, errRefused))
			}
			s.calls()
			for range 2 {
				step := s.open(sealed)
				require.NoError(t, submit("123456")(t.Context(), step))
				assert.Equal(t, flow.StateDone, step.State())
			}
			assert.Equal(t, []string{"verify oob", "verify oob"}, s.calls())
		})
	}
}

// When nobody knows whether the claim was made, nothing is sent, and the seal is as good
// as before.
func TestWithStore_unclear(t *testing.T) {
	t.Parallel()
	late := func(func() (bool, error)) (bool, error) { return false, context.DeadlineExceeded }
	for name, broken := range map[string]func(*failing){
		"Add fails":          func(f *failing) { f.breaks(noAdd(errDown), nil, nil) },
		"out of time":        func(f *failing) { f.breaks(late, nil, nil) },
		"all out of time":    func(f *failing) { f.breaks(late, noGet(context.DeadlineExceeded), nil) },
		"Get is out of time": func(f *failing) { f.breaks(noAdd(errDown), noGet(context.DeadlineExceeded), nil) },
		"held, then gone":    func(f *failing) { f.breaks(noAdd(nil), nil, nil) },
		"held by nobody knows whom": func(f *failing) {
			f.breaks(noAdd(nil), noGet(errDown), nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := &failing{Store: flow.NewMemoryStore()}
			s := newSharing(t, list(email1), store)
			sealed := s.sealed(flow.StateEnterCode)
			broken(store)
			step := s.open(sealed)
			err := submit("123456")(t.Context(), step)
			require.Error(t, err)
			assert.Equal(t, mfa.ActionRetryLater, mfa.NextAction(err))
			require.NotErrorIs(t, err, mfa.ErrOutcomeUnknown)
			require.NotErrorIs(t, err, errDown, "it is for WithStoreErrors")
			_, err = s.flow.Begin(t.Context(), required("second-token"), flow.User("ada"))
			require.Error(t, err)
			assert.Equal(t, mfa.ActionRetryLater, mfa.NextAction(err))
			assert.Empty(t, s.calls())
			store.breaks(nil, nil, nil)
			require.NoError(t, submit("123456")(t.Context(), s.open(s.seal(step))))
			assert.Equal(t, []string{"verify oob"}, s.calls())
		})
	}
}

// A claim whose reply was lost, or that the Store has made twice, is its winner's.
func TestWithStore_lostReply(t *testing.T) {
	t.Parallel()
	for name, add := range map[string]func(func() (bool, error)) (bool, error){"lost": lostReply, "made twice": repeated} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := &failing{Store: flow.NewMemoryStore()}
			s := newSharing(t, list(email1), store)
			store.breaks(add, nil, nil)
			sealed := s.seal(s.login("first-token", flow.User("ada")))
			s.login("second-token", flow.User("ada"))
			assert.Equal(t, mailed, s.calls())
			for range 2 {
				step := s.open(sealed)
				require.NoError(t, submit("123456")(t.Context(), step))
				assert.Equal(t, flow.StateDone, step.State())
			}
			require.ErrorIs(t, submit("654321")(t.Context(), s.open(sealed)), flow.ErrStepUsed)
			assert.Equal(t, []string{"verify oob"}, s.calls())
		})
	}
}

// A Store that fails after the claim takes nothing from the caller. The others have no
// result, and make no request.
func TestWithStore_failsAfterTheClaim(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &failing{Store: flow.NewMemoryStore()}
		s := newSharing(t, list(email1), store)
		sealed := s.sealed(flow.StateEnterCode)
		store.breaks(nil, nil, noSet(errDown))
		step := s.open(sealed)
		require.NoError(t, submit("123456")(t.Context(), step))
		assert.Equal(t, flow.StateDone, step.State())
		assert.Equal(t, []error{errDown}, s.heard.all())
		require.ErrorIs(t, submit("123456")(t.Context(), s.open(sealed)), mfa.ErrOutcomeUnknown)
		require.ErrorIs(t, submit("654321")(t.Context(), s.open(sealed)), flow.ErrStepUsed)
		assert.Equal(t, []string{"verify oob"}, s.calls())
	})
}

// A Store that hangs holds a call up for 6 seconds, also if its browser is gone, and
// nothing is sent.
func TestWithStore_hangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSharing(t, list(email1), hangingStore{})
		sealed := s.sealed(flow.StateEnterCode)
		began := time.Now()
		err := submit("123456")(t.Context(), s.open(sealed))
		require.Error(t, err)
		assert.Equal(t, mfa.ActionRetryLater, mfa.NextAction(err))
		assert.Equal(t, 6*time.Second, time.Since(began))
		assert.Empty(t, s.calls())
	})
}

type hangingStore struct{}

func (hangingStore) Add(ctx context.Context, _ string, _ []byte, _ time.Duration) (bool, error) {
	<-ctx.Done()
	return false, ctx.Err()
}

func (hangingStore) Get(ctx context.Context, _ string) ([]byte, bool, error) {
	<-ctx.Done()
	return nil, false, ctx.Err()
}

func (hangingStore) Set(ctx context.Context, _ string, _ []byte, _ time.Duration) error {
	<-ctx.Done()
	return ctx.Err()
}

// Whoever can write to the Store, but has no key, can neither make up a result nor pass
// one off as another.
func TestWithStore_forged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &recording{Store: flow.NewMemoryStore()}
		s := newSharing(t, list(email1), store)
		sealed := s.sealed(flow.StateEnterCode)
		require.NoError(t, submit("123456")(t.Context(), s.open(sealed)))
		other := s.sealed(flow.StateEnterCode)
		require.NoError(t, submit("111111")(t.Context(), s.open(other)))
		require.Len(t, store.keys, 4)
		result, foreign, claim := store.keys[1], store.values[3], store.keys[0]
		for _, value := range []string{foreign, store.values[0], "", "garbage", strings.Repeat("A", 200)} {
			require.NoError(t, store.Store.Set(t.Context(), result, []byte(value), time.Hour))
			step := s.open(sealed)
			require.ErrorIs(t, submit("123456")(t.Context(), step), mfa.ErrOutcomeUnknown)
			assert.Nil(t, step.Token())
		}
		assert.NotEmpty(t, s.heard.all())
		require.NoError(t, store.Store.Set(t.Context(), claim, []byte(foreign), time.Hour))
		require.ErrorIs(t, submit("123456")(t.Context(), s.open(sealed)), flow.ErrStepUsed)
	})
}

// Another tenant or application with the same Store and key shares nothing.
func TestWithStore_anotherApplication(t *testing.T) {
	t.Parallel()
	store := flow.NewMemoryStore()
	s := newSharing(t, list(email1), store)
	s.login("first-token", flow.User("ada"))
	s.calls()
	client, err := mfa.NewClient("tenant.eu.auth0.com", "other", mfa.WithHTTPClient(&http.Client{Transport: s.service}))
	require.NoError(t, err)
	f, err := flow.New(client, flow.WithClock(s.clock), flow.WithStore(store, storeKey), flow.WithStoreErrors(s.heard.hear))
	require.NoError(t, err)
	step, err := f.Begin(t.Context(), required("second-token"), flow.User("ada"))
	require.NoError(t, err)
	assert.Empty(t, s.heard.all())
	assert.Equal(t, "second-token", flow.MFAToken(step).Reveal())
	assert.Equal(t, mailed, s.calls())
}

// While the key is changed, machines before, in and after each step meet.
func TestWithStore_rotation(t *testing.T) {
	t.Parallel()
	older, newer := key, another
	one, both, turned, two := [][]byte{older}, [][]byte{older, newer}, [][]byte{newer, older}, [][]byte{newer}
	for name, keys := range map[string][2][][]byte{
		"first step": {one, both}, "first step, back": {both, one}, "turned": {both, turned}, "last step": {both, two}, "last step, back": {two, both},
		"turned, last step": {turned, two}, "turned, back": {two, turned},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := flow.NewMemoryStore()
			s := newSharing(t, list(email1), store)
			var flows []*flow.Flow
			for _, k := range keys {
				f, err := flow.New(s.client, flow.WithClock(s.clock), flow.WithStore(store, k[0], k[1:]...))
				require.NoError(t, err)
				flows = append(flows, f)
			}
			first, err := flows[0].Begin(t.Context(), required("first-token"), flow.User("ada"))
			require.NoError(t, err)
			second, err := flows[1].Begin(t.Context(), required("second-token"), flow.User("ada"))
			require.NoError(t, err)
			assert.Equal(t, "first-token", flow.MFAToken(second).Reveal())
			assert.Equal(t, mailed, s.calls())
			sealed := seal(t, newSealer(t, flows[0]), first)
			for _, f := range flows {
				step, err := newSealer(t, f).Open(sealed, session)
				require.NoError(t, err)
				require.NoError(t, submit("123456")(t.Context(), step))
				assert.Equal(t, flow.StateDone, step.State())
			}
			assert.Equal(t, []string{"verify oob"}, s.calls())
		})
	}
}

// Machines that have the keys in another order make their claims in the same one, so that
// of two at once only one loses.
func TestWithStore_orderOfKeys(t *testing.T) {
	t.Parallel()
	s := newSharing(t, list(email1), flow.NewMemoryStore())
	sealed := s.sealed(flow.StateEnterCode)
	var claims [][]string
	for _, keys := range [][][]byte{{key, another}, {another, key}, {key, another, key}} {
		store := &recording{Store: flow.NewMemoryStore()}
		f, err := flow.New(s.client, flow.WithClock(s.clock), flow.WithStore(store, keys[0], keys[1:]...))
		require.NoError(t, err)
		step, err := newSealer(t, f).Open(sealed, session)
		require.NoError(t, err)
		require.NoError(t, submit("123456")(t.Context(), step))
		claims = append(claims, store.keys)
	}
	assert.Len(t, claims[0], 4)
	assert.Equal(t, claims[0], claims[1])
	assert.Equal(t, claims[0], claims[2])
}
