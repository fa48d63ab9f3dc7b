package faults

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/go-resty/resty/v2"
	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"github.com/go-auth0-mfa/mfa"
)

// newCareless makes a client as resty invites to write it: retries on, responses
// decoded by resty, and errors that quote them.
func newCareless(s *scene, rt http.RoundTripper) (call caller, closeIdle func()) {
	client := resty.New().
		SetTransport(rt).
		SetBaseURL(s.domain).
		SetRetryCount(2).
		SetRetryWaitTime(time.Millisecond).
		SetRetryMaxWaitTime(2 * time.Millisecond)
	call = func(ctx context.Context, v values) (result, error) {
		var (
			one struct {
				OOBCode     string `json:"oob_code"`
				AccessToken string `json:"access_token"`
			}
			list    []struct{ ID string }
			failure map[string]any
		)
		req := client.R().SetContext(ctx).SetError(&failure)
		path := s.op.path()
		switch {
		case s.op.Method == http.MethodGet:
			req.SetResult(&list)
		case s.op.Method == http.MethodDelete:
			path += url.PathEscape(v.AuthenticatorID)
		case s.op.isJSON():
			req.SetResult(&one).SetBody(map[string]any{"client_secret": clientSecret, "values": s.op.Parameters(v)})
		default:
			form := s.op.Parameters(v)
			form.Set("client_secret", clientSecret)
			req.SetResult(&one).SetFormDataFromValues(form)
		}
		if s.op.Bearer != nil {
			req.SetAuthToken(v.MFAToken)
		}
		resp, err := req.Execute(s.op.Method, path)
		switch {
		case err != nil:
			return result{none: true}, fmt.Errorf("%s: %w", s.op.Op, err)
		case resp.IsError():
			raw, _ := json.Marshal(failure)
			return result{none: true}, errors.New(resp.Status() + ": " + string(raw) + resp.String())
		case s.op.Method == http.MethodDelete:
			return result{none: true}, nil
		case len(list) > 0:
			return result{own: list[0].ID}, nil
		default:
			return result{own: one.OOBCode + one.AccessToken}, nil
		}
	}
	return call, func() { client.GetClient().CloseIdleConnections() }
}

// A client written without care fails: a harness that nothing fails proves
// nothing.
func TestFaults_failACarelessClient(t *testing.T) {
	hush(t)
	before := goleak.IgnoreCurrent()
	h := harness{careless: true, far: soon, limit: 300 << 10, abreast: 150}
	var runs []run
	for _, subject := range subjects {
		for _, f := range subject.rows { // a copy
			if f.alone != nil || f.unlimited || f.want(named(f.ops)[0]).panics {
				continue // such a client would not return
			}
			f.on = f.carriers()[:1]
			f.ops = slices.DeleteFunc(slices.Clone(sample), func(name mfa.Op) bool { return f.ops != nil && !slices.Contains(f.ops, name) })
			f.within = cmp.Or(f.within, soon)
			runs = append(runs, f.runs()...)
		}
	}
	failed := 0
	h.play(t, runs, func(r run) {
		if len(r.found) > 0 {
			failed++
		}
	})
	t.Logf("%d of %d runs fail", failed, len(runs))
	assert.GreaterOrEqual(t, failed, 100)
	_ = left(t.Context(), before) // what it leaves must not count as the other client's
}

// sample is one operation of each kind.
var sample = []mfa.Op{"list authenticators", "challenge", "verify oob"}
