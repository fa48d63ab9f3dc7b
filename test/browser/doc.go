// Package browser drives the login page of examples/loginui and the page of
// examples/tenant in Chromium, and checks every state of the login page with
// axe-core, wide and narrow, in the light and in the dark.
//
//	make browser
//
// It needs Debian's package chromium, or another Chromium in the variable
// CHROMIUM, and Node.js for its npm, which installs axe-core. Pictures of
// all pages are in screenshots afterwards.
package browser
