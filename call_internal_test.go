package mfa

import (
	"net/http"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An answer may hold tokens: what read has seen is gone when send returns.
func TestSend_clearsTheAnswer(t *testing.T) {
	t.Parallel()
	const answer = "the answer, with its tokens"
	transport := httpmock.NewMockTransport()
	transport.RegisterResponder(http.MethodGet, "https://tenant.eu.auth0.com/", httpmock.NewStringResponder(http.StatusOK, answer))
	client, err := NewClient("tenant.eu.auth0.com", "client", WithHTTPClient(&http.Client{Transport: transport}))
	require.NoError(t, err)
	var seen []byte

	_, err = send(t.Context(), client.newCall(OpWarm, http.MethodGet, "/"), func(_ int, body []byte) (struct{}, bool) {
		assert.Equal(t, answer, string(body))
		seen = body
		return struct{}{}, true
	})

	require.NoError(t, err)
	assert.Equal(t, make([]byte, len(answer)), seen)
}
