// Package browser drives the login page of examples/loginui and the page of
// examples/tenant in Chromium, and checks every state of them with axe-core: at three
// widths, in the light and in the dark.
//
//	make browser
//	make pictures BASE=v0.1.0
//
// It needs Debian's package chromium, or another Chromium in the variable
// CHROMIUM, and Node.js for its npm, which installs axe-core. Pictures of
// all states are in screenshots afterwards. With make pictures they are beside
// those of another commit.
package browser
