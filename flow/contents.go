package flow

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"encoding/json"
	"io"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// contents is what is in a sealed step, as deflated JSON. Before it stands the
// address that the user typed, with its length; it is not deflated, else the
// length of the sealed step would tell how much of it occurs in a token. Names
// are short because all of it has to fit into a cookie. Members may be added;
// what changes or goes needs another version.
type contents struct {
	State          State       `json:"s"`
	Factor         mfa.Factor  `json:"f,omitzero"`
	MFAToken       string      `json:"m"`
	OOBCode        string      `json:"o,omitzero"`
	Authenticators [][4]string `json:"a,omitzero"` // id, type, channel, name
	Challenged     int         `json:"c,omitzero"` // place among them, from 1
	Enrolling      bool        `json:"e,omitzero"` // to the address before the contents
	OTPSecret      string      `json:"k,omitzero"`
	BarcodeURI     string      `json:"b,omitzero"`
	RecoveryCodes  []string    `json:"r,omitzero"`
	CanChallenge   []string    `json:"u,omitzero"`
	CanEnroll      []string    `json:"v,omitzero"`
	ExpiresAt      int64       `json:"z"` // times are Unix milliseconds
	CodeExpiresAt  int64       `json:"x,omitzero"`
	ResendAt       int64       `json:"n,omitzero"`
	PollAt         int64       `json:"p,omitzero"`
	PollInterval   int64       `json:"i,omitzero"` // milliseconds beyond the usual one
	SentTo         string      `json:"t,omitzero"`
	AttemptsLeft   int         `json:"l,omitzero"`
	SendsLeft      int         `json:"q,omitzero"`
}

// maxContents bounds what contents inflate to.
const maxContents = 16 << 10

// pack returns the step's contents, and whether they can be unpacked again: not
// if they are too long.
func (sl *Sealer) pack(s *Step) ([]byte, bool) {
	c := contents{
		State: s.state, Factor: s.factor, MFAToken: s.mfaToken.Reveal(), OOBCode: s.oobCode.Reveal(),
		OTPSecret: s.otpSecret.Reveal(), BarcodeURI: s.barcodeURI.Reveal(),
		CanChallenge: s.requirements.Challenge, CanEnroll: s.requirements.Enroll,
		ExpiresAt: millis(s.expiresAt), CodeExpiresAt: millis(s.codeExpiresAt), ResendAt: millis(s.resendAt), PollAt: millis(s.pollAt),
		PollInterval: (s.pollInterval - pollInterval).Milliseconds(),
		Enrolling:    s.enrolling,
		SentTo:       s.sentTo.Reveal(), AttemptsLeft: s.attemptsLeft, SendsLeft: s.sendsLeft,
	}
	for i, a := range s.authenticators {
		c.Authenticators = append(c.Authenticators, [4]string{a.id, a.kind, a.channel, a.name.Reveal()})
		if a.id == s.challenged {
			c.Challenged = i + 1
		}
	}
	for _, code := range s.recoveryCodes {
		c.RecoveryCodes = append(c.RecoveryCodes, code.Reveal())
	}

	typed := s.enrolment.email.Reveal() + s.enrolment.phone.Reveal() // there is one at most
	var plain, packed bytes.Buffer
	enc := json.NewEncoder(&plain)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(c) // cannot fail: strings and numbers
	if plain.Len() > maxContents {
		return nil, false
	}
	packed.Write(binary.AppendUvarint(nil, uint64(len(typed))))
	packed.WriteString(typed)
	w, ok := sl.writers.Get().(*flate.Writer)
	if !ok {
		w, _ = flate.NewWriter(nil, flate.DefaultCompression) // a level that exists
	}
	defer sl.writers.Put(w)
	w.Reset(&packed)
	_, _ = w.Write(plain.Bytes())
	_ = w.Close() // a buffer takes everything
	return packed.Bytes(), true
}

// unpack returns the step whose contents were packed, without tenant and
// application, and whether it is one.
func unpack(packed []byte) (*Step, bool) {
	length, n := binary.Uvarint(packed)
	if n <= 0 || length > uint64(len(packed)-n) { //nolint:gosec // n is not negative
		return nil, false
	}
	typed, packed := mfa.NewSecret(string(packed[n:n+int(length)])), packed[n+int(length):] //nolint:gosec // less than len(packed)
	plain, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), maxContents+1))
	if err != nil || len(plain) > maxContents {
		return nil, false
	}
	var c contents
	if json.Unmarshal(plain, &c) != nil || c.State < StateEnroll || c.State >= StateDone || c.MFAToken == "" ||
		c.Challenged < 0 || c.Challenged > len(c.Authenticators) {
		return nil, false
	}
	s := &Step{
		state: c.State, factor: c.Factor, mfaToken: mfa.NewSecret(c.MFAToken), oobCode: mfa.NewSecret(c.OOBCode),
		otpSecret: mfa.NewSecret(c.OTPSecret), barcodeURI: mfa.NewSecret(c.BarcodeURI),
		requirements: mfa.Requirements{Challenge: c.CanChallenge, Enroll: c.CanEnroll},
		expiresAt:    moment(c.ExpiresAt), codeExpiresAt: moment(c.CodeExpiresAt), resendAt: moment(c.ResendAt), pollAt: moment(c.PollAt),
		pollInterval: pollInterval + time.Duration(c.PollInterval)*time.Millisecond,
		sentTo:       mfa.NewSecret(c.SentTo), attemptsLeft: c.AttemptsLeft, sendsLeft: c.SendsLeft,
	}
	for i, a := range c.Authenticators {
		s.authenticators = append(s.authenticators, authenticator{a[0], a[1], a[2], mfa.NewSecret(a[3])})
		if i+1 == c.Challenged {
			s.challenged = a[0]
		}
	}
	if c.Enrolling {
		s.enrolling, s.enrolment.factor = true, c.Factor
		if c.Factor == mfa.FactorEmail {
			s.enrolment.email = typed
		} else {
			s.enrolment.phone = typed
		}
	}
	for _, code := range c.RecoveryCodes {
		s.recoveryCodes = append(s.recoveryCodes, mfa.NewSecret(code))
	}
	return s, true
}

// millis returns a time as Unix milliseconds; 0 for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// moment is the inverse of millis.
func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
