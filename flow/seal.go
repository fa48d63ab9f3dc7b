package flow

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-auth0-mfa/mfa"
)

// What is sealed is base64url without padding of version, salt, nonce, ciphertext
// and tag. The ciphertext of a step is what [stepData.pack] returns, that of a secret
// its value.
const (
	keySize   = 32 // AES-256
	saltSize  = 16
	nonceSize = 12
	tagSize   = 16
)

// defaultMaxSealed leaves room for other headers: see [WithMaxSealed].
const defaultMaxSealed = 3600

// kind is what was sealed. Each kind has a key derivation of its own, so that none
// opens as another.
type kind struct {
	version byte
	info    string // of the key derivation
}

var (
	sealedStep   = kind{2, "github.com/go-auth0-mfa/mfa/flow sealed step"}
	sealedSecret = kind{1, "github.com/go-auth0-mfa/mfa/flow sealed secret"}
)

// Sealer turns steps into strings that can travel through the user's browser, and
// back. It also seals single secrets, for a session store. Make it with
// [Flow.NewSealer]; the methods of a zero Sealer return an error. It is safe for
// concurrent use.
type Sealer struct {
	flow *Flow
	keys []mfa.Secret // the first one seals
}

// NewSealer returns a Sealer. Each key has 32 random bytes, for example from
// crypto/rand, and is the same on every machine that serves the login page. The
// first key seals, and all of them open. To change the key, put the new one first
// and keep the old one behind it for at least 15 minutes. The keys are copied.
//
// A key of another size is refused with [mfa.ErrInvalidRequest]. So are keys that were
// not made of random bytes: one whose bytes are all equal, as those of a slice that was
// never filled, and text, such as a password or a key in hexadecimal, which has to be
// decoded first.
func (f *Flow) NewSealer(key []byte, old ...[]byte) (*Sealer, error) {
	if err := f.valid("NewSealer"); err != nil {
		return nil, err
	}
	s := &Sealer{flow: f}
	for _, k := range append([][]byte{key}, old...) {
		if problem := keyProblem(k); problem != "" {
			return nil, fmt.Errorf("flow: NewSealer: a key %s: %w", problem, mfa.ErrInvalidRequest)
		}
		s.keys = append(s.keys, mfa.NewSecret(string(k)))
	}
	return s, nil
}

// keyProblem returns what is wrong with a key, "" if nothing is. Of random keys less than
// one in 10^12 is text.
func keyProblem(key []byte) string {
	isText := func(r rune) bool { return r != utf8.RuneError && (unicode.IsPrint(r) || unicode.IsSpace(r)) }
	switch {
	case len(key) != keySize:
		return fmt.Sprintf("does not have %d bytes", keySize)
	case bytes.Count(key, key[:1]) == keySize:
		return "has the same byte all over"
	case !strings.ContainsFunc(string(key), func(r rune) bool { return !isText(r) }):
		return "is text"
	default:
		return ""
	}
}

// Seal encrypts the step into a string of letters, digits, dashes and
// underscores, for a cookie or a hidden form field. With an mfa_token of the usual
// 2,000 characters it is at most 3,300 characters long. The length depends on the
// lengths of what the step holds, and on nothing else that a user can choose.
//
// The binding ties the string to one browser. Pass a random value of your own, such
// as [rand.Text] returns, that you keep in the user's session with the login page or
// in a cookie of its own. The id of a session is no good one: many session packages
// have none before the first response, and change it when the user signs in. The
// binding is not in the string. An empty one is refused with [mfa.ErrInvalidRequest]:
// ask [Sealer.Check] before a message goes out.
//
// Seal the step again after every call, after errors too, and replace the older
// string. The browser that an older string is bound to can present it until it
// expires. That restores the counts and times of the older step (AttemptsLeft,
// SendsLeft and ResendAt) and the older challenge. It does not restore what Auth0
// counts itself: wrong codes, messages, codes that are spent or replaced, and the
// end of the mfa_token. Nobody can read or change a string, and no string holds
// the tokens of a completed login.
//
// It returns [ErrStepState] in [StateDone], [ErrStepExpired] from
// [Step.ExpiresAt] on, [ErrStepTooLarge], and [ErrStepInvalid] for a step of
// another tenant or application.
func (sl *Sealer) Seal(s *Step, binding []byte) (string, error) {
	if err := sl.check(); err != nil {
		return "", err
	}
	f, d, err := s.in("Seal", StateEnroll, StateChoose, StateEnterCode, StatePoll)
	if err != nil {
		return "", err
	}
	if f.client.Domain() != sl.flow.client.Domain() || f.client.ClientID() != sl.flow.client.ClientID() {
		return "", fmt.Errorf("flow: Seal: the step is of another tenant or application: %w", ErrStepInvalid)
	}
	if err := checkBinding("Seal", binding); err != nil {
		return "", err
	}
	if !sl.flow.now().Before(d.expiresAt) {
		return "", ErrStepExpired
	}
	packed := sl.flow.pack(d)
	if sealedLen(packed) > sl.flow.maxSealed {
		return "", ErrStepTooLarge
	}
	return sl.seal(sealedStep, packed, binding), nil
}

// Check returns what [Sealer.Seal] would refuse of the binding: an empty one, with
// [mfa.ErrInvalidRequest]. Call it before [Flow.Begin], which may have a code mailed
// that no page could verify if the step could not be sealed. It makes no request.
func (sl *Sealer) Check(binding []byte) error {
	if err := sl.check(); err != nil {
		return err
	}
	return checkBinding("Check", binding)
}

// Open decrypts a sealed step. The binding must be the one that the step was
// sealed with.
//
// It returns [ErrStepInvalid] for anything that this package did not seal with one
// of the keys for this binding, tenant and application, also if the binding is
// empty, and [ErrStepExpired] from [Step.ExpiresAt] on.
func (sl *Sealer) Open(sealed string, binding []byte) (*Step, error) {
	if err := sl.check(); err != nil {
		return nil, err
	}
	if err := checkBinding("Open", binding); err != nil {
		return nil, fmt.Errorf("%w, %w", ErrStepInvalid, err)
	}
	if len(sealed) > sl.flow.maxSealed {
		return nil, ErrStepInvalid
	}
	packed, ok := sl.open(sealedStep, sealed, binding)
	if !ok {
		return nil, ErrStepInvalid
	}
	d, ok := unpack(packed)
	if !ok {
		return nil, ErrStepInvalid
	}
	now := sl.flow.now()
	if d.setBack(now); !now.Before(d.expiresAt) {
		return nil, ErrStepExpired
	}
	d.binding = mfa.NewSecret(string(binding))
	return newStep(sl.flow, d), nil
}

// SealSecret encrypts a secret into a string of letters, digits, dashes and
// underscores, for a session store: an mfa_token between two forms of a page without
// steps, or a refresh token. The string never expires and has no size limit. Its
// length tells that of the secret.
//
// The binding ties the string to one session, or to one user, as in [Sealer.Seal].
// It is not in the string. A key that is replaced has to be kept behind the new one
// for as long as strings of it are stored.
//
// It returns [mfa.ErrInvalidRequest] if the secret is zero or the binding is empty.
func (sl *Sealer) SealSecret(secret mfa.Secret, binding []byte) (string, error) {
	if err := sl.check(); err != nil {
		return "", err
	}
	if err := checkBinding("SealSecret", binding); err != nil {
		return "", err
	}
	if secret.IsZero() {
		return "", fmt.Errorf("flow: SealSecret: the secret is zero: %w", mfa.ErrInvalidRequest)
	}
	return sl.seal(sealedSecret, []byte(secret.Reveal()), binding), nil
}

// OpenSecret decrypts a secret of [Sealer.SealSecret]. The binding must be the one
// that it was sealed with.
//
// It returns [ErrStepInvalid] for anything else, a sealed step included, and also if
// the binding is empty.
func (sl *Sealer) OpenSecret(sealed string, binding []byte) (mfa.Secret, error) {
	if err := sl.check(); err != nil {
		return mfa.Secret{}, err
	}
	if err := checkBinding("OpenSecret", binding); err != nil {
		return mfa.Secret{}, fmt.Errorf("%w, %w", ErrStepInvalid, err)
	}
	value, ok := sl.open(sealedSecret, sealed, binding)
	if !ok {
		return mfa.Secret{}, ErrStepInvalid
	}
	return mfa.NewSecret(string(value)), nil
}

// checkBinding refuses an empty binding, which would tie a string to nobody.
func checkBinding(call string, binding []byte) error {
	if len(binding) == 0 {
		return fmt.Errorf("flow: %s: the binding is empty: %w", call, mfa.ErrInvalidRequest)
	}
	return nil
}

// seal encrypts the contents with the first key.
func (sl *Sealer) seal(k kind, contents, binding []byte) string {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails: it ends the program instead
	sealed := append([]byte{k.version}, salt...)
	sealed = sl.aead(k, sl.keys[0], salt).Seal(sealed, nil, contents, sl.associated(k, binding)) //nolint:gosec // it makes the nonce itself
	return base64.RawURLEncoding.EncodeToString(sealed)
}

// open decrypts what one of the keys has sealed, and reports whether one has.
func (sl *Sealer) open(k kind, sealed string, binding []byte) ([]byte, bool) {
	// The decoder skips line breaks, which would give one string many spellings.
	if strings.ContainsAny(sealed, "\r\n") {
		return nil, false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(sealed)
	if err != nil || len(raw) < 1+saltSize || raw[0] != k.version {
		return nil, false
	}
	salt, box := raw[1:1+saltSize], raw[1+saltSize:]
	for _, key := range sl.keys {
		if contents, err := sl.aead(k, key, salt).Open(nil, nil, box, sl.associated(k, binding)); err == nil {
			return contents, true
		}
	}
	return nil, false
}

// check refuses the zero Sealer.
func (sl *Sealer) check() error {
	if sl == nil || sl.flow == nil {
		return fmt.Errorf("flow: the Sealer was not made by NewSealer: %w", mfa.ErrInvalidRequest)
	}
	return nil
}

// aead returns the cipher of one sealed step. Each has a key of its own, so that
// random nonces never meet, however many steps there are.
//
// RFC 5869.
func (sl *Sealer) aead(k kind, key mfa.Secret, salt []byte) cipher.AEAD {
	// None of these fails: the sizes are right.
	derived, _ := hkdf.Key(sha256.New, []byte(key.Reveal()), salt, k.info, keySize)
	block, _ := aes.NewCipher(derived)
	aead, _ := cipher.NewGCMWithRandomNonce(block)
	return aead
}

// associated returns what is sealed is bound to. Each part has its length in
// front, so that none can be taken for another.
func (sl *Sealer) associated(k kind, binding []byte) []byte {
	var data []byte
	for _, part := range [][]byte{
		{k.version}, []byte(sl.flow.client.Domain()), []byte(sl.flow.client.ClientID()), binding,
	} {
		data = binary.BigEndian.AppendUint64(data, uint64(len(part)))
		data = slices.Concat(data, part)
	}
	return data
}

// pack returns what is sealed of the step now.
func (f *Flow) pack(d *stepData) []byte {
	now := *d
	now.sealedAt = f.now()
	return now.pack()
}

// sealedLen returns the length of the step if it is sealed now.
func (f *Flow) sealedLen(d *stepData) int { return sealedLen(f.pack(d)) }

// sealedLen returns the length of the sealed step with these contents.
func sealedLen(packed []byte) int {
	return base64.RawURLEncoding.EncodedLen(1 + saltSize + nonceSize + len(packed) + tagSize)
}
