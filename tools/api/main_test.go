package main

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"testing"
)

// A line for everything that a caller can use, none for anything else, and in
// each line everything that can break a caller.
func TestExported(t *testing.T) {
	t.Parallel()
	const source = `package p

import "io"

const Number Kind = 1
const hidden = 2

var Err, private error

func Open(name string, opts ...func(*int)) (io.Reader, error) { return nil, nil }
func local()                                                   {}

type Kind int

func (Kind) String() string { return "" }
func (Kind) secret()        {}

type Alias = Kind

type File struct {
	First  string
	Second []byte
	base
	Kind
	third int
}

func (*File) Close() error { return nil }

type base struct {
	Depth int
	width int
}

func (base) Promoted() {}

type Sealed interface {
	Do(n int) bool
	sealed()
}

type List[T any] struct{ Head T }

func (l *List[T]) Push(value T) {}
`
	want := []string{
		"type Alias = Kind",
		"var Err error",
		"type File struct, with unexported fields, not comparable",
		"field File.First string",
		"field File.Second []byte",
		"field File.Depth int",
		"field File.Kind Kind, embedded",
		"method (*File) Close() error",
		"method (File) Promoted()",
		"method (File) String() string",
		"type Kind int",
		"method (Kind) String() string",
		"type List[T any] struct, not comparable",
		"field List.Head T",
		"method (*List[T any]) Push(value T)",
		"const Number Kind = 1",
		"func Open(name string, opts ...func(*int)) (io.Reader, error)",
		"type Sealed interface, with unexported methods",
		"method (Sealed) Do(n int) bool",
	}
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "p.go", source, 0)
	if err != nil {
		t.Fatal(err)
	}
	pkg, err := (&types.Config{Importer: importer.ForCompiler(files, "source", nil)}).Check("p", files, []*ast.File{file}, nil)
	if err != nil {
		t.Fatal(err)
	}

	got := exported(pkg)

	if !slices.Equal(got, want) {
		t.Errorf("got:")
		for _, line := range got {
			t.Error(line)
		}
	}
}
