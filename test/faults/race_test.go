//go:build race

package faults

import "time"

const (
	// slower is how many times longer everything may take under the race detector.
	slower = 4
	// unpooled is how many times more may be allocated: the race detector has
	// pools forget what they hold.
	unpooled = 2
	// soon is the deadline of calls that nothing else ends.
	soon = 400 * time.Millisecond
)
