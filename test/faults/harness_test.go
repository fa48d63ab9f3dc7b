package faults

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/go-auth0-mfa/mfa"
)

// harness runs rows against a client.
type harness struct {
	careless bool          // the client of the control
	far      time.Duration // a deadline that only what has no end meets
	limit    int64         // bytes of a response without end; 0: none
	abreast  int           // runs that wait side by side; 0: as many as can be told apart
}

// run is one row with one operation over one carrier.
type run struct {
	row *fault
	on  carrier
	op  operation
	*scene

	call      caller
	closeIdle func()
	got       result
	err       error
	late      time.Duration // of the call, after the end of the context
	machine   time.Duration // how late the machine itself was to notice that end
}

// waits reports whether the run mostly waits, so that others may run beside it.
func (r run) waits() bool {
	w := r.row.want(r.op)
	return r.row.within > 0 || !r.row.heavy && (w.requests.least > 1 || w.dials.least > 1)
}

// allowance is what the call may allocate, the server included.
func (r run) allowance() uint64 {
	allowed := uint64(2 * unpooled << 20)
	if r.op.reads() {
		allowed *= 2
	}
	if r.row.heavy && r.on.foreign && r.on.http2 {
		allowed += 8 << 20 // by default a stream takes in 4 MiB before anybody reads it
	}
	return allowed
}

// play makes the runs and reports each. Those that wait run side by side. Of
// the others so few that together they keep to what one call may allocate, and
// those with a large response alone.
func (h harness) play(t *testing.T, runs []run, report func(run)) {
	t.Helper()
	var waiting, flooded, quick, heavy []run
	for _, r := range runs {
		switch waits := r.waits(); {
		case waits && r.row.heavy:
			flooded = append(flooded, r)
		case waits:
			waiting = append(waiting, r)
		case r.row.heavy:
			heavy = append(heavy, r)
		default:
			quick = append(quick, r)
		}
	}
	for _, part := range []struct {
		runs  []run
		size  int
		total func(...uint64) uint64
	}{
		{waiting, cmp.Or(h.abreast, 32), sum}, {flooded, 3, sum}, {quick, 4, least}, {heavy, 1, sum},
	} {
		for batch := range slices.Chunk(part.runs, part.size) {
			h.batch(t, batch, part.total, report)
		}
	}
}

func sum(all ...uint64) (total uint64) {
	for _, n := range all {
		total += n
	}
	return total
}

func least(all ...uint64) uint64 { return slices.Min(all) }

// batch makes runs side by side.
func (h harness) batch(t *testing.T, runs []run, total func(...uint64) uint64, report func(run)) {
	t.Helper()
	side := func(do func(r *run)) {
		var all sync.WaitGroup
		for i := range runs {
			all.Go(func() { do(&runs[i]) })
		}
		all.Wait()
	}
	var each []uint64
	for i := range runs {
		r := &runs[i]
		each = append(each, r.allowance())
		r.scene = newScene(t, r.op, r.on, h.limit)
		h.prepare(t.Context(), r)
	}
	allowed := total(each...)
	used := allocated(func() { side(func(r *run) { h.meet(t.Context(), r) }) })
	side(func(r *run) {
		if !h.careless { // whose runs are too many at once to tell whose bytes they are
			assert.LessOrEqual(r, used, allowed, "bytes allocated by %d calls", len(runs))
		}
		h.judge(t.Context(), r)
	})
	for _, r := range runs {
		r.close()
		report(r)
	}
}

// prepare does what comes before the call.
func (h harness) prepare(ctx context.Context, r *run) {
	s := r.scene
	s.serve, s.warm = r.row.serve, r.row.warm
	if r.row.stage != nil {
		r.row.stage(s)
	}
	if r.row.says != nil {
		s.serve = r.on.says(r.row.says(s))
	}
	go s.accept(s.listener)
	r.call, r.closeIdle = h.client(s)
	if !s.warm {
		return
	}
	s.faulty.Store(false)
	got, err := r.call(ctx, s.mine)
	assert.NoError(s, err, "the call before the fault")
	s.checkOwn(s.own.Load().(string), got)
	s.events.Reset()
	s.requests.Store(0)
	s.dials.Store(0)
	s.faulty.Store(true)
	if s.between != nil {
		s.between()
	}
}

// judge compares how the call ended, and does what comes after it.
func (h harness) judge(ctx context.Context, r *run) {
	s := r.scene
	ctx, cancel := context.WithTimeout(ctx, 2*h.far)
	defer cancel()
	assert.LessOrEqual(s, r.late, lateness+10*r.machine, "time after the end of the context")
	s.checkPrinted(r.err)
	w := r.row.want(r.op)
	w.check(s, r.got, r.err)
	if s.client != nil && !w.panics {
		s.checkLogged(r.err)
	}
	if r.row.also != nil && s.client != nil {
		r.row.also(s, r.err)
	}
	if r.row.settles {
		assert.True(s, s.served(ctx, func() {}), "a connection of the fault is still open")
	}
	h.again(ctx, s, r.call)
	assert.True(s, s.served(ctx, r.closeIdle), "a connection is still open")
}

// meet makes the call that meets the fault.
func (h harness) meet(ctx context.Context, r *run) {
	s := r.scene
	limit := cmp.Or(r.row.within, h.far)
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if r.row.context != nil {
		var stop context.CancelFunc
		ctx, stop = r.row.context(ctx, s)
		defer stop()
	}
	observed, stop := context.WithTimeout(ctx, limit)
	defer stop()
	if r.row.unlimited {
		ctx = context.WithoutCancel(ctx)
	}
	// A call that its deadline does not end must not hold up the others.
	rescue := time.AfterFunc(limit+3*lateness, s.rescue)
	defer rescue.Stop()
	ended := make(chan time.Time, 1)
	go func() {
		<-observed.Done()
		ended <- time.Now()
	}()
	if r.row.want(r.op).panics {
		assert.Panics(s, func() { _, _ = r.call(ctx, s.mine) })
		r.got, r.err = result{none: true}, errPanicked
	} else {
		r.got, r.err = r.call(ctx, s.mine)
	}
	back := time.Now()
	stop()
	noticed := <-ended
	r.late = back.Sub(noticed)
	if due, _ := observed.Deadline(); noticed.After(due) {
		r.machine = noticed.Sub(due)
	}
	close(s.returned)
}

var errPanicked = errors.New("the call did not return")

// again makes the same call for another user, after the fault.
func (h harness) again(ctx context.Context, s *scene, call caller) {
	s.own.Store("own+2/next")
	s.requests.Store(0)
	s.cookies.Store(0)
	s.heal()
	ctx, cancel := context.WithTimeout(ctx, h.far)
	defer cancel()
	got, err := call(ctx, s.other)
	assert.NoError(s, err, "the next call")
	s.checkOwn("own+2/next", got)
	if !s.op.reads() {
		assert.EqualValues(s, 1, s.requests.Load(), "requests of the next call")
	}
	assert.Zero(s, s.cookies.Load(), "a cookie of the call before")
}

// caller makes the operation's call.
type caller func(context.Context, values) (result, error)

// client makes the client of a run.
func (h harness) client(s *scene) (call caller, closeIdle func()) {
	rt := s.roundTripper()
	if h.careless {
		return newCareless(s, rt)
	}
	hc := s.httpClient
	if hc == nil {
		hc = &http.Client{}
	}
	hc.Transport = rt
	options := append([]mfa.Option{
		mfa.WithClientSecret(clientSecret),
		mfa.WithHTTPClient(hc),
		mfa.WithLogger(slog.New(slog.NewJSONHandler(&s.events, nil))),
	}, s.options...)
	client, err := mfa.NewClient(s.domain, clientID, options...)
	if !assert.NoError(s, err) {
		panic(err)
	}
	s.client = client
	return func(ctx context.Context, v values) (result, error) { return s.op.call(ctx, client, v) }, client.CloseIdleConnections
}

// The client withstands every fault. The rows of a subject run together; each
// is a test of its own in what it finds.
func TestFaults_areWithstood(t *testing.T) {
	output := hush(t)
	authority() // the first key takes its time
	h := harness{far: 2 * grace}
	for _, subject := range subjects {
		t.Run(subject.name, func(t *testing.T) {
			before := goleak.IgnoreCurrent()
			counts, found := map[string]int{}, map[string][]string{}
			var quiet, logs []run
			for i := range subject.rows {
				f := &subject.rows[i]
				assert.NotContains(t, counts, f.name, "two rows")
				counts[f.name] = 0
				switch {
				case f.alone != nil:
					counts[f.name] = f.alone(t)
				case f.logs:
					logs = append(logs, f.runs()...)
				default:
					quiet = append(quiet, f.runs()...)
				}
			}
			report := func(r run) {
				counts[r.row.name]++
				for _, one := range r.found {
					found[r.row.name] = append(found[r.row.name], string(r.op.Op)+", "+r.on.name+": "+one)
				}
			}
			h.play(t, quiet, report)
			written, logged := output.taken(t)
			assert.Empty(t, logged, "standard logger")
			assert.Empty(t, written, "stdout or stderr")
			h.play(t, logs, report)
			written, _ = output.taken(t)
			assert.Empty(t, written, "stdout or stderr")
			for i := range subject.rows {
				name := subject.rows[i].name
				t.Run(name, func(t *testing.T) {
					assert.Positive(t, counts[name], "runs")
					assert.Empty(t, found[name])
					t.Logf("%d runs", counts[name])
				})
			}
			require.NoError(t, left(t.Context(), before))
		})
	}
}
