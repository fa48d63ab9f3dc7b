package mfa_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-auth0-mfa/mfa"
)

// The text is made of this package's words; a code only if it is one.
func TestError_ownWordsOnly(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"Server-Text", "servertext1", "servertext.x", "Servertext", "servertext_"} {
		e, err := operationNamed("challenge").fails(t, t.Context(), newTenant(t, answer{
			status: 418, body: `{"error":"` + code + `","error_description":"servertext said"}`,
			header: http.Header{"X-Request-Id": {"servertext"}},
		}).client(t))
		assert.Equal(t, code, e.Code)
		assert.NotContains(t, strings.ToLower(err.Error()), "servertext")
		assert.NotContains(t, strings.ToLower(fmt.Sprintf("%+v %#v %q %x", e, e, e, e)), "servertext")
	}
	e := &mfa.Error{Op: "challenge", StatusCode: 400, Code: "invalid_authenticator"}
	assert.Contains(t, e.Error(), "invalid_authenticator")
	assert.Contains(t, e.Error(), "400")
	assert.Contains(t, e.Error(), "challenge")
}

// Logs tell apart a user who left, a call that took too long, and what an
// operator mends in different places.
func TestError_textOfTheCause(t *testing.T) {
	t.Parallel()
	texts := map[string]bool{}
	causes := []error{
		context.Canceled, context.DeadlineExceeded, errors.New("broken wire"), syscall.ECONNREFUSED,
		&net.DNSError{Err: "no such host"}, &tls.CertificateVerificationError{Err: errors.New("expired")},
	}
	for _, cause := range causes {
		_, err := operationNamed("challenge").fails(t, t.Context(), newTenant(t, answer{err: cause}).client(t))
		assert.ErrorIs(t, err, cause)
		texts[err.Error()] = true
	}
	assert.Len(t, texts, len(causes))
	texts[(&mfa.Error{Op: "challenge", Delivery: mfa.DeliveryNotSent}).Error()] = true
	assert.Len(t, texts, len(causes)+1)
}

// Error chains are walked and printed by log shippers: nothing that a server
// or net/http said may be found that way.
func TestError_hasNoUnwrap(t *testing.T) {
	t.Parallel()
	var e error = &mfa.Error{}
	_, one := e.(interface{ Unwrap() error })
	_, many := e.(interface{ Unwrap() []error })
	assert.False(t, one || many)
}

// What the transport reports is found, though it is not in the chain.
func TestError_cause(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken wire")
	for _, op := range operations {
		t.Run(op.String(), func(t *testing.T) {
			t.Parallel()
			tenant := newTenant(t, answer{err: &net.OpError{Op: "read", Err: broken}})

			e, err := op.fails(t, t.Context(), tenant.client(t))

			assert.ErrorIs(t, err, broken)
			var urlError *url.Error
			assert.ErrorAs(t, err, &urlError)
			var opError *net.OpError
			assert.ErrorAs(t, err, &opError)
			assert.NotContains(t, err.Error(), "broken wire")
			// This transport knows no httptrace, so nothing proves that nothing left.
			assert.Equal(t, mfa.DeliveryUnknown, e.Delivery)
			assert.Zero(t, e.StatusCode)
			if op.acts {
				assertMeans(t, err, mfa.ErrOutcomeUnknown)
			} else {
				assertMeans(t, err)
				assert.Equal(t, mfa.ActionRetryLater, mfa.NextAction(err))
			}
			if op.name == "list authenticators" {
				assert.Len(t, tenant.requests(), 3)
			} else {
				assert.Len(t, tenant.requests(), 1)
			}
		})
	}
}
