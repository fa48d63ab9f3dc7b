package transport_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/go-auth0-mfa/mfa/internal/transport"
)

// headers makes a header of names and values; no value, no name.
func headers(pairs ...string) http.Header {
	h := http.Header{}
	for n := 0; n < len(pairs); n += 2 {
		if pairs[n+1] != "" {
			h.Set(pairs[n], pairs[n+1])
		}
	}
	return h
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	const (
		day  = 24 * time.Hour
		date = "Tue, 15 Nov 1994 08:12:31 GMT" // 784887151
	)
	tests := []struct {
		name                        string
		status                      int
		after, date, reset, remains string
		want                        time.Duration
	}{
		{"nothing", 429, "", date, "", "", 0},
		{"seconds", 429, "1", date, "", "", time.Second},
		{"seconds between spaces", 429, "  7 ", date, "", "", 7 * time.Second},
		{"leading zeros", 429, "007", date, "", "", 7 * time.Second},
		{"an hour", 429, "3600", date, "", "", time.Hour},
		{"zero", 429, "0", date, "", "", 0},
		{"a day", 429, "86400", date, "", "", day},
		{"more than a day", 429, "86401", date, "", "", day},
		{"overflow of 64 bits", 429, "18446744073709551617", date, "", "", day},
		{"overflow of a float", 429, strings.Repeat("9", 400), date, "", "", day},
		{"negative", 429, "-5", date, "", "", 0},
		{"signed", 429, "+5", date, "", "", 0},
		{"fraction", 429, "1.5", date, "", "", 0},
		{"exponent", 429, "1e3", date, "", "", 0},
		{"hexadecimal", 429, "0x10", date, "", "", 0},
		{"infinity", 429, "inf", date, "", "", 0},
		{"digits of another script", 429, "٣", date, "", "", 0},
		{"words", 429, "soon", date, "", "", 0},
		{"a sign before a number", 429, "~17", date, "", "", 0},
		{"a sign behind a number", 429, "17~", date, "", "", 0},
		{"two numbers", 429, "1, 2", date, "", "", 0},

		{"date", 429, "Tue, 15 Nov 1994 08:12:41 GMT", date, "", "", 10 * time.Second},
		{"date, as RFC 850 has it", 429, "Tuesday, 15-Nov-94 08:12:41 GMT", date, "", "", 10 * time.Second},
		{"date, as asctime has it", 429, "Tue Nov 15 08:12:41 1994", date, "", "", 10 * time.Second},
		{"date in the past", 429, "Tue, 15 Nov 1994 08:12:30 GMT", date, "", "", 0},
		{"date far off", 429, "Fri, 31 Dec 9999 23:59:59 GMT", date, "", "", day},
		{"date by the local clock", 429, "Sat, 01 Jan 2000 00:00:30 GMT", "", "", "", 30 * time.Second},
		{"date, own date unreadable", 429, "Sat, 01 Jan 2000 00:00:30 GMT", "yesterday", "", "", 30 * time.Second},

		{"reset", 429, "", date, "784887161", "", 10 * time.Second},
		{"reset between spaces", 429, "", date, " 784887161 ", "", 10 * time.Second},
		{"reset in milliseconds", 429, "", date, "784887161000", "", 10 * time.Second},
		{"reset in half seconds", 429, "", date, "784887161500", "", 10*time.Second + 500*time.Millisecond},
		{"reset at the last second", 429, "", date, "99999999999", "", day},
		{"reset at the first millisecond", 429, "", date, "100000000000", "", 0},
		{"reset in the past", 429, "", date, "784887150", "", 0},
		{"reset now", 429, "", date, "784887151", "", 0},
		{"reset far off", 429, "", date, "1784887151", "", day},
		{"reset overflow", 429, "", date, strings.Repeat("9", 400), "", day},
		{"reset negative", 429, "", date, "-1", "", 0},
		{"reset in words", 429, "", date, "soon", "", 0},
		{"reset by the local clock", 429, "", "", "946684830", "", 30 * time.Second},

		{"stated wait before reset", 429, "2", date, "784887161", "", 2 * time.Second},
		{"stated zero before reset", 429, "0", date, "784887161", "", 0},
		{"stated junk, then reset", 429, "soon", date, "784887161", "", 10 * time.Second},

		{"other status, seconds", 503, "3", date, "", "", 3 * time.Second},
		{"other status, reset", 503, "", date, "784887161", "", 0},
		{"other status, reset with some left", 503, "", date, "784887161", "9", 0},
		{"other status, reset with none left", 403, "", date, "784887161", "0", 10 * time.Second},
		{"no refusal, seconds", 200, "3", date, "", "", 0},
		{"no refusal, none left", 200, "", date, "784887161", "0", 0},
		{"last status that is no refusal, seconds", 399, "3", date, "", "", 0},
		{"first refusal, seconds", 400, "3", date, "", "", 3 * time.Second},
		{"limit with some left", 429, "", date, "784887161", "9", 10 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			// A bubble's clock stands at the beginning of the year 2000.
			synctest.Test(t, func(t *testing.T) {
				got := transport.RetryAfter(tt.status, headers(
					"Retry-After", tt.after, "Date", tt.date,
					"X-RateLimit-Reset", tt.reset, "X-RateLimit-Remaining", tt.remains))

				assert.Equal(t, tt.want, got)
			})
		})
	}
}

func FuzzRetryAfter(f *testing.F) {
	const date = "Tue, 15 Nov 1994 08:12:31 GMT"
	f.Add(429, "1", "", "", "")
	f.Add(429, "99999999999999999999", date, "", "")
	f.Add(429, "-1", date, "784887161", "0")
	f.Add(429, "", date, "784887161000", "9")
	f.Add(200, "1", date, "784887161", "0")
	f.Add(503, "Fri, 31 Dec 9999 23:59:59 GMT", date, "", "0")
	f.Add(403, "NaN", "Mon, 01 Jan 0001 00:00:00 GMT", "1e999", "0")
	f.Fuzz(func(t *testing.T, status int, after, date, reset, remains string) {
		got := transport.RetryAfter(status, headers(
			"Retry-After", after, "Date", date,
			"X-RateLimit-Reset", reset, "X-RateLimit-Remaining", remains))

		assert.GreaterOrEqual(t, got, time.Duration(0))
		assert.LessOrEqual(t, got, 24*time.Hour)
		if status < 400 {
			assert.Zero(t, got)
		}
	})
}
