// Command api prints what the packages of the module in the working directory
// export, except examples, one line for each name that a caller can use.
package main

import (
	"bufio"
	"fmt"
	"go/types"
	"os"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/go/types/typeutil"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "api:", err)
		os.Exit(1)
	}
}

func run() error {
	loaded, err := packages.Load(&packages.Config{Mode: packages.NeedName | packages.NeedTypes}, "./...")
	if err != nil {
		return err
	}
	out := bufio.NewWriter(os.Stdout)
	for _, pkg := range loaded {
		if len(pkg.Errors) > 0 {
			return pkg.Errors[0]
		}
		path := strings.Split(pkg.PkgPath, "/")
		if pkg.Name == "main" || slices.Contains(path, "internal") || slices.Contains(path, "examples") {
			continue
		}
		fmt.Fprintf(out, "package %s\n\n", pkg.PkgPath)
		for _, line := range exported(pkg.Types) {
			fmt.Fprintln(out, line)
		}
		fmt.Fprintln(out)
	}
	return out.Flush()
}

// exported describes what a package exports: its names in order, each type
// followed by its fields and methods.
func exported(pkg *types.Package) []string {
	var lines []string
	for _, name := range pkg.Scope().Names() {
		object := pkg.Scope().Lookup(name)
		if !object.Exported() {
			continue
		}
		line := types.ObjectString(object, types.RelativeTo(pkg))
		switch object := object.(type) {
		case *types.Const:
			line += " = " + object.Val().ExactString()
		case *types.Func:
			line = withoutMadeUp(line, object.Signature(), types.RelativeTo(pkg))
		case *types.TypeName:
			lines = append(lines, typeLines(object)...)
			continue
		}
		lines = append(lines, line)
	}
	return lines
}

// typeLines describes a type, then its fields, then its methods.
func typeLines(name *types.TypeName) []string {
	local := types.RelativeTo(name.Pkg())
	if name.IsAlias() {
		return []string{types.ObjectString(name, local)}
	}
	var members []string
	head := "type " + types.TypeString(name.Type(), local) + " "
	switch under := name.Type().Underlying().(type) {
	case *types.Struct:
		head += "struct"
		fields, hidden := fieldLines(under, name.Name(), local)
		members = fields
		if hidden {
			head += ", with unexported fields"
		}
		if !types.Comparable(under) {
			head += ", not comparable"
		}
	case *types.Interface:
		head += "interface"
		for method := range under.Methods() {
			if !method.Exported() {
				head += ", with unexported methods"
				break
			}
		}
	default:
		head += types.TypeString(under, local)
	}
	for _, selection := range typeutil.IntuitiveMethodSet(name.Type(), nil) {
		if selection.Obj().Exported() {
			receiver := types.TypeString(selection.Recv(), local)
			signature := strings.TrimPrefix(types.TypeString(selection.Type(), local), "func")
			signature = withoutMadeUp(signature, selection.Type().(*types.Signature), local) //nolint:errcheck // a method has no other type
			members = append(members, "method ("+receiver+") "+selection.Obj().Name()+signature)
		}
	}
	return append([]string{head}, members...)
}

// withoutMadeUp drops from the text of a signature the names that the compiler
// gives to results without one, such as #rv1. They come and go with the body.
func withoutMadeUp(text string, signature *types.Signature, local types.Qualifier) string {
	results := signature.Results()
	for result := range results.Variables() {
		if !strings.HasPrefix(result.Name(), "#") {
			continue
		}
		typed := types.TypeString(result.Type(), local)
		named := result.Name() + " " + typed
		if results.Len() == 1 {
			named = "(" + named + ")"
		}
		text = strings.Replace(text, named, typed, 1)
	}
	return text
}

// fieldLines describes the fields of the named struct, with those that it
// promotes from an unexported one, and reports whether there are others.
func fieldLines(of *types.Struct, name string, local types.Qualifier) (lines []string, hidden bool) {
	for field := range of.Fields() {
		switch {
		case field.Exported():
			line := "field " + name + "." + field.Name() + " " + types.TypeString(field.Type(), local)
			if field.Embedded() {
				line += ", embedded"
			}
			lines = append(lines, line)
		case field.Embedded():
			hidden = true
			under := field.Type().Underlying()
			if pointer, ok := under.(*types.Pointer); ok {
				under = pointer.Elem().Underlying()
			}
			if inner, ok := under.(*types.Struct); ok {
				promoted, _ := fieldLines(inner, name, local)
				lines = append(lines, promoted...)
			}
		default:
			hidden = true
		}
	}
	return lines, hidden
}
