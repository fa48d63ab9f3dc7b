// Package edge holds the tests of what happens where connections end: behind real
// servers and proxies, after a freeze, and through the transports of callers.
// Counts decide, never times.
//
// It needs nginx, HAProxy and squid, by Debian's packages nginx-light, haproxy and
// squid. Without -edge.full the counts are short.
package edge
