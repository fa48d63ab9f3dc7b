package faults

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/go-auth0-mfa/mfa"
)

// fault is a row of the table.
type fault struct {
	id, name string
	ops      []mfa.Op  // nil: all
	on       []carrier // nil: HTTP/1.1 in clear

	says  func(*scene) answer // a complete answer; or
	serve wire                // whatever happens on a connection
	stage func(*scene)        // prepares the scene

	within    time.Duration // the deadline; 0: far away
	unlimited bool          // the deadline is not the context's but the client's own
	context   func(context.Context, *scene) (context.Context, context.CancelFunc)
	warm      bool // a call before the fault leaves its connection open
	settles   bool // the connections of the fault end before the next call
	heavy     bool // a large answer: what it costs is measured for each call
	logs      bool // net/http itself writes to the standard logger

	want  expect
	also  func(*scene, error)        // what else must hold
	alone func(t *testing.T) (n int) // a row that is no call of its own
}

// faults is the one table.
var faults = slices.Concat(
	connectFaults,
	http1Faults,
	http2Faults,
	redirectFaults,
	sizeFaults,
	contentFaults,
	errorFaults,
	statusFaults,
	stateFaults,
	cancelFaults,
	loadFaults,
)

// ids returns the ids of the rows, by number.
func ids(table []fault) (all []string) {
	for i := range table {
		if !slices.Contains(all, table[i].id) {
			all = append(all, table[i].id)
		}
	}
	slices.SortStableFunc(all, func(a, b string) int { return cmp.Compare(number(a), number(b)) })
	return all
}

// TestIDs has every number of the faults, without a gap.
func TestIDs(t *testing.T) {
	var all []string
	for n := range 100 {
		all = append(all, fmt.Sprintf("F%02d", n+1))
	}
	assert.Equal(t, slices.Insert(all, 64, "F64b"), ids(faults))
}

func number(id string) int { return must(strconv.Atoi(strings.Trim(id, "Fb"))) }

// rows returns the rows with this id.
func rows(table []fault, id string) (all []*fault) {
	for i := range table {
		if table[i].id == id {
			all = append(all, &table[i])
		}
	}
	return all
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
