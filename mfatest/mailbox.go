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

// maxMessages is how many messages a tenant keeps.
const maxMessages = 10_000

// send sends a message. The caller holds the lock.
func (t *Tenant) send(m Message) {
	if t.messages = append(t.messages, m); len(t.messages) > maxMessages {
		t.messages[0] = Message{} // the array outlives it
		t.messages = t.messages[1:]
	}
}

// ClearMessages empties all inboxes. The codes in the messages stay valid.
func (t *Tenant) ClearMessages() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.messages = nil
}

// Inbox returns the messages to an e-mail address or phone number, oldest first.
// It returns nil if there are none. Of all messages the tenant keeps the newest
// 10,000. Upper and lower case do not matter in an
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
// first. It returns nil if there are none. The tenant keeps the newest 10,000.
func (t *Tenant) Messages() []Message {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.messages)
}

// LastCode returns the newest code that was sent to an e-mail address or phone
// number, and false if none was.
func (t *Tenant) LastCode(address string) (string, bool) {
	key := normalize(address)
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, m := range slices.Backward(t.messages) {
		if normalize(m.To) == key {
			return m.Code, true
		}
	}
	return "", false
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
