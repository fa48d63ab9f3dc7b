package leaks

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/frankban/quicktest"
	"github.com/go-test/deep"
	"github.com/google/go-cmp/cmp"
	"github.com/kr/pretty"
	"github.com/maxatome/go-testdeep/td"
	"github.com/r3labs/diff/v3"
	shoenig "github.com/shoenig/test"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/mock"
	gotest "gotest.tools/v3/assert"
)

// comparisons are the ways in which a test shows that a value is not what it wants.
// Each compares the value with the zero one, which has all of it in the difference.
func comparisons() map[string]printer {
	all := cmp.Exporter(func(reflect.Type) bool { return true })
	return map[string]printer{
		"testify Equal":         failing(func(t *recorder, v, other any) { assert.Equal(t, v, other) }),
		"testify EqualValues":   failing(func(t *recorder, v, other any) { assert.EqualValues(t, other, v) }),
		"testify Exactly":       failing(func(t *recorder, v, other any) { assert.Exactly(t, v, other) }),
		"testify ElementsMatch": failing(func(t *recorder, v, other any) { assert.ElementsMatch(t, []any{v}, []any{other}) }),
		"testify Contains":      failing(func(t *recorder, v, other any) { assert.Contains(t, []any{v}, other) }),
		"testify Nil":           failing(func(t *recorder, v, _ any) { assert.Nil(t, v) }),
		"testify Empty":         failing(func(t *recorder, v, _ any) { assert.Empty(t, v) }),
		"testify mock Diff": func(v any) string {
			text, _ := mock.Arguments{v}.Diff([]any{zero(v)})
			return text
		},
		"testify mock": failing(func(t *recorder, v, other any) {
			var m mock.Mock
			m.Test(t)
			m.On("Call", v)
			m.MethodCalled("Call", other)
		}),
		"go-cmp":            func(v any) string { return cmp.Diff(v, zero(v), all) },
		"go-cmp, reversed":  func(v any) string { return cmp.Diff(zero(v), v, all) },
		"gotest DeepEqual":  failing(func(t *recorder, v, other any) { gotest.DeepEqual(t, v, other, all) }),
		"shoenig/test Eq":   failing(func(t *recorder, v, other any) { shoenig.Eq(t, v, other, shoenig.Cmp(all)) }),
		"quicktest Equals":  failing(func(t *recorder, v, other any) { quicktest.New(t).Check(v, quicktest.CmpEquals(all), other) }),
		"quicktest IsNil":   failing(func(t *recorder, v, _ any) { quicktest.New(t).Check(v, quicktest.IsNil) }),
		"go-testdeep":       failing(func(t *recorder, v, other any) { td.Cmp(t, v, other) }),
		"go-testdeep Nil":   failing(func(t *recorder, v, _ any) { td.CmpNil(t, v) }),
		"go-test/deep":      failing(func(t *recorder, v, other any) { t.Log(deep.Equal(v, other)) }),
		"kr/pretty Diff":    func(v any) string { return fmt.Sprint(pretty.Diff(v, zero(v))) },
		"r3labs/diff":       difference(),
		"r3labs/diff, free": difference(diff.AllowTypeMismatch(true), diff.DisableStructValues()),
	}
}

// difference prints with r3labs/diff, which has the values themselves in its result.
func difference(opts ...func(*diff.Differ) error) printer {
	return func(v any) string {
		changes, err := diff.Diff(v, zero(v), opts...)
		return fmt.Sprintf("%v %+v %#v", err, changes, changes)
	}
}

// zero returns the zero value of the type of v. A pointer leads to one.
func zero(v any) any {
	kind := reflect.TypeOf(v)
	if kind.Kind() == reflect.Pointer {
		return reflect.New(kind.Elem()).Interface()
	}
	return reflect.Zero(kind).Interface()
}

// failing returns what a failed assertion prints.
func failing(check func(t *recorder, v, other any)) printer {
	return func(v any) string {
		t := new(recorder)
		func() {
			defer func() {
				if stop := recover(); stop != nil {
					fmt.Fprintln(&t.text, stop)
				}
			}()
			check(t, v, zero(v))
		}()
		return t.text.String()
	}
}

// recorder is a test that keeps what is printed.
type recorder struct {
	testing.TB
	text strings.Builder
}

func (t *recorder) Helper()                           {}
func (t *recorder) Name() string                      { return "recorder" }
func (t *recorder) Cleanup(func())                    {}
func (t *recorder) Fail()                             {}
func (t *recorder) FailNow()                          { panic("the test ends") }
func (t *recorder) Log(args ...any)                   { fmt.Fprintln(&t.text, args...) }
func (t *recorder) Logf(format string, args ...any)   { fmt.Fprintf(&t.text, format+"\n", args...) }
func (t *recorder) Error(args ...any)                 { t.Log(args...) }
func (t *recorder) Errorf(format string, args ...any) { t.Logf(format, args...) }
func (t *recorder) Fatal(args ...any)                 { t.Log(args...); t.FailNow() }
func (t *recorder) Fatalf(format string, args ...any) { t.Logf(format, args...); t.FailNow() }
