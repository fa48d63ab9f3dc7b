// Package faults runs every fault that a tenant, a proxy or the network
// can show against every operation of the client, each at the level where it
// happens: on the TCP connection, in the TLS handshake, in HTTP/1 framing, in
// HTTP/2 frames, in headers and in bodies. It holds tests only.
//
// One table lists the faults and the outcomes, one the operations, and one
// loop runs them. What must hold for every run is in conditions_test.go. The
// same loop over a client written without care fails, which is tested as well.
package faults
