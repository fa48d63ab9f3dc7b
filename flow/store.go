package flow

import (
	"bytes"
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// Store keeps what several browser tabs, requests and machines share of a login, for
// [WithStore]. [NewMemoryStore] makes one for a single process, and package redisstore
// has one for a fleet.
//
// Keys are hashes of 43 letters, digits, dashes and underscores. Values are encrypted
// and have up to some ten thousand bytes. Each is worth nothing after its time to live,
// which is positive. An implementation is safe for concurrent use, and ends a call with
// its context. It may repeat a call whose outcome it does not know: no two callers add the
// same value.
type Store interface {
	// Add sets the value of the key unless the key has one, and reports whether it did.
	// After an error the caller finds out with Get.
	Add(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error)
	// Get returns the value of the key, and whether it has one.
	Get(ctx context.Context, key string) ([]byte, bool, error)
	// Set sets the value of the key, whether it has one or not.
	Set(ctx context.Context, key string, value []byte, ttl time.Duration) error
}

// WithStore makes each sealed step good for one call: [Step.Submit], [Step.Resend],
// [Step.Choose], [Step.Enroll], [Step.Poll] or [Step.LoadAuthenticators]. A double click
// makes one request and sends one message, whichever machines it meets. The very same call
// gets the same result for a minute, tokens and recovery codes included. Any other call
// is refused with [ErrStepUsed]. Steps that were not opened by [Sealer.Open] are not
// shared.
//
// A call that has begun goes on when its context is canceled, because a browser that
// drops its request cancels it. A deadline of the context counts.
//
// Each key has 32 random bytes and is the same on every machine that serves the login
// page. It can be that of [Flow.NewSealer], and is refused as that one is. Nobody who reads the store without a key
// learns a token, an address or who signs in. To change the key, let every machine have
// the new one behind the old one first. Then remove the old one, also one machine after
// the other. The keys are copied.
//
// docs/several-pods.md tells what a store that fails costs.
func WithStore(store Store, key []byte, old ...[]byte) Option {
	return func(c *config) {
		v := reflect.ValueOf(store)
		c.problemIf(store == nil || v.Kind() == reflect.Pointer && v.IsNil(), "WithStore has no Store")
		c.store, c.storeKeys = store, nil
		for _, k := range append([][]byte{key}, old...) {
			problem := keyProblem(k)
			c.problemIf(problem != "", "a key of WithStore "+problem)
			c.storeKeys = append(c.storeKeys, mfa.NewSecret(string(k)))
		}
	}
}

// WithStoreErrors sets what hears of each failure of the [Store] of [WithStore], for a log
// or a metric. It is called in the goroutine of the call, with its context. The errors are
// those of the Store, and those of values that nobody with a key has sealed.
func WithStoreErrors(hear func(ctx context.Context, err error)) Option {
	return func(c *config) {
		c.problemIf(hear == nil, "WithStoreErrors is nil")
		c.storeErrors = hear
	}
}

// What is stored, and for how long.
const (
	storeLimit = 3 * time.Second // of one call of the Store
	resultLife = time.Minute     // in which the very same use gets the same result
	resultWait = 10 * time.Second
	firstLook  = 20 * time.Millisecond // between looks for a result; doubled up to lastLook
	lastLook   = 320 * time.Millisecond
)

var storedValue = kind{1, "github.com/go-auth0-mfa/mfa/flow stored value"}

// shared is a Store with the keys to it.
type shared struct {
	store Store
	keys  []storeKey
	hear  func(context.Context, error)
}

// storeKey names entries and seals their values. Everything is stored under each key, so
// that machines meet while the key is changed.
type storeKey struct {
	names  mfa.Secret
	values *Sealer
}

// newShared returns what the options ask for.
func newShared(f *Flow, c *config) *shared {
	s := &shared{store: c.store, hear: c.storeErrors}
	for _, key := range c.storeKeys {
		// It never fails: the size is right.
		names, _ := hkdf.Key(sha256.New, []byte(key.Reveal()), nil, "github.com/go-auth0-mfa/mfa/flow stored name", keySize)
		s.keys = append(s.keys, storeKey{mfa.NewSecret(string(names)), &Sealer{flow: f, keys: []mfa.Secret{key}}})
	}
	// Machines with the same keys in another order use them in the same order.
	slices.SortFunc(s.keys, func(a, b storeKey) int { return strings.Compare(a.names.Reveal(), b.names.Reveal()) })
	s.keys = slices.CompactFunc(s.keys, func(a, b storeKey) bool { return a.names.Equal(b.names) })
	return s
}

// mac hashes the parts. Each has its length in front, so that none can be taken for
// another.
func (k storeKey) mac(parts ...string) string {
	h := hmac.New(sha256.New, []byte(k.names.Reveal()))
	for _, part := range parts {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write([]byte(part))
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// seal encrypts the value of an entry, for nothing but its name.
func (k storeKey) seal(name string, value []byte) []byte {
	return []byte(k.values.seal(storedValue, value, []byte(name)))
}

// get returns the value of an entry, and whether there is one.
func (s *shared) get(ctx context.Context, k storeKey, name string) ([]byte, bool, error) {
	sealed, found, err := s.getSealed(ctx, name)
	if err != nil || !found {
		return nil, false, err
	}
	value, ok := k.values.open(storedValue, string(sealed), []byte(name))
	if !ok {
		s.failed(ctx, errForged)
		return nil, false, errForged
	}
	return value, true, nil
}

var errForged = errors.New("flow: a value in the Store was sealed with no key of WithStore")

// getSealed returns the value of an entry as it is stored.
func (s *shared) getSealed(ctx context.Context, name string) ([]byte, bool, error) {
	getting, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeLimit)
	defer cancel()
	sealed, found, err := s.store.Get(getting, name)
	s.failed(ctx, err)
	return sealed, found, err
}

// set stores the value of an entry. Nothing depends on whether it can.
func (s *shared) set(ctx context.Context, k storeKey, name string, value []byte, ttl time.Duration) {
	setting, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeLimit)
	defer cancel()
	s.failed(ctx, s.store.Set(setting, name, k.seal(name, value), ttl))
}

// failed tells of a failure of the Store.
func (s *shared) failed(ctx context.Context, err error) {
	if err != nil && s.hear != nil {
		s.hear(ctx, err)
	}
}

// claim is how an attempt to be the first one came out.
type claim int

const (
	claimWon     claim = iota + 1
	claimLost          // another caller has it
	claimUnclear       // perhaps this one has it, but nobody can tell
	claimFailed        // nobody has it, because the Store fails
)

// add tries to set the entry. If another caller has set it, add returns the value, or nil
// if it cannot be read.
func (s *shared) add(ctx context.Context, k storeKey, name string, value []byte, ttl time.Duration) (claim, []byte) {
	mine := k.seal(name, value)
	adding, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeLimit)
	added, err := s.store.Add(adding, name, mine, ttl)
	cancel()
	s.failed(ctx, err)
	if added && err == nil {
		return claimWon, nil
	}
	if isDial(err) {
		return claimFailed, nil
	}
	// A Store that has repeated the call itself can have found its own value.
	held, found, getErr := s.getSealed(ctx, name)
	switch {
	case found && getErr == nil && bytes.Equal(held, mine):
		return claimWon, nil
	case found && getErr == nil:
		theirs, ok := k.values.open(storedValue, string(held), []byte(name))
		if !ok {
			s.failed(ctx, errForged)
			return claimLost, nil
		}
		return claimLost, theirs
	case err == nil || getErr == nil || isTimeout(err) || isTimeout(getErr):
		return claimUnclear, nil
	default:
		return claimFailed, nil
	}
}

// isDial reports whether the Store was not reached at all.
func isDial(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}

// isTimeout reports whether a call may still arrive at the Store.
func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return errors.Is(err, context.DeadlineExceeded) || ok && timeout.Timeout()
}
