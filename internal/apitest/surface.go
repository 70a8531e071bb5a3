package apitest

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/printer"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
)

// Surface lists the exported names of the package in dir, one a line, each
// line beginning with "name, ". Build constraints are those of the toolchain
// that runs it.
func Surface(dir, name string) ([]string, error) {
	pkg, err := build.Default.ImportDir(dir, 0)
	if err != nil {
		return nil, err
	}
	l := &lister{fset: token.NewFileSet(), prefix: name + ", ", promoted: map[string]bool{}}
	var funcs []*ast.FuncDecl
	for _, file := range pkg.GoFiles {
		f, err := parser.ParseFile(l.fset, filepath.Join(dir, file), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				funcs = append(funcs, d)
			case *ast.GenDecl:
				l.decl(d)
			}
		}
	}
	for _, d := range funcs { // now that it is known which types promote theirs
		l.fn(d)
	}
	slices.Sort(l.lines)
	return slices.Compact(l.lines), nil
}

type lister struct {
	fset     *token.FileSet
	prefix   string
	promoted map[string]bool // unexported types that exported structs embed
	lines    []string
}

func (l *lister) add(parts ...string) {
	l.lines = append(l.lines, l.prefix+strings.Join(parts, ""))
}

func (l *lister) fn(d *ast.FuncDecl) {
	if !d.Name.IsExported() {
		return
	}
	if d.Recv != nil {
		if r := named(d.Recv.List[0].Type); !r.IsExported() && !l.promoted[r.Name] {
			return
		}
	}
	l.add(l.text(&ast.FuncDecl{Recv: d.Recv, Name: d.Name, Type: d.Type}))
}

func (l *lister) decl(d *ast.GenDecl) {
	typ := ""
	for i, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			if s.Name.IsExported() {
				l.typ(s)
			}
		case *ast.ValueSpec:
			switch { // in a const block, a bare name repeats the type above it
			case s.Type != nil:
				typ = " " + l.text(s.Type)
			case d.Tok == token.VAR || len(s.Values) > 0 || i == 0:
				typ = ""
			}
			for _, n := range s.Names {
				if n.IsExported() {
					l.add(d.Tok.String(), " ", n.Name, typ)
				}
			}
		}
	}
}

func (l *lister) typ(s *ast.TypeSpec) {
	head := "type " + s.Name.Name
	if s.TypeParams != nil {
		var ps []string
		for _, f := range s.TypeParams.List {
			ps = append(ps, names(f)+" "+l.text(f.Type))
		}
		head += "[" + strings.Join(ps, ", ") + "]"
	}
	if s.Assign.IsValid() {
		head += " ="
	}
	switch t := s.Type.(type) {
	case *ast.StructType:
		l.add(head, " struct")
		l.members(s.Name.Name, t.Fields)
	case *ast.InterfaceType:
		l.add(head, " interface")
		l.members(s.Name.Name, t.Methods)
	default:
		l.add(head, " ", l.text(t))
	}
}

// members lists the fields of a struct or the elements of an interface. An
// unexported method is listed too: it seals the interface.
func (l *lister) members(owner string, fs *ast.FieldList) {
	for _, f := range fs.List {
		if len(f.Names) == 0 {
			if id := named(f.Type); id != nil && !id.IsExported() && !isPredeclared(id.Name) {
				l.promoted[id.Name] = true
			} else {
				l.add("in ", owner, ": embeds ", l.text(f.Type))
			}
			continue
		}
		for _, n := range f.Names {
			fn, isMethod := f.Type.(*ast.FuncType)
			switch {
			case isMethod && fn.Func == token.NoPos: // no func keyword: an interface's method
				l.add("in ", owner, ": ", n.Name, strings.TrimPrefix(l.text(f.Type), "func"))
			case n.IsExported():
				l.add("in ", owner, ": ", n.Name, " ", l.text(f.Type))
			}
		}
	}
}

// text prints a node on one line.
func (l *lister) text(n ast.Node) string {
	var b strings.Builder
	if err := printer.Fprint(&b, l.fset, n); err != nil {
		panic(fmt.Sprintf("apitest: cannot print a declaration: %v", err))
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// Receiver is the name of a method's type, nil if it has none.
func Receiver(method *ast.FuncDecl) *ast.Ident { return named(method.Recv.List[0].Type) }

// named is the type's name without its stars and type arguments, nil for a
// type of another package or one without a name.
func named(t ast.Expr) *ast.Ident {
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.ParenExpr:
			t = x.X
		case *ast.Ident:
			return x
		default:
			return nil
		}
	}
}

func isPredeclared(name string) bool { return types.Universe.Lookup(name) != nil }

func names(f *ast.Field) string {
	var ns []string
	for _, n := range f.Names {
		ns = append(ns, n.Name)
	}
	return strings.Join(ns, ", ")
}
