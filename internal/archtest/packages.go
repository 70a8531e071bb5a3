package archtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Module is the path of the core module.
const Module = "github.com/thence-go/thence"

// testOnly are the packages that only tests import: they alone may use test
// libraries outside of test files, and may wait as tests do.
var testOnly = []string{
	"future/futuretest",
	"internal/apitest",
	"internal/archtest",
	"internal/model",
	"internal/testkit",
	"internal/verdict",
	"pipeline/pipelinetest",
	"ratelimit/ratelimittest",
}

// A Package is what the rules look at: what go list says of a package, for
// the toolchain and the platform that run it.
type Package struct {
	Dir, ImportPath, Name      string
	GoFiles                    []string
	TestGoFiles, XTestGoFiles  []string
	Imports                    []string
	TestImports, XTestImports  []string
	Deps                       []string
	IgnoredGoFiles, EmbedFiles []string
}

// Packages lists the packages of the core module, the one that holds dir.
func Packages(dir string) ([]Package, error) {
	root, err := goCommand(dir, "list", "-m", "-f", "{{.Dir}}", Module)
	if err != nil {
		return nil, err
	}
	out, err := goCommand(strings.TrimSpace(root), "list", "-json", "./...")
	if err != nil {
		return nil, err
	}
	var ps []Package
	for dec := json.NewDecoder(strings.NewReader(out)); ; {
		var p Package
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return ps, nil
		} else if err != nil {
			return nil, fmt.Errorf("archtest: cannot read what go list says: %w", err)
		}
		ps = append(ps, p)
	}
}

// Rel is the package's path within the module, "." for its root.
func (p Package) Rel() string { return rel(p.ImportPath) }

// Public reports whether users can import the package.
func (p Package) Public() bool {
	return p.Name != "main" && !slices.Contains(strings.Split(p.Rel(), "/"), "internal")
}

// TestOnly reports whether only tests may import the package.
func (p Package) TestOnly() bool { return slices.Contains(testOnly, p.Rel()) }

// files are the paths of the given file lists of the package.
func (p Package) files(lists ...[]string) []string {
	var fs []string
	for _, name := range slices.Concat(lists...) {
		fs = append(fs, filepath.Join(p.Dir, name))
	}
	return fs
}

func rel(path string) string {
	if path == Module {
		return "."
	}
	return strings.TrimPrefix(path, Module+"/")
}

func goCommand(dir string, args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return "", fmt.Errorf("archtest: go %s: %w\n%s", strings.Join(args, " "), err, exit.Stderr)
	}
	return string(out), err
}
