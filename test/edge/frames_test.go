//go:build linux

package edge

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

// A server ends the first request, or every one, by these frames. On a kept
// connection another call was answered before.
var frameScenes = []struct {
	name   string
	react  func(stream) []byte
	always outcome // of an acting call
	once   outcome // when the requests after the first are answered
}{
	{"GOAWAY below the stream", func(s stream) []byte { return goAway2(s.id-1, wiretest.CodeNoError) }, notSent, succeeds},
	{"GOAWAY below all streams", func(stream) []byte { return goAway2(0, wiretest.CodeNoError) }, notSent, succeeds},
	{"GOAWAY below the stream, with an error", func(s stream) []byte { return goAway2(s.id-1, wiretest.CodeInternalError) }, notSent, succeeds},
	{"GOAWAY below the stream, with ENHANCE_YOUR_CALM", func(s stream) []byte { return goAway2(s.id-1, wiretest.CodeEnhanceYourCalm) }, notSent, succeeds},
	{"GOAWAY below the stream, then its reset", func(s stream) []byte {
		return append(goAway2(s.id-1, wiretest.CodeNoError), reset2(s.id, wiretest.CodeRefusedStream)...)
	}, notSent, succeeds},
	{"GOAWAY below the stream, after 103", func(s stream) []byte {
		return append(early2(s.id), goAway2(s.id-1, wiretest.CodeNoError)...)
	}, unknown, unknown},
	{"GOAWAY at the stream, then the end", func(s stream) []byte {
		_, _ = s.conn.Write(goAway2(s.id, wiretest.CodeNoError))
		_ = s.conn.Close()
		return nil
	}, unknown, unknown},
	{"GOAWAY at the stream with an error, then the end", func(s stream) []byte {
		_, _ = s.conn.Write(goAway2(s.id, wiretest.CodeInternalError))
		_ = s.conn.Close()
		return nil
	}, unknown, unknown},
	{"GOAWAY at the stream, then its reset", func(s stream) []byte {
		return append(goAway2(s.id, wiretest.CodeNoError), reset2(s.id, wiretest.CodeRefusedStream)...)
	}, unknown, unknown},
	{"REFUSED_STREAM", reset(wiretest.CodeRefusedStream), unknown, unknown},
	{"REFUSED_STREAM, after 103", func(s stream) []byte {
		return append(early2(s.id), reset2(s.id, wiretest.CodeRefusedStream)...)
	}, unknown, unknown},
	{"PROTOCOL_ERROR", reset(wiretest.CodeProtocolError), unknown, unknown},
	{"INTERNAL_ERROR", reset(wiretest.CodeInternalError), unknown, unknown},
	{"CANCEL", reset(wiretest.CodeCancel), unknown, unknown},
	{"ENHANCE_YOUR_CALM", reset(wiretest.CodeEnhanceYourCalm), unknown, unknown},
	{"NO_ERROR", reset(wiretest.CodeNoError), unknown, unknown},
	{"the end", func(s stream) []byte { _ = s.conn.Close(); return nil }, unknown, unknown},
}

func reset(code uint32) func(stream) []byte {
	return func(s stream) []byte { return reset2(s.id, code) }
}

// GOAWAY below a stream proves that it was not acted on. No reset does.
func TestFrames(t *testing.T) {
	t.Parallel()
	for _, scene := range frameScenes {
		for op, operation := range operations {
			for carrier, carried := range carriers {
				for _, kept := range []bool{false, true} {
					for _, always := range []bool{true, false} {
						name := scene.name + "/" + op + "/" + carrier
						if kept {
							name += "/kept"
						}
						if !always {
							name += "/once"
						}
						t.Run(name, func(t *testing.T) {
							t.Parallel()
							before := 0
							if kept {
								before = 1
							}
							p := newPeer(t, http2(func(s stream) []byte {
								switch {
								case s.n <= before, !always && s.n > before+1, s.n > 20:
									return answer2(s.id, operation.body)
								default:
									return scene.react(s)
								}
							}), "h2")
							client := newClient(t, p.address, carried(trusting()))
							if kept {
								assertEnded(t, succeeds, op, operation.call(t.Context(), client))
							}

							err := operation.call(t.Context(), client)

							requests := int(p.requests.Load()) - before
							want := scene.always
							if !always {
								want = scene.once
							}
							switch {
							case !operation.acts && always:
								assert.Error(t, err)
								assert.LessOrEqual(t, requests, 3)
							case !operation.acts:
								assertEnded(t, succeeds, op, err)
								assert.Equal(t, 2, requests)
							default:
								assertEnded(t, want, op, err)
								assert.Equal(t, map[outcome]int{notSent: 3, succeeds: 2, unknown: 1}[want], requests)
							}
						})
					}
				}
			}
		}
	}
}
