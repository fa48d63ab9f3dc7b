//go:build !race

package faults

import "time"

const (
	// slower is how many times longer everything may take without the race detector.
	slower = 1
	// unpooled is how many times more may be allocated than without the race detector.
	unpooled = 1
	// soon is the deadline of calls that nothing else ends.
	soon = 300 * time.Millisecond
)
