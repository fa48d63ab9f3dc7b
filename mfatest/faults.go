package mfatest

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// FaultKind is how a [Fault] fails.
type FaultKind int

// The kinds of faults: first those that do not act, then those that do. "Acts"
// means that the request has its full effect: a mail is out, a code is spent.
const (
	// FaultAnswer answers with Status, Header and Body and does not act. If all
	// three are zero, the request is only delayed.
	FaultAnswer FaultKind = iota
	// FaultResetBefore resets the connection (TCP RST) on HTTP/1.1, the one stream
	// (RST_STREAM) on HTTP/2, and does not act.
	FaultResetBefore

	// FaultActThenAnswer acts, then answers with Status, Header and Body, as a
	// gateway does that lost the server behind it.
	FaultActThenAnswer
	// FaultDropReply acts, then closes the connection without an answer. On
	// HTTP/2 this ends all requests of the connection.
	FaultDropReply
	// FaultReset acts, then resets like FaultResetBefore.
	FaultReset
	// FaultHang acts, and then never answers.
	FaultHang
	// FaultTruncate acts, announces the whole body and sends half of it. An
	// answer without a body is not sent at all.
	FaultTruncate
	// FaultSlowBody acts and sends the body at a byte every 50 milliseconds.
	FaultSlowBody

	faultKinds // how many there are
)

// slowByte is the time between two bytes of FaultSlowBody.
const slowByte = 50 * time.Millisecond

// The operations of the tenant that package mfa does not have.
const (
	// OpRefreshToken is the refresh_token grant.
	OpRefreshToken mfa.Op = "refresh"
	// OpJWKS is a request for the key set, /.well-known/jwks.json.
	OpJWKS mfa.Op = "jwks"
)

// operations are what a Fault can fail.
var operations = []mfa.Op{
	mfa.OpAssociate, mfa.OpListAuthenticators, mfa.OpDeleteAuthenticator, mfa.OpChallenge,
	mfa.OpVerifyOOB, mfa.OpVerifyOTP, mfa.OpVerifyRecoveryCode, mfa.OpPollPush,
	mfa.OpPasswordLogin, OpRefreshToken, mfa.OpWarm, OpJWKS,
}

// Fault is a failure that the tenant is told to have; see [Tenant.Fail].
type Fault struct {
	// Op is the operation to fail: one of package mfa that sends a request, or
	// [OpRefreshToken] or [OpJWKS]. mfa.OpPollPush is the mfa-oob grant without a
	// binding_code, mfa.OpWarm the discovery document. If empty, any request
	// fails.
	Op mfa.Op
	// Times is how many requests fail; 0 means 1.
	Times int
	// Status is the HTTP status to answer with; 0: 200, or the tenant's own
	// answer if Header and Body are zero too. FaultTruncate and FaultSlowBody
	// send the answer that Status, Header and Body describe; the kinds other
	// than these and the two FaultAnswer kinds ignore them.
	Status int
	// Header is sent with the answer, for example Retry-After. A body that
	// begins like JSON is sent as such unless Header has a Content-Type.
	Header http.Header
	// Body is the body to answer with.
	Body string
	// Delay is how long to wait, in real time, before anything else happens. It
	// ends early when the client goes away, and nothing happens then, and at
	// [Tenant.Close].
	Delay time.Duration
	// Kind is how to fail; the zero value is FaultAnswer.
	Kind FaultKind
}

// Fail makes the next requests fail that are of the fault's operation. Of
// several faults that fit a request the one that was ordered first is used up
// first. Fail panics if the fault is invalid, for example if Op names no operation
// of the tenant.
//
// An answer of the service that the tenant does not give by itself is a fault
// as well, for example of a mail provider that is down:
//
//	tenant.Fail(mfatest.Fault{Op: mfa.OpChallenge, Status: 502,
//		Body: `{"error":"bad_gateway","error_description":"Error sending email."}`})
func (t *Tenant) Fail(f Fault) {
	switch {
	case f.Op != "" && !slices.Contains(operations, f.Op):
		panic(fmt.Sprintf("mfatest: Fail: the tenant has no operation %q", string(f.Op)))
	case f.Kind < 0 || f.Kind >= faultKinds:
		panic(fmt.Sprintf("mfatest: Fail: no FaultKind %d", f.Kind))
	case f.Status != 0 && (f.Status < 200 || f.Status > 999):
		panic(fmt.Sprintf("mfatest: Fail: %d is no Status to answer with", f.Status))
	case f.Times < 0 || f.Delay < 0:
		panic("mfatest: Fail: negative Times or Delay")
	}
	f.Times = max(1, f.Times)
	f.Header = f.Header.Clone()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.faults = append(t.faults, f)
}

// UnusedFaults returns the faults that no request has met yet, in the order in
// which [Tenant.Fail] got them; nil: all were met. Times is how often each is
// left. At the end of a test there should be none: a fault that nothing met has
// tested nothing.
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

// speaks reports whether the fault brings an answer of its own.
func (f Fault) speaks() bool { return f.Status != 0 || len(f.Header) > 0 || f.Body != "" }

// answer returns the fault's answer, or else the tenant's own.
func (f Fault) answer(own func() answer) answer {
	if !f.speaks() {
		return own()
	}
	a := answer{status: f.Status, header: f.Header.Clone(), body: []byte(f.Body)}
	if a.status == 0 {
		a.status = http.StatusOK
	}
	if a.header == nil {
		a.header = http.Header{}
	}
	if a.header.Get("Content-Type") == "" && !bytes.HasPrefix(a.body, []byte("{")) && !bytes.HasPrefix(a.body, []byte("[")) {
		a.header.Set("Content-Type", http.DetectContentType(a.body))
	}
	return a
}

// hold waits for the fault's delay.
func (f Fault) hold(r *http.Request) {
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

// send acts, if the fault lets it, and sends what the fault leaves of the answer.
func send(w http.ResponseWriter, r *http.Request, f Fault, act func() answer) {
	switch f.Kind {
	case FaultAnswer:
		f.answer(act).write(w)
		return
	case FaultResetBefore:
		reset(r)
	}
	own := act()
	a := f.answer(func() answer { return own })
	switch f.Kind {
	case FaultActThenAnswer:
		a.write(w)
	case FaultDropReply:
		_ = connection(r).Close()
		panic(http.ErrAbortHandler)
	case FaultReset:
		reset(r)
	case FaultHang:
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	case FaultTruncate:
		if len(a.body) > 0 { // else the header alone would be the whole answer
			a.announce(w)
			_, _ = w.Write(a.body[:len(a.body)/2])
			_ = http.NewResponseController(w).Flush()
		}
		panic(http.ErrAbortHandler)
	case FaultSlowBody:
		a.announce(w)
		a.trickle(w, r)
	}
}

// write sends the answer.
func (a answer) write(w http.ResponseWriter) {
	a.announce(w)
	_, _ = w.Write(a.body) // fails for a status without a body, and when the client is gone
}

// announce sends status and header, with the length of the whole body.
func (a answer) announce(w http.ResponseWriter) {
	header := w.Header()
	for name, values := range a.header {
		header[http.CanonicalHeaderKey(name)] = values
	}
	if a.status == http.StatusNoContent || a.status == http.StatusNotModified {
		header.Del("Content-Type")
	} else {
		header.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
}

// trickle sends the body byte by byte.
func (a answer) trickle(w http.ResponseWriter, r *http.Request) {
	ticker := time.NewTicker(slowByte)
	defer ticker.Stop()
	body := bytes.NewReader(a.body)
	for {
		if err := http.NewResponseController(w).Flush(); err != nil || body.Len() == 0 {
			return
		}
		select {
		case <-ticker.C:
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		}
		_, _ = io.CopyN(w, body, 1)
	}
}

// reset ends the request with a TCP RST or, on HTTP/2, an RST_STREAM.
func reset(r *http.Request) {
	if r.ProtoMajor == 1 {
		tcp := connection(r).NetConn().(*net.TCPConn) //nolint:errcheck // the listener is TCP
		_ = tcp.SetLinger(0)                          // makes Close send RST instead of FIN
		_ = tcp.Close()
	}
	panic(http.ErrAbortHandler) // HTTP/2: RST_STREAM
}

// connection returns the connection that the request came by.
func connection(r *http.Request) *tls.Conn {
	return r.Context().Value(connKey{}).(*tls.Conn) //nolint:errcheck // every connection puts itself there
}
