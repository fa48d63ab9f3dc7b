package mfatest

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// FaultKind is how a [Fault] fails.
type FaultKind int

// The kinds of faults: first those that do not act, then those that do. To act
// means that the request has its full effect: a message is sent, a code is
// spent.
const (
	// FaultAnswer responds with Status, Header and Body and does not act. If all
	// three are zero, the request is only delayed.
	FaultAnswer FaultKind = iota
	// FaultResetBefore does not act and resets: the connection (TCP RST) on
	// HTTP/1.1, the one stream (RST_STREAM) on HTTP/2.
	FaultResetBefore

	// FaultActThenAnswer acts, then responds with Status, Header and Body, as a
	// gateway does that lost the server behind it.
	FaultActThenAnswer
	// FaultDropReply acts, then closes the connection without a response. On
	// HTTP/2 this ends all requests of the connection.
	FaultDropReply
	// FaultReset acts, then resets like FaultResetBefore.
	FaultReset
	// FaultHang acts, then never responds.
	FaultHang
	// FaultTruncate acts, announces the whole body and sends half of it. A
	// response without a body is not sent at all.
	FaultTruncate
	// FaultSlowBody acts, then sends the body at one byte every 50 milliseconds.
	FaultSlowBody

	faultKinds // how many there are
)

// slowByte is the time between two bytes of FaultSlowBody.
const slowByte = 50 * time.Millisecond

// OpJWKS is a request for the key set, /.well-known/jwks.json. Package mfa does
// not have this operation.
const OpJWKS mfa.Op = "jwks"

// operations are what a Fault can fail.
var operations = []mfa.Op{
	mfa.OpAssociate, mfa.OpListAuthenticators, mfa.OpDeleteAuthenticator, mfa.OpChallenge,
	mfa.OpVerifyOOB, mfa.OpVerifyOTP, mfa.OpVerifyRecoveryCode, mfa.OpPollPush,
	mfa.OpPasswordLogin, mfa.OpRefresh, mfa.OpWarm, OpJWKS,
}

// Fault is a failure that the test orders; see [Tenant.Fail].
type Fault struct {
	// Op is the operation to fail: one of package mfa that sends a request, or
	// [OpJWKS]. mfa.OpPollPush is the mfa-oob grant without a
	// binding_code, mfa.OpWarm the discovery document. If empty, any request
	// fails.
	Op mfa.Op
	// Times is how many requests fail. If zero, one does.
	Times int
	// Status is the HTTP status of the response. If zero, it is 200, or the
	// tenant's own response is sent if Header and Body are zero too.
	// FaultTruncate and FaultSlowBody send the response that Status, Header and
	// Body describe. All kinds but these and the two FaultAnswer kinds ignore
	// them.
	Status int
	// Header is sent with the response, for example Retry-After. A body that
	// begins like JSON is sent as JSON unless Header has a Content-Type.
	Header http.Header
	// Body is the body of the response.
	Body string
	// Delay is how long to wait, in real time or that of a bubble of
	// testing/synctest, before anything else happens. If the client goes away or
	// [Tenant.Close] is called, the wait ends and nothing else happens.
	Delay time.Duration
	// Kind is how to fail. The zero value is FaultAnswer.
	Kind FaultKind
}

// Fail makes the next requests of the fault's operation fail. If several faults
// match a request, it meets the one that was ordered first. Fail panics if the
// fault is invalid, for example if the tenant does not have the operation.
//
// A fault can also stand for a response of Auth0 that the tenant never sends by
// itself, for example when a mail provider is down:
//
//	tenant.Fail(mfatest.Fault{Op: mfa.OpChallenge, Status: 502,
//		Body: `{"error":"bad_gateway","error_description":"Error sending email."}`})
func (t *Tenant) Fail(f Fault) {
	switch {
	case f.Op != "" && !slices.Contains(operations, f.Op):
		panic(fmt.Sprintf("mfatest: Fail: the tenant has no operation %q", string(f.Op)))
	case f.Kind < 0 || f.Kind >= faultKinds:
		panic(fmt.Sprintf("mfatest: Fail: there is no FaultKind %d", f.Kind))
	case f.Status != 0 && (f.Status < 200 || f.Status > 999):
		panic(fmt.Sprintf("mfatest: Fail: %d is not a Status to respond with", f.Status))
	case f.Times < 0 || f.Delay < 0:
		panic("mfatest: Fail: negative Times or Delay")
	}
	f.Times = max(1, f.Times)
	f.Header = f.Header.Clone()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.faults = append(t.faults, f)
}

// UnusedFaults returns the faults that no request has met yet, in the order of
// [Tenant.Fail]. Times is how many requests each would still fail. At the end of
// a test it should return nil: a fault that no request met has tested nothing.
func (t *Tenant) UnusedFaults() []Fault {
	t.mu.Lock()
	defer t.mu.Unlock()
	var unused []Fault
	for _, f := range t.faults {
		f.Header = f.Header.Clone()
		unused = append(unused, f)
	}
	return unused
}

// takeFault returns the fault that a request of the operation meets, and uses it
// up. The caller holds the lock.
func (t *Tenant) takeFault(op mfa.Op) Fault {
	for i := range t.faults {
		f := &t.faults[i]
		if f.Op != "" && f.Op != op {
			continue
		}
		taken := *f
		if f.Times--; f.Times == 0 {
			t.faults = slices.Delete(t.faults, i, i+1)
		}
		return taken
	}
	return Fault{}
}

// hasAnswer reports whether the fault describes a response of its own.
func (f Fault) hasAnswer() bool { return f.Status != 0 || len(f.Header) > 0 || f.Body != "" }

// response returns the fault's response, or else the tenant's own.
func (f Fault) response(own func() response) response {
	if !f.hasAnswer() {
		return own()
	}
	resp := response{status: f.Status, header: f.Header.Clone(), body: []byte(f.Body)}
	if resp.status == 0 {
		resp.status = http.StatusOK
	}
	if resp.header == nil {
		resp.header = http.Header{}
	}
	if resp.header.Get("Content-Type") == "" && !bytes.HasPrefix(resp.body, []byte("{")) && !bytes.HasPrefix(resp.body, []byte("[")) {
		resp.header.Set("Content-Type", http.DetectContentType(resp.body))
	}
	return resp
}

// wait waits for the fault's delay.
func (f Fault) wait(r *http.Request) {
	if f.Delay == 0 {
		return
	}
	timer := time.NewTimer(f.Delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
		panic(http.ErrAbortHandler)
	}
}

// applyFault acts, if the fault lets it, and sends what the fault leaves of the
// response.
func applyFault(w http.ResponseWriter, r *http.Request, f Fault, act func() response) {
	switch f.Kind {
	case FaultAnswer:
		f.response(act).write(w)
		return
	case FaultResetBefore:
		reset(r)
	}
	own := act()
	resp := f.response(func() response { return own })
	switch f.Kind {
	case FaultActThenAnswer:
		resp.write(w)
	case FaultDropReply:
		_ = connection(r).Close()
		panic(http.ErrAbortHandler)
	case FaultReset:
		reset(r)
	case FaultHang:
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	case FaultTruncate:
		if len(resp.body) > 0 { // else the header alone would be the whole response
			resp.writeHeader(w)
			_, _ = w.Write(resp.body[:len(resp.body)/2])
			_ = http.NewResponseController(w).Flush()
		}
		panic(http.ErrAbortHandler)
	case FaultSlowBody:
		resp.writeHeader(w)
		resp.writeSlowly(w, r)
	}
}

// write sends the response.
func (r response) write(w http.ResponseWriter) {
	r.writeHeader(w)
	_, _ = w.Write(r.body) // fails for a status without a body, and when the client is gone
}

// writeHeader sends status and header, with the length of the whole body.
func (r response) writeHeader(w http.ResponseWriter) {
	header := w.Header()
	for name, values := range r.header {
		header[http.CanonicalHeaderKey(name)] = values
	}
	if r.status == http.StatusNoContent || r.status == http.StatusNotModified {
		header.Del("Content-Type")
	} else {
		header.Set("Content-Length", strconv.Itoa(len(r.body)))
	}
	w.WriteHeader(r.status)
}

// writeSlowly sends the body byte by byte.
func (r response) writeSlowly(w http.ResponseWriter, req *http.Request) {
	ticker := time.NewTicker(slowByte)
	defer ticker.Stop()
	body := bytes.NewReader(r.body)
	for {
		if err := http.NewResponseController(w).Flush(); err != nil || body.Len() == 0 {
			return
		}
		select {
		case <-ticker.C:
		case <-req.Context().Done():
			panic(http.ErrAbortHandler)
		}
		_, _ = io.CopyN(w, body, 1)
	}
}

// reset ends the request with a TCP RST or, on HTTP/2, an RST_STREAM.
func reset(r *http.Request) {
	if r.ProtoMajor == 1 {
		conn := connection(r).NetConn()
		_ = conn.(interface{ SetLinger(sec int) error }).SetLinger(0) //nolint:errcheck // TCP or memory; makes Close reset
		_ = conn.Close()
	}
	panic(http.ErrAbortHandler) // HTTP/2: RST_STREAM
}

// connection returns the connection of the request.
func connection(r *http.Request) *tls.Conn {
	return r.Context().Value(connKey{}).(*tls.Conn) //nolint:errcheck // ConnContext adds it to every connection
}
