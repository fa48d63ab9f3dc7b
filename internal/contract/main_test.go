// Package contract holds the tests of what every operation of package mfa keeps
// to: how it authenticates, checks, fails, repeats, ends in time and what it
// costs.
package contract

import (
	"testing"

	"go.uber.org/goleak"
)

// No call leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
