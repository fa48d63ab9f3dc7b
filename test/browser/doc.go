// Package browser drives the login page of examples/loginui and the page of
// examples/tenant in Chromium.
//
//	go -C test/browser test ./...
//
// It needs Debian's package chromium, or another Chromium in the variable
// CHROMIUM. Pictures of all pages are in screenshots afterwards.
package browser
