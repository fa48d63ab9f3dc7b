package mfatest

import (
	"slices"
	"strings"
	"time"
)

// Purpose is why a [Message] was sent.
type Purpose string

// The purposes of messages.
const (
	// PurposeEnroll means that the code confirms an authenticator during its
	// enrollment.
	PurposeEnroll Purpose = "enroll"
	// PurposeChallenge means that the code proves possession of an active
	// authenticator.
	PurposeChallenge Purpose = "challenge"
)

// Message is a message with a code: an e-mail, a text message or a voice call.
type Message struct {
	// To is the address or phone number, as it was enrolled.
	To string
	// Code is the code in the message: 6 digits, with leading zeros.
	Code string
	// SentAt is when the message was sent, on the tenant's clock.
	SentAt time.Time
	// Purpose is why the message was sent.
	Purpose Purpose
}

// Inbox returns the messages to an e-mail address or phone number, oldest first.
// It returns nil if there are none. Upper and lower case do not matter in an
// address, nor do spaces, dots, hyphens and parentheses in a number.
func (t *Tenant) Inbox(address string) []Message {
	key := normalize(address)
	t.mu.Lock()
	defer t.mu.Unlock()
	var inbox []Message
	for _, m := range t.messages {
		if normalize(m.To) == key {
			inbox = append(inbox, m)
		}
	}
	return inbox
}

// Messages returns the messages to all addresses and phone numbers, oldest
// first. It returns nil if there are none.
func (t *Tenant) Messages() []Message {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.messages)
}

// LastCode returns the newest code that was sent to an e-mail address or phone
// number, and false if none was.
func (t *Tenant) LastCode(address string) (string, bool) {
	inbox := t.Inbox(address)
	if len(inbox) == 0 {
		return "", false
	}
	return inbox[len(inbox)-1].Code, true
}

// normalize returns the form that all spellings of an address or a phone number
// have in common.
func normalize(address string) string {
	if strings.Contains(address, "@") {
		return strings.ToLower(address)
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" .-()", r) {
			return -1
		}
		return r
	}, address)
}
