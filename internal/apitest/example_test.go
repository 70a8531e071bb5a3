package apitest_test

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/internal/apitest"
	"github.com/thence-go/thence/internal/archtest"
)

// Every exported function is called in an example, and in package pipeline every
// method has one of its own.
func TestEveryFunctionHasAnExample(t *testing.T) {
	ps, err := archtest.Packages(".")
	require.NoError(t, err)
	for _, p := range ps {
		if !p.Public() || p.TestOnly() || p.Rel() == "." {
			continue
		}
		exported, examples := declared(t, p.Dir, p.Rel() == "pipeline")
		require.NotEmpty(t, exported)
		for _, name := range exported {
			if !examples[name] {
				t.Errorf("%s: no example shows %s: write Example%s", p.Rel(), name, name)
			}
		}
	}
}

// declared returns the exported functions of a package, as examples name them,
// and what its examples are named after or call.
func declared(t *testing.T, dir string, methods bool) (exported []string, shown map[string]bool) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	shown = map[string]bool{}
	for _, file := range files {
		if ok, err := build.Default.MatchFile(dir, filepath.Base(file)); err != nil || !ok {
			continue // of another version of Go
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			switch {
			case !ok:
			case strings.HasSuffix(file, "_test.go"):
				if name, ok := strings.CutPrefix(fn.Name.Name, "Example"); ok {
					shown[name] = true
					calls(fn, path.Base(dir), shown)
				}
			case fn.Recv == nil && fn.Name.IsExported():
				exported = append(exported, fn.Name.Name)
			case fn.Recv != nil && methods && fn.Name.IsExported():
				if of := apitest.Receiver(fn); of != nil && of.IsExported() {
					exported = append(exported, of.Name+"_"+fn.Name.Name)
				}
			}
		}
	}
	return exported, shown
}

// calls adds what fn uses of a package.
func calls(fn *ast.FuncDecl, pkg string, used map[string]bool) {
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == pkg {
				used[sel.Sel.Name] = true
			}
		}
		return true
	})
}
