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

// A name that the compiler made up for a result is no part of the API.
func TestExported_dropsNamesThatTheCompilerMadeUp(t *testing.T) {
	t.Parallel()
	pkg := types.NewPackage("p", "p")
	result := func(name string) *types.Var { return types.NewParam(token.NoPos, pkg, name, types.Typ[types.String]) }
	kind := types.NewNamed(types.NewTypeName(token.NoPos, pkg, "Kind", nil), types.Typ[types.Int], nil)
	pkg.Scope().Insert(kind.Obj())
	for name, results := range map[string]*types.Tuple{
		"One":   types.NewTuple(result("#rv1")),
		"Two":   types.NewTuple(result("#rv1"), result("#rv2")),
		"Named": types.NewTuple(result("one"), result("two")),
	} {
		on := types.NewParam(token.NoPos, pkg, "", kind)
		kind.AddMethod(types.NewFunc(token.NoPos, pkg, name, types.NewSignatureType(on, nil, nil, nil, results, false)))
		pkg.Scope().Insert(types.NewFunc(token.NoPos, pkg, name, types.NewSignatureType(nil, nil, nil, nil, results, false)))
	}

	got := exported(pkg)

	want := []string{
		"type Kind int",
		"method (Kind) Named() (one string, two string)",
		"method (Kind) One() string",
		"method (Kind) Two() (string, string)",
		"func Named() (one string, two string)",
		"func One() string",
		"func Two() (string, string)",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}
