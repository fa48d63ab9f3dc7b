package faults

import (
	"context"
	"testing"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// fault is a row of the table.
type fault struct {
	name string
	ops  []mfa.Op  // nil: all
	on   []carrier // nil: HTTP/1.1 in clear

	says  func(*scene) response // a complete response; or
	serve wire                  // whatever happens on a connection
	stage func(*scene)          // prepares the scene

	within    time.Duration // the deadline; 0: far away
	unlimited bool          // the deadline is not the context's but the client's own
	context   func(context.Context, *scene) (context.Context, context.CancelFunc)
	warm      bool // a call before the fault leaves its connection open
	settles   bool // the connections of the fault end before the next call
	heavy     bool // a large response: what it costs is measured for each call
	logs      bool // net/http itself writes to the standard logger

	want  expect
	also  func(*scene, error)        // what else must hold
	alone func(t *testing.T) (n int) // a row that is no call of its own
}

// subject is a part of the table.
type subject struct {
	name string
	rows []fault
}

// subjects are the one table.
var subjects = []subject{
	{"connecting", connectFaults},
	{"HTTP 1", http1Faults},
	{"HTTP 2", http2Faults},
	{"redirects", redirectFaults},
	{"size", sizeFaults},
	{"content", contentFaults},
	{"errors", errorFaults},
	{"status", statusFaults},
	{"state", stateFaults},
	{"canceling", cancelFaults},
	{"load", loadFaults},
}

// carriers are what the row runs over.
func (f *fault) carriers() []carrier {
	if f.on == nil {
		return onClear1
	}
	return f.on
}

// runs lists the runs of a row.
func (f *fault) runs() (all []run) {
	for _, carrier := range f.carriers() {
		for _, op := range named(f.ops) {
			all = append(all, run{row: f, on: carrier, op: op})
		}
	}
	return all
}
