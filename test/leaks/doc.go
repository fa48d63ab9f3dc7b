// Package leaks prints every exported type of every package in every way that
// a log or an error might, and looks for secrets. It stands in the module test
// for the sake of go-spew, which must not reach users.
package leaks
