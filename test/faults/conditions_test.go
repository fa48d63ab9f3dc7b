package faults

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/go-auth0-mfa/mfa"
)

const (
	// lateness is how long after the end of its context a call may return.
	lateness = 100 * time.Millisecond * slower
	// grace bounds waits for what happens at once unless something is wrong.
	grace = 5 * time.Second
)

// canaries are all secrets of the run.
func (s *scene) canaries() []string {
	plain := append(secrets(s.mine), clientSecret, endUserIP, idToken, refreshToken, newRecovery, chainedToken, s.own.Load().(string))
	var all []string
	for _, secret := range append(plain, secrets(s.other)...) {
		inJSON := string(must(json.Marshal(secret)))
		all = append(all, append(forms(secret), inJSON[1:len(inJSON)-1])...)
	}
	return all
}

// checkPrinted looks for secrets and control characters in every printed form
// of the error.
func (s *scene) checkPrinted(err error) {
	texts := map[string]string{"the client's log": strings.ReplaceAll(s.events.String(), "\n", " ")}
	if err != nil {
		texts["Error"] = err.Error()
		texts["Errorf"] = fmt.Errorf("login: %w", err).Error()
		for _, verb := range []string{"%v", "%+v", "%#v", "%q", "%s", "%x", "%d"} {
			texts[verb] = fmt.Sprintf(verb, err)
		}
		raw, failure := json.Marshal(err)
		texts["JSON"] = fmt.Sprint(string(raw), failure)
		var b bytes.Buffer
		slog.New(slog.NewTextHandler(&b, nil)).Error("call", "err", err)
		slog.New(slog.NewJSONHandler(&b, nil)).Error("call", "err", err)
		texts["slog"] = strings.ReplaceAll(b.String(), "\n", " ")
	}
	if e, ok := errors.AsType[*mfa.Error](err); ok {
		raw, failure := json.Marshal(e)
		texts["JSON of Error"] = fmt.Sprint(string(raw), failure)
		texts["Description"], texts["Code"], texts["RequestID"] = e.Description, e.Code, e.RequestID
		texts["Fields"] = strings.Join(e.Fields, " ")
		texts["Hint"] = e.Hint()
		s.checkWords(e)
	}
	canaries := s.canaries()
	for name, text := range texts {
		s.checkText(name, text, canaries)
	}
}

var (
	codeForm      = regexp.MustCompile(`^[a-z]{2,24}(_[a-z]{1,24}){0,5}$`)
	requestIDForm = regexp.MustCompile(`^[A-Za-z0-9-]{0,64}$`)
)

// checkWords looks for what only a server can have worded.
func (s *scene) checkWords(e *mfa.Error) {
	assert.Regexp(s, requestIDForm, e.RequestID)
	if e.Description != "" {
		assert.NotContains(s, e.Error(), e.Description, "Error")
	}
	if e.Code != "" && !codeForm.MatchString(e.Code) {
		assert.NotContains(s, e.Error(), e.Code, "Error")
	}
}

// checkLogged compares the client's log with how the call ended: one record for
// each attempt, and the last one tells what the error tells.
func (s *scene) checkLogged(err error) {
	type record struct {
		Op, Delivery, Code string
		Attempt, Status    int
	}
	var last record
	attempts := 0
	for line := range strings.Lines(s.events.String()) {
		attempts++
		last = record{}
		assert.NoError(s, json.Unmarshal([]byte(line), &last))
		assert.Equal(s, attempts, last.Attempt, "logged attempt")
	}
	assert.Equal(s, string(s.op.Op), last.Op)
	var e *mfa.Error
	if !errors.As(err, &e) {
		assert.Equal(s, mfa.DeliveryAnswered.String(), last.Delivery, "logged delivery")
		return
	}
	code := e.Code
	if !codeForm.MatchString(code) {
		code = ""
	}
	assert.Equal(s, e.Delivery.String(), last.Delivery, "logged delivery")
	assert.Equal(s, e.StatusCode, last.Status, "logged status")
	assert.Equal(s, code, last.Code, "logged code")
}

func (s *scene) checkText(name, text string, canaries []string) {
	for _, canary := range canaries {
		assert.NotContains(s, text, canary, name)
	}
	shown := strings.IndexFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) })
	assert.Negative(s, shown, "control character in %s: %q", name, text)
}

// quiet watches what the process writes beside the test's own output.
type quiet struct {
	file   *os.File
	logged lockedBuffer
}

// hush takes stdout, stderr and the standard logger away until the test ends.
func hush(t *testing.T) *quiet {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "output"))
	require.NoError(t, err)
	q := &quiet{file: file}
	stdout, stderr, output := os.Stdout, os.Stderr, log.Writer()
	os.Stdout, os.Stderr = file, file
	log.SetOutput(&q.logged)
	t.Cleanup(func() {
		os.Stdout, os.Stderr = stdout, stderr
		log.SetOutput(output)
		_ = file.Close()
	})
	return q
}

// taken returns what was written since it was last asked.
func (q *quiet) taken(t *testing.T) (written, logged string) {
	t.Helper()
	raw, err := os.ReadFile(q.file.Name())
	require.NoError(t, err)
	require.NoError(t, q.file.Truncate(0))
	_, err = q.file.Seek(0, io.SeekStart)
	require.NoError(t, err)
	return string(raw), q.logged.taken()
}

type lockedBuffer struct {
	mutex  sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) taken() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	defer b.buffer.Reset()
	return b.buffer.String()
}

// allocated is how much memory f allocated, on all goroutines.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// until waits for a condition, and reports whether it came true.
func until(ctx context.Context, condition func() bool) bool {
	ctx, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
	return true
}

// left waits until no goroutine is left but those that were there before, and
// returns the error if some are.
func left(ctx context.Context, before goleak.Option) (err error) {
	until(ctx, func() bool {
		err = goleak.Find(before)
		return err == nil
	})
	return err
}
