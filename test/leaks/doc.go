// Package leaks prints every exported type of every package in every way that a
// log, an error, a failed test or a codec might, and looks for secrets. It stands
// in the module test for the sake of the printers, which must not reach users.
package leaks
