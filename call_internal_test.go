package mfa

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An answer may hold tokens: what read has seen is gone when send returns.
func TestSend_clearsTheAnswer(t *testing.T) {
	t.Parallel()
	const answer = "the answer, with its tokens"
	client, err := NewClient("tenant.eu.auth0.com", "client", WithHTTPClient(&http.Client{
		Transport: answering(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(answer)), ContentLength: -1}, nil
		}),
	}))
	require.NoError(t, err)
	var seen []byte

	_, err = send(t.Context(), client.newCall(opWarm, http.MethodGet, "/"), func(_ int, body []byte) (struct{}, bool) {
		assert.Equal(t, answer, string(body))
		seen = body
		return struct{}{}, true
	})

	require.NoError(t, err)
	assert.Equal(t, make([]byte, len(answer)), seen)
}

type answering func(*http.Request) (*http.Response, error)

func (a answering) RoundTrip(req *http.Request) (*http.Response, error) { return a(req) }
