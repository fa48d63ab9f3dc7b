package mfatest

import (
	"sync"
	"time"
)

// clock is the tenant's clock: a base, and what Advance added to it.
type clock struct {
	base func() time.Time

	mu    sync.Mutex
	ahead time.Duration
}

// still returns a clock that stands still at the present moment.
func still() func() time.Time {
	start := time.Now().Round(0) // without the monotonic part, which would not survive a comparison with parsed times
	return func() time.Time { return start }
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	ahead := c.ahead
	c.mu.Unlock()
	// The base is the test's function: it must not run under a lock.
	return c.base().Add(ahead)
}

// Now returns the time on the tenant's clock.
func (t *Tenant) Now() time.Time { return t.clock.now() }

// Advance moves the tenant's clock forward by d, also on top of a clock of
// [WithClock]. It panics if d is negative.
func (t *Tenant) Advance(d time.Duration) {
	if d < 0 {
		panic("mfatest: Advance: the clock does not go back")
	}
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	t.clock.ahead += d
}
