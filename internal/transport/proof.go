package transport

import "strings"

// provesNotSent reports whether a request that failed with err was provably not
// acted on, so that sending it again cannot act twice:
//
//   - there was no connection to send on;
//   - nothing was written, because the connection had ended or accepted no request;
//   - the system accepted no byte of it;
//   - the server sent an HTTP/2 GOAWAY with a last stream below the request's.
//
// A reset is no proof, REFUSED_STREAM included: HAProxy sends it after its backend
// took the whole request.
func (c *connTrace) provesNotSent(err error) bool {
	begun := c.begun.Load()
	switch {
	case c.had.Load() == 0:
		// Else the transport may know no httptrace. Once there was a connection this is
		// of no interest: net/http leaves GetConn out for a request that gets the new
		// HTTP/2 connection which another one asked for.
		return c.asked.Load() > 0
	case c.ended.Load(), c.crowded.Load():
		return begun == 0
	case c.repeats.Load(), c.answered.Load(), c.informed.Load() > 0:
		return false
	case begun == 0:
		return saysUnwritten(err) || saysGoAway(err)
	case begun == 1: // with more, err tells of the last one only
		return saysGoAway(err) || c.had.Load() == 1 && c.tookNothing()
	default:
		return false
	}
}

// tookNothing reports whether the system provably accepted no byte of the request.
func (c *connTrace) tookNothing() bool {
	own := c.own.Load()
	switch {
	case own == nil, own.countedConn.taken.Load() != own.taken:
		return false
	case own.shared:
		return own.broken.Load()
	default:
		_ = own.Close() // so that no write follows
		return own.countedConn.taken.Load() == own.taken
	}
}

// net/http has no types for these errors. The words are the same in Go 1.26 and 1.27.
const (
	goAway      = "http2: Transport: cannot retry err [http2: Transport received Server's graceful shutdown GOAWAY] after Request.Body was written; define Request.GetBody to avoid this error"
	goAwayFirst = "http2: Transport received GOAWAY from server ErrCode:" // and its name, for the connection's first stream
	unusable    = "http2: client conn not usable"
	unrewound   = "net/http: cannot rewind body after connection loss"
)

// saysGoAway reports whether err says that the server sent GOAWAY with a last
// stream below the request's, which had no GetBody.
//
// RFC 9113, section 6.8.
func saysGoAway(err error) bool {
	text := innermost(err)
	return text == goAway || strings.HasPrefix(text, goAwayFirst)
}

// saysUnwritten reports whether err says that no HTTP/2 connection accepted the
// request. net/http says the latter about others too, which wrote a header field.
func saysUnwritten(err error) bool {
	text := innermost(err)
	return text == unusable || text == unrewound
}

// innermost returns the text of the error that all others wrap. Only that one is
// net/http's own, and none that quotes a server begins like those above.
func innermost(err error) string {
	for err != nil {
		wrapping, ok := err.(interface{ Unwrap() error })
		if !ok {
			return err.Error()
		}
		err = wrapping.Unwrap()
	}
	return ""
}
