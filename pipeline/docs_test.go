package pipeline_test

import (
	"go/ast"
	"go/build"
	"go/parser"
	gotoken "go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The page for those who come from channels shows tested code only.
func TestFromChannelsShowsTestedCode(t *testing.T) {
	page := text(t, "../docs/from-channels.md")
	plain := text(t, "channels_test.go")
	examples := bodies(t, "example_channels_test.go")
	fence := regexp.MustCompile("(?s)(With channels|As a flow, `Example_(\\w+)`)\\.[^\n]*\n```go\n(.*?)```\n")
	shown := map[string]bool{}
	for _, m := range fence.FindAllStringSubmatch(page, -1) {
		name, code := m[2], m[3]
		if name == "" {
			for part := range strings.SplitSeq(strings.TrimSpace(code), "\n\n") {
				require.Contains(t, plain, "\n"+part+"\n")
			}
			continue
		}
		shown[name] = true
		require.Contains(t, examples[name], code, "Example_%s", name)
	}
	require.Len(t, fence.FindAllString(page, -1), strings.Count(page, "```go"), "code that nothing tests")
	for name := range examples {
		require.True(t, shown[name], "the page does not show Example_%s", name)
	}
}

// The documentation of the package begins with a flow that runs as an example.
func TestThePackageDocumentationShowsAnExample(t *testing.T) {
	_, flow, _ := strings.Cut(text(t, "doc.go"), "//\tids := ")
	flow, _, _ = strings.Cut(flow, "\n//\n")
	flow = "ids := " + strings.ReplaceAll(flow, "\n//\t", "\n") + "\n"
	require.Contains(t, bodies(t, "example_doc_test.go")["boundedOrderedRetried"], flow)
}

func TestEveryFunctionHasAnExample(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	var exported []string
	examples := map[string]bool{}
	for _, file := range files {
		if ok, err := build.Default.MatchFile(".", file); err != nil || !ok {
			continue // of another version of Go
		}
		f, err := parser.ParseFile(gotoken.NewFileSet(), file, nil, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			switch {
			case !ok:
			case strings.HasSuffix(file, "_test.go"):
				examples[fn.Name.Name] = true
			case fn.Name.IsExported():
				if name := of(fn); ast.IsExported(name) {
					exported = append(exported, name)
				}
			}
		}
	}
	require.NotEmpty(t, exported)
	for _, name := range exported {
		require.True(t, examples["Example"+name], "%s has no example: write Example%s", name, name)
	}
}

// of is a function's name in those of examples: F, or T_M for a method.
func of(fn *ast.FuncDecl) string {
	if fn.Recv == nil {
		return fn.Name.Name
	}
	t := fn.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		default:
			return t.(*ast.Ident).Name + "_" + fn.Name.Name
		}
	}
}

// bodies are those of the examples in a file, by name and as they would be
// indented on their own.
func bodies(t *testing.T, file string) map[string]string {
	all := map[string]string{}
	body := regexp.MustCompile(`(?ms)^func Example_(\w+)\(\) \{\n(.*?)^\t// Output:`)
	for _, m := range body.FindAllStringSubmatch(text(t, file), -1) {
		all[m[1]] = strings.ReplaceAll("\n"+m[2], "\n\t", "\n")
	}
	require.NotEmpty(t, all)
	return all
}

func text(t *testing.T, file string) string {
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(b)
}
