package faults

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	"hash/crc32"
	"strconv"
	"strings"
	"sync"

	"github.com/go-auth0-mfa/mfa"
)

const (
	gibibyte = 1 << 30
	gzipHead = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
)

var sizeFaults = []fault{
	{
		name: "1 GiB declared and sent", on: onHTTP1, heavy: true,
		serve: http1(floods(okLine+"Content-Length: "+strconv.Itoa(gibibyte)+"\r\n\r\n", string(zeros))),
		want:  unexpectedOK,
	},
	{name: "1 GiB declared and sent over HTTP/2", on: onHTTP2, heavy: true, serve: http2Wire(http2Pour("Content-Length", strconv.Itoa(gibibyte))), want: unexpectedOK},
	{name: "one byte too many", on: onBoth, heavy: true, says: overfull, want: unexpectedOK},
	{name: "one byte too many, undeclared", on: onHTTP1, heavy: true, stage: func(s *scene) {
		a := overfull(s).and("Connection", "close")
		s.serve = http1(writes(text(a.head() + "\r\n" + a.body)))
	}, want: unexpectedOK},
	{name: "as many bytes as are read", on: onBoth, heavy: true, says: full, want: succeeds},
	{
		name: "1 GiB of an error", on: onHTTP1, heavy: true,
		serve: http1(floods("HTTP/1.1 403 Forbidden\r\nContent-Length: "+strconv.Itoa(gibibyte)+"\r\n\r\n", string(zeros))),
		want:  unexpected(403),
	},
	{name: "gzip bomb of 256 MiB", on: onAll, heavy: true, says: (*scene).bomb, want: unexpectedOK},
	{name: "gzip bomb without length", on: onHTTP1, heavy: true, stage: func(s *scene) { s.bomb() }, serve: http1(writes(func(s *scene) string {
		return s.bomb().and("Connection", "close").head() + "\r\n" + s.bomb().body
	})), want: unexpectedOK},
	{
		name: "endless gzip header", on: onHTTP1, heavy: true,
		serve: http1(floods(okLine+"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\xff", filler)),
		want:  unexpectedOrLost,
	},
	// What an injected transport unpacks by itself is for its owner to bound.
	{
		name: "endless gzip of nothing", heavy: true,
		serve: http1(floods(okLine+"Content-Encoding: gzip\r\n\r\n"+gzipHead, strings.Repeat("\x00\x00\x00\xff\xff", 200))),
		want:  unexpectedOK,
	},
	{name: "not gzip", on: onAll, says: func(s *scene) response { return gzipped(s.document()) }, want: lost},
	{name: "truncated gzip", on: onAll, says: func(s *scene) response { return gzipped(compressed(s.document())[:20]) }, want: lost},
	{name: "gzip with a wrong checksum", on: onAll, says: func(s *scene) response {
		body := []byte(compressed(s.document()))
		body[len(body)-8]++
		return gzipped(string(body))
	}, want: lost},
	{name: "gzip as it should be", on: onAll, says: func(s *scene) response { return gzipped(compressed(s.document())) }, want: succeeds},
	{name: "unknown Content-Encoding", on: onAll, says: func(s *scene) response { return s.encoded("br", s.document()) }, want: unexpectedOK},
	{name: "Content-Encoding that quotes", on: onBoth, says: func(s *scene) response { return s.encoded(s.hostile(), s.document()) }, want: unexpectedOK},
	{name: "gzip twice", on: onBoth, says: func(s *scene) response {
		return s.encoded("gzip, gzip", compressed(compressed(s.document())))
	}, want: unexpectedOK},
	{name: "objects 30,000 deep", on: onBoth, heavy: true, says: func(*scene) response {
		return ok("%s", strings.Repeat(`{"a":`, 30_000)+"1"+strings.Repeat("}", 30_000))
	}, want: unexpectedOK},
	{name: "lists 30,000 deep", on: onBoth, heavy: true, says: func(*scene) response {
		return ok("%s", strings.Repeat("[", 30_000)+strings.Repeat("]", 30_000))
	}, want: unexpectedOK},
	{name: "error 30,000 deep", on: onBoth, heavy: true, says: func(*scene) response {
		return response{status: 403, header: jsonType, body: `{"error":` + strings.Repeat("[", 30_000) + strings.Repeat("]", 30_000) + "}"}
	}, want: answered(403, mfa.ActionFix)},
	{name: "20,000 empty list elements", ops: onlyList, on: onBoth, heavy: true, says: list(20_000, `{}`), want: unexpectedOK},
	{name: "20,000 list elements", ops: onlyList, on: onBoth, heavy: true, says: list(20_000, `{"id":"a"}`), want: unexpectedOK},
	{name: "257 list elements", ops: onlyList, on: onBoth, heavy: true, says: list(257, `{"id":"own+1/list-authenticators"}`), want: unexpectedOK},
	{name: "256 list elements", ops: onlyList, on: onBoth, heavy: true, says: list(256, `{"id":"own+1/list-authenticators"}`), want: succeeds},
	{
		name: "20 KiB access token", ops: tokens, on: onBoth,
		stage: func(s *scene) { s.own.Store(strings.Repeat("token+1/", 20<<7)) },
		says:  (*scene).success,
		want:  succeeds,
	},
}

// unexpectedOrLost: the response is too large, but reading can fail before that
// is known.
func unexpectedOrLost(op operation) want {
	w := unexpectedOK(op)
	w.orLost = true
	if op.reads() {
		w.requests = span{1, 3}
	}
	return w
}

// document is a successful response with a body, for every operation.
func (s *scene) document() string {
	if body := s.success().body; body != "" {
		return body
	}
	return `{"message":"deleted"}`
}

// encoded is a body that claims an encoding.
func (s *scene) encoded(encoding, body string) response {
	return response{status: 200, header: append([]string{"Content-Encoding", encoding}, jsonType...), body: body}
}

func gzipped(body string) response { return (*scene)(nil).encoded("gzip", body) }

// full is a success that is exactly as long as the client reads.
func full(s *scene) response {
	body := s.document()
	return ok("%s", body+strings.Repeat(" ", 256<<10-len(body)))
}

// overfull is the same and one byte more.
func overfull(s *scene) response { return ok("%s", full(s).body+" ") }

// list is a list of the same element.
func list(n int, element string) func(*scene) response {
	return func(*scene) response { return ok("[%s]", strings.TrimSuffix(strings.Repeat(element+",", n), ",")) }
}

func compressed(s string) string {
	var b bytes.Buffer
	w := must(gzip.NewWriterLevel(&b, gzip.HuffmanOnly)) // the cheapest to set up
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return b.String()
}

// bomb is 256 MiB of nothing, in less than the client reads; for the control,
// which would inflate it, it is smaller.
func (s *scene) bomb() response {
	if s.limit > 0 {
		return gzipped(smallBomb())
	}
	return gzipped(largeBomb())
}

var (
	largeBomb = sync.OnceValue(func() string { return compressedZeros(256) })
	smallBomb = sync.OnceValue(func() string { return compressedZeros(2) })
)

// compressedZeros is so many mebibytes. Compressing all of them would take
// seconds, so one compressed mebibyte is repeated.
func compressedZeros(mebibytes int) string {
	zeros := make([]byte, 1<<20)
	var b bytes.Buffer
	b.WriteString(gzipHead)
	w := must(flate.NewWriter(&b, flate.BestCompression))
	var once []byte
	sum := crc32.ChecksumIEEE(nil)
	for n := range mebibytes {
		sum = crc32.Update(sum, crc32.IEEETable, zeros)
		if n >= 2 {
			b.Write(once)
			continue
		}
		begin := b.Len()
		_, _ = w.Write(zeros)
		_ = w.Flush()
		once = bytes.Clone(b.Bytes()[begin:])
	}
	b.WriteString("\x01\x00\x00\xff\xff") // a last block, empty
	tail := binary.LittleEndian.AppendUint32(nil, sum)
	b.Write(binary.LittleEndian.AppendUint32(tail, uint32(mebibytes)<<20))
	return b.String()
}
