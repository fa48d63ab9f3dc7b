package flow

import (
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// code writes the fields of a step to c, or reads them from it: one list for both
// ways. A new field goes to the end, and is only read if something is left: older
// releases ignore what follows the fields that they know. Any other change needs
// a new version.
func (d *stepData) code(c *codec) {
	d.id = c.text(d.id)
	d.calls = c.number(d.calls)
	d.state = State(c.number(int(d.state)))
	d.factor = mfa.Factor(c.word(string(d.factor)))
	d.mfaToken = mfa.NewSecret(c.token(d.mfaToken.Reveal()))
	d.oobCode = mfa.NewSecret(c.token(d.oobCode.Reveal()))
	d.requirements.Challenge = list(c, d.requirements.Challenge, c.word)
	d.requirements.Enroll = list(c, d.requirements.Enroll, c.word)
	d.authenticators = list(c, d.authenticators, c.authenticator)
	d.challenged = c.number(d.challenged)
	d.enrolling = c.bool(d.enrolling)
	d.address = c.secret(d.address)
	d.otpSecret = c.secret(d.otpSecret)
	d.barcodeURI = c.secret(d.barcodeURI)
	d.recoveryCodes = list(c, d.recoveryCodes, c.secret)
	d.expiresAt = c.time(d.expiresAt, time.UnixMilli(0))
	d.codeExpiresAt = c.time(d.codeExpiresAt, d.expiresAt)
	d.pollAt = c.time(d.pollAt, d.expiresAt)
	d.sentAt = c.time(d.sentAt, d.expiresAt)
	d.recent = list(c, d.recent, func(m message) message {
		return message{c.text(m.to), c.time(m.until, d.expiresAt)}
	})
	d.slowDowns = c.number(d.slowDowns)
	d.attemptsLeft = c.number(d.attemptsLeft)
	d.sendsLeft = c.number(d.sendsLeft)
	d.purpose = purpose(c.number(int(d.purpose)))
	d.typed = c.secret(d.typed)
	d.sealedAt = c.time(d.sealedAt, d.expiresAt)
	d.user = c.text(d.user)
}

// setBack puts the waits of an opened step onto this machine's clock, if the clock of
// the machine that sealed it is ahead: nothing was sealed in the future. Then no wait is
// longer than the interval that it stands for. Neither is what expires, which is not set
// back: the step would lose the difference each time that it comes from such a machine.
func (d *stepData) setBack(now time.Time) {
	if end := now.Add(d.lifetime()); end.Before(d.expiresAt) {
		d.expiresAt = end
	}
	if end := now.Add(lifetimeCode); end.Before(d.codeExpiresAt) {
		d.codeExpiresAt = end
	}
	ahead := d.sealedAt.Sub(now)
	if d.sealedAt = (time.Time{}); ahead <= 0 {
		return
	}
	times := []*time.Time{&d.pollAt, &d.sentAt}
	for i := range d.recent {
		times = append(times, &d.recent[i].until)
	}
	for _, t := range times {
		if !t.IsZero() {
			*t = t.Add(-ahead)
		}
	}
}

// pack returns the step as bytes, for [Sealer.Seal] to encrypt.
func (d *stepData) pack() []byte {
	var c codec
	copied := *d // code assigns to the fields
	copied.code(&c)
	return c.buf
}

// unpack returns the step that was packed, and whether it is one.
func unpack(packed []byte) (*stepData, bool) {
	d, c := new(stepData), &codec{buf: packed, reading: true}
	d.code(c)
	if c.failed || d.state < StateEnroll || d.state >= StateDone || d.mfaToken.IsZero() ||
		d.challenged < 0 || d.challenged > len(d.authenticators) || d.purpose < forLogin || d.purpose > forAccountMFA {
		return nil, false
	}
	return d, true
}

// codec writes values, or reads them. Each of its methods takes the value to
// write and returns the value that was written or read.
//
// Nothing is compressed, so that the length of a sealed step depends on nothing
// that a user can choose but its length, and on no release of Go. Instead, what
// Auth0 makes of random characters is stored at 6 bits a character ([codec.token])
// and Auth0's own words in one byte ([codec.word]).
type codec struct {
	buf     []byte // what was written, or is left to read
	reading bool
	failed  bool // what was read is no step
}

// fail ends the reading: all that follows is zero.
func (c *codec) fail() { c.buf, c.failed = nil, true }

// take reads n bytes.
func (c *codec) take(n uint64) []byte {
	if n > uint64(len(c.buf)) {
		c.fail()
		return nil
	}
	taken := c.buf[:n]
	c.buf = c.buf[n:]
	return taken
}

// uint codes a number by its size.
func (c *codec) uint(v uint64) uint64 {
	if !c.reading {
		c.buf = binary.AppendUvarint(c.buf, v)
		return v
	}
	v, n := binary.Uvarint(c.buf)
	if n <= 0 {
		c.fail()
		return 0
	}
	c.buf = c.buf[n:]
	return v
}

func (c *codec) number(v int) int { return int(c.uint(uint64(v))) } //nolint:gosec // the inverse of itself

func (c *codec) bool(v bool) bool {
	n := 0
	if v {
		n = 1
	}
	return c.number(n) != 0
}

// time codes a time in milliseconds from another time, and the zero time as 0.
func (c *codec) time(t, from time.Time) time.Time {
	var v uint64
	if ms := t.UnixMilli() - from.UnixMilli(); !t.IsZero() && ms < 0 {
		v = uint64(-ms) << 1
	} else if !t.IsZero() {
		v = uint64(ms)<<1 | 1 //nolint:gosec // not negative
	}
	v = c.uint(v)
	ms := int64(v >> 1)
	switch {
	case v == 0:
		return time.Time{}
	case v&1 == 0:
		ms = -ms
	}
	return time.UnixMilli(from.UnixMilli() + ms).UTC()
}

// text codes any text as it is.
func (c *codec) text(s string) string {
	n := c.uint(uint64(len(s)))
	if c.reading {
		return string(c.take(n))
	}
	c.buf = append(c.buf, s...)
	return s
}

func (c *codec) secret(s mfa.Secret) mfa.Secret { return mfa.NewSecret(c.text(s.Reveal())) }

// words are the names that Auth0 gives to factors. Sealed steps hold their
// positions: new ones go to the end.
var words = [...]string{
	"email", "sms", "voice", "push", "otp", "recovery-code", "oob", "auth0", "phone", "push-notification", "webauthn-roaming", "webauthn-platform",
}

// word codes one of words in a byte, and others as text.
func (c *codec) word(s string) string {
	switch i := c.uint(uint64(slices.Index(words[:], s) + 1)); { //nolint:gosec // not negative
	case i == 0:
		return c.text(s)
	case i > uint64(len(words)):
		c.fail()
		return ""
	default:
		return words[i-1]
	}
}

// token codes a text of random characters. Four characters of the base64url
// alphabet take three bytes. A star, as between the parts of an mfa_token, takes
// one or two bytes more, and any other character one beyond that. What is not
// shorter that way is coded as it is.
func (c *codec) token(s string) string {
	if c.reading {
		return c.readToken()
	}
	var others []byte
	filler, last, n := []byte(s), 0, 0
	for i, b := range filler {
		if strings.IndexByte(base64URL, b) < 0 {
			gap := uint64(i-last) << 1 //nolint:gosec // i only grows
			if b == '*' {
				others = binary.AppendUvarint(others, gap)
			} else {
				others = append(binary.AppendUvarint(others, gap|1), b)
			}
			filler[i], last = base64URL[0], i
			n++
		}
	}
	for len(filler)%4 != 0 {
		filler = append(filler, base64URL[0])
	}
	size := base64.RawURLEncoding.DecodedLen(len(filler))
	if size+len(others) >= len(s) {
		c.uint(uint64(len(s))<<1 | 1)
		c.buf = append(c.buf, s...)
		return s
	}
	c.uint(uint64(len(s)) << 1)
	c.buf, _ = base64.RawURLEncoding.AppendDecode(c.buf, filler) // cannot fail: all of it is in the alphabet
	c.uint(uint64(n))
	c.buf = append(c.buf, others...)
	return s
}

func (c *codec) readToken() string {
	n := c.uint(0)
	plain, n := n&1 == 1, n>>1
	if plain {
		return string(c.take(n))
	}
	text := base64.RawURLEncoding.AppendEncode(nil, c.take((n+3)/4*3))
	if c.failed {
		return ""
	}
	text = text[:n]
	at := uint64(0)
	for range c.uint(0) {
		gap, other := c.uint(0), []byte("*")
		if gap&1 == 1 {
			other = c.take(1)
		}
		if gap >>= 1; c.failed || gap >= n-at {
			c.fail()
			return ""
		}
		at += gap
		text[at] = other[0]
	}
	return string(text)
}

const base64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// kinds are the usual authenticators, but for the end of the id and the name.
// Sealed steps hold their positions: new ones go to the end.
var kinds = [...]mfa.Authenticator{
	{ID: "email|dev_", AuthenticatorType: "oob", OOBChannel: "email"},
	{ID: "sms|dev_", AuthenticatorType: "oob", OOBChannel: "sms"},
	{ID: "voice|dev_", AuthenticatorType: "oob", OOBChannel: "voice"},
	{ID: "push|dev_", AuthenticatorType: "oob", OOBChannel: "auth0"},
	{ID: "totp|dev_", AuthenticatorType: "otp"},
	{ID: "recovery-code|dev_", AuthenticatorType: "recovery-code"},
}

// authenticator codes an active authenticator.
func (c *codec) authenticator(a mfa.Authenticator) mfa.Authenticator {
	i := c.uint(uint64(1 + slices.IndexFunc(kinds[:], func(kind mfa.Authenticator) bool { //nolint:gosec // not negative
		return strings.HasPrefix(a.ID, kind.ID) && a.AuthenticatorType == kind.AuthenticatorType && a.OOBChannel == kind.OOBChannel
	})))
	var kind mfa.Authenticator
	switch {
	case i == 0:
		kind.AuthenticatorType = c.word(a.AuthenticatorType)
		kind.OOBChannel = c.word(a.OOBChannel)
	case i > uint64(len(kinds)):
		c.fail()
	default:
		kind = kinds[i-1]
	}
	kind.ID += c.token(strings.TrimPrefix(a.ID, kind.ID))
	kind.Name, kind.Active = c.name(a.Name), true
	return kind
}

// name codes a name of at most maxName bytes. Names that [cutName] may have cut
// take the same room, wherever their characters ended.
func (c *codec) name(s string) string {
	s = c.text(s)
	if len(s) <= uncutName || len(s) > maxName {
		return s
	}
	pad := make([]byte, maxName-len(s))
	if c.reading {
		c.take(uint64(len(pad)))
	} else {
		c.buf = append(c.buf, pad...)
	}
	return s
}

// list codes a list, and tells one without elements from none.
func list[T any](c *codec, all []T, each func(T) T) []T {
	n := uint64(0)
	if all != nil {
		n = uint64(len(all)) + 1
	}
	if n = c.uint(n); n == 0 {
		return nil
	}
	coded := make([]T, 0, len(all))
	for i := range n - 1 {
		var element T
		if !c.reading {
			element = all[i]
		}
		if element = each(element); c.failed {
			return nil
		}
		coded = append(coded, element)
	}
	return coded
}
