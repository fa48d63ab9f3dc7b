// Package bench measures what a call costs, beside the ways that people use
// without this library. It holds benchmarks only:
//
//	make bench              # all ways, by benchstat
//	make bench BASE=v1.2.3  # this code against that commit, in one run
//
// It uses no name of package mfa that older commits do not have.
package bench
