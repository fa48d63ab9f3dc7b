package mfatest

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Alphabets of identifiers and codes.
const (
	alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	recoveryText = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
)

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: it ends the program instead
	return b
}

func randomHex(n int) string { return hex.EncodeToString(randomBytes(n)) }

// randomText returns n characters of the alphabet.
func randomText(alphabet string, n int) string {
	b := randomBytes(n)
	for i, c := range b {
		b[i] = alphabet[int(c)%len(alphabet)]
	}
	return string(b)
}

// randomCode returns 6 digits, leading zeros included.
func randomCode() string {
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(randomBytes(8))%1_000_000)
}

// sealed returns an opaque token of the service's looks: eight parts between
// stars, of which the fifth is the sealed content and the sixth the expiry in
// Unix milliseconds.
func sealed(length int, expires time.Time) string {
	parts := []string{
		"Fe26.2", "", randomHex(32), base64.RawURLEncoding.EncodeToString(randomBytes(16)), "",
		strconv.FormatInt(expires.UnixMilli(), 10), randomHex(32), base64.RawURLEncoding.EncodeToString(randomBytes(32)),
	}
	rest := length - len(strings.Join(parts, "*"))
	parts[4] = base64.RawURLEncoding.EncodeToString(randomBytes(rest))[:rest]
	return strings.Join(parts, "*")
}
