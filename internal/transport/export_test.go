package transport

// Counted has a dialer return connections like those of [NewTransport].
var Counted = counted
