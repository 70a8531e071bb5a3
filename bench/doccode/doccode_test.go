package doccode

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestThePagesCodeCompiles(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	require.NoError(t, err)
	design, err := filepath.Glob("../../docs/design/*.md")
	require.NoError(t, err)
	require.NotEmpty(t, pages)
	c := newChecker(t)
	seen := 0
	for _, p := range slices.Concat([]string{"../../README.md"}, pages, design) {
		text, err := os.ReadFile(p)
		require.NoError(t, err)
		bs, err := blocks(string(text))
		require.NoError(t, err, p)
		for _, b := range bs {
			seen++
			if err := c.check(b); err != nil {
				t.Errorf("%s:%d: %v\n%s", strings.TrimPrefix(p, "../../"), b.line, err, b.code)
			}
		}
	}
	require.Greater(t, seen, 10, "no code found: is that so?")
}

func TestWhatDoesNotCompileIsFound(t *testing.T) {
	c := newChecker(t)
	for _, code := range []string{
		"future.Nothing(ctx)",
		"x := 1 +",
		"func f() int { return \"\" }",
		"undeclared()",
	} {
		require.Error(t, c.check(block{code: code, context: "var ctx context.Context"}), code)
	}
	for _, code := range []string{
		"unused := future.Resolved(1)",
		"v, err := future.Resolved(1).Await(ctx)",
		"func f() (int, error) { return future.Resolved(1).Await(ctx) }",
		"package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println() }",
	} {
		require.NoError(t, c.check(block{code: code, context: "var ctx context.Context"}), code)
	}
	bs, err := blocks("# A\n<!-- code\nvar x int\n-->\n```go\na()\n```\n<!-- go1.27 -->\n```go\nb()\n```\n# B\n<!-- not code -->\n```go\nc()\n```\n<!-- with rate golang.org/x/time/rate -->\n```go\nd()\n```\n")
	require.NoError(t, err)
	require.Equal(t, []block{{6, "a()", "var x int", false, nil}, {10, "b()", "var x int", true, nil}, {19, "d()", "", false, map[string]string{"rate": "golang.org/x/time/rate"}}}, bs)
}

// checker type-checks blocks against the packages as the go command builds
// them.
type checker struct {
	fset    *token.FileSet
	imports types.Importer
}

func newChecker(t *testing.T) *checker {
	args := []string{"list", "-export", "-deps", "-json=ImportPath,Export"}
	args = append(args, others...)
	args = slices.AppendSeq(args, maps.Values(paths))
	out, err := exec.Command("go", args...).Output()
	if e, ok := err.(*exec.ExitError); ok {
		t.Fatalf("go list: %s", e.Stderr)
	}
	require.NoError(t, err)
	exports := map[string]string{}
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var p struct{ ImportPath, Export string }
		require.NoError(t, d.Decode(&p))
		exports[p.ImportPath] = p.Export
	}
	c := &checker{fset: token.NewFileSet()}
	c.imports = importer.ForCompiler(c.fset, "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})
	return c
}

// beside matches what is not the page's affair: it shows the part that matters.
var beside = regexp.MustCompile("declared and not used|imported and not used|missing function body|is not used")

// check returns the first error.
func (c *checker) check(b block) (failed error) {
	if b.go127 && !strings.HasPrefix(runtime.Version(), "go1.27") {
		return nil
	}
	code, context := b.files()
	var files []*ast.File
	for name, text := range map[string]string{"code.go": code, "context.go": context} {
		if text == "" {
			continue
		}
		f, err := parser.ParseFile(c.fset, name, text, 0)
		if err != nil {
			return err
		}
		files = append(files, f)
	}
	config := types.Config{
		Importer:  c.imports,
		GoVersion: languageOf(b),
		Error: func(err error) {
			if failed == nil && !beside.MatchString(err.Error()) {
				failed = err
			}
		},
	}
	_, _ = config.Check("page", c.fset, files, nil)
	return failed
}

func languageOf(b block) string {
	if b.go127 {
		return "go1.27"
	}
	return "go1.26"
}
