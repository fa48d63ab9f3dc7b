package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

// known is a response of which others told what it means: recorded from the service,
// documented, drafted by Auth0's engineers, written into the source or a test of one of
// its SDKs, or reported by a user. Where the source names no status, it is the one that
// its kin have. Tokens are shortened, and a tenant's own words stand for any.
type known struct {
	Op     mfa.Op
	Factor mfa.Factor // of an enrollment other than by e-mail
	Status int
	Body   string
	Means  []string // all Err… variables that it matches; none of a success
	Action string
	Kind   string
	Source string
}

// Every response that is known means what it is known to mean.
func TestCorpus(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("testdata/corpus.jsonl")
	require.NoError(t, err)
	lines := bytes.Split(bytes.TrimSpace(file), []byte("\n"))
	assert.GreaterOrEqual(t, len(lines), 60)
	seen := map[mfa.Op]bool{}
	for _, line := range lines {
		var k known
		decoder := json.NewDecoder(bytes.NewReader(line))
		decoder.DisallowUnknownFields()
		require.NoError(t, decoder.Decode(&k), "%s", line)
		seen[k.Op] = true
		t.Run(string(k.Op)+"/"+k.Body, func(t *testing.T) {
			t.Parallel()
			k.check(t)
		})
	}
	for _, op := range append(wiretest.Operations, wiretest.Operation{Op: mfa.OpPasswordless}, wiretest.Operation{Op: mfa.OpTokenExchange}, wiretest.Operation{Op: mfa.OpDevice}) {
		assert.True(t, seen[op.Op] || op.Op == mfa.OpWarm, "no response to %s", op.Op)
	}
}

func (k known) check(t *testing.T) {
	t.Helper()
	assert.Contains(t, []string{"recorded", "documented", "draft", "SDK", "user"}, k.Kind)
	assert.True(t, strings.HasPrefix(k.Source, "https://"), k.Source)
	errs := []error{mfa.ParseErrorOf(k.Op, k.Status, nil, []byte(k.Body))}
	isCall := slices.ContainsFunc(wiretest.Operations, func(o wiretest.Operation) bool { return o.Op == k.Op })
	if isCall {
		header := http.Header{"Content-Type": {"application/json"}, "Retry-After": {"17"}} // longer than any call waits
		client := wiretest.NewTenant(t, wiretest.Response{Status: k.Status, Body: k.Body, Header: header}).Client(t)
		var err error
		if k.Factor != "" {
			_, err = client.Associate(t.Context(), mfa.AssociateRequest{Token: mfa.NewSecret(wiretest.MFAToken), Factor: k.Factor})
		} else {
			_, err = wiretest.Named(k.Op).Call(t.Context(), client)
		}
		errs = append(errs, err)
	}
	for _, err := range errs {
		means := []string{}
		for _, s := range wiretest.Sentinels {
			if errors.Is(err, s.Err) {
				means = append(means, s.Name)
			}
		}
		assert.ElementsMatch(t, k.Means, means)
		assert.Equal(t, k.Action, mfa.NextAction(err).String())
		assert.Equal(t, k.Status < 300 && len(k.Means) == 0, err == nil)
	}
}
