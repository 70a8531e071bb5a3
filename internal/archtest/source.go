package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
)

// bubbleSafe are the package-level sync.Pools that hold neither a channel nor
// a timer, each with what makes it safe to take from in another bubble.
var bubbleSafe = map[string]string{}

// CodeRules finds what the code of a package may not contain, tests aside.
func CodeRules(p Package) (bad []string, err error) {
	if p.TestOnly() {
		return nil, nil
	}
	fset := token.NewFileSet()
	for _, name := range p.files(p.GoFiles) {
		f, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		say := func(n ast.Node, text string) {
			at := fset.Position(n.Pos())
			bad = append(bad, fmt.Sprintf("%s/%s:%d: %s", p.Rel(), filepath.Base(at.Filename), at.Line, text))
		}
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.GenDecl:
				packageLevel(p.Rel(), d, say)
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.Name == "init" {
					goStatements(d, say)
				}
			}
		}
		uses(f, say)
	}
	return bad, nil
}

type sayer func(n ast.Node, text string)

// packageLevel looks at a declaration outside of functions.
func packageLevel(pkg string, d *ast.GenDecl, say sayer) {
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			if s.Assign.IsValid() && s.TypeParams != nil && s.Name.IsExported() {
				say(s, "exported generic alias: it can hang an importer's compiler, define a type")
			}
		case *ast.ValueSpec:
			if d.Tok == token.VAR {
				outliving(pkg, s, say)
			}
		}
	}
}

// outliving finds what must not outlive a bubble in a package-level variable.
func outliving(pkg string, v *ast.ValueSpec, say sayer) {
	called := map[ast.Expr]bool{}
	ast.Inspect(v, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			called[n.Fun] = true
		case *ast.FuncType:
			return false // its signature holds nothing
		case *ast.FuncLit:
			if called[n] {
				goStatements(n, say)
			}
			return called[n] // one that is not called here makes nothing yet
		case *ast.ChanType:
			say(n, "package-level channel: it kills the second synctest bubble")
		case *ast.SelectorExpr:
			switch {
			case isName(n, "sync", "Pool") && bubbleSafe[pkg+"."+v.Names[0].Name] == "":
				say(n, "package-level sync.Pool: what it keeps outlives its bubble; if that is safe, list it in archtest's bubbleSafe")
			case isName(n, "time", "NewTimer", "NewTicker", "After", "AfterFunc", "Tick", "Timer", "Ticker"):
				say(n, "package-level timer: it kills the second synctest bubble")
			}
		}
		return true
	})
}

func goStatements(in ast.Node, say sayer) {
	ast.Inspect(in, func(n ast.Node) bool {
		if g, ok := n.(*ast.GoStmt); ok {
			say(g, "goroutine started at import: nobody owns it")
		}
		return true
	})
}

// uses looks at every name of another package that the file uses.
func uses(f *ast.File, say sayer) {
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			switch {
			case isName(s, "time", "Sleep"):
				say(s, "time.Sleep does not look at a ctx: park on a timer and ctx.Done")
			case isName(s, "runtime", "Gosched"):
				say(s, "runtime.Gosched: park, do not spin")
			case isName(s, "atomic", s.Sel.Name) && strings.HasSuffix(s.Sel.Name, "nt64") && !isName(s, "atomic", "Int64", "Uint64"):
				say(s, "atomic."+s.Sel.Name+" panics on 32-bit machines unless its word is aligned: use the atomic types")
			}
		}
		return true
	})
}

// isName reports whether s is pkg.one-of-names. That a local variable could
// hide the package is fine: the rule is then merely strict.
func isName(s *ast.SelectorExpr, pkg string, names ...string) bool {
	x, ok := s.X.(*ast.Ident)
	return ok && x.Name == pkg && slices.Contains(names, s.Sel.Name)
}
