package archtest

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxLines is where a file has stopped being one concept.
const maxLines = 400

// longFiles may be longer, each for a reason that stands beside it.
var longFiles = map[string]bool{}

// LongFiles finds files of a package that are too long, tests included.
func LongFiles(p Package) (bad []string, err error) {
	for _, name := range p.files(p.GoFiles, p.TestGoFiles, p.XTestGoFiles, p.IgnoredGoFiles) {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		path := p.Rel() + "/" + filepath.Base(name)
		if n := bytes.Count(text, []byte("\n")); n > maxLines && !longFiles[path] {
			bad = append(bad, fmt.Sprintf("%s: %d lines, of at most %d: split it by concept", path, n, maxLines))
		}
	}
	return bad, nil
}

// MissingFiles finds the files that a package should have and has not.
func MissingFiles(p Package) (bad []string) {
	var want []string
	switch {
	case p.Rel() == "." || p.Name == "main":
		want = []string{"doc.go"}
	case p.Public() && !p.TestOnly():
		want = []string{"doc.go", "leak_test.go", "synctest_test.go", "alloc_test.go", "example_test.go"}
	case len(p.TestGoFiles)+len(p.XTestGoFiles) > 0:
		want = []string{"leak_test.go"}
	}
	have := slices.Concat(p.GoFiles, p.TestGoFiles, p.XTestGoFiles, p.IgnoredGoFiles)
	for _, name := range want {
		if !slices.Contains(have, name) {
			bad = append(bad, fmt.Sprintf("%s: has no %s", p.Rel(), name))
		}
	}
	return bad
}

// BuildLines finds files named for a Go release whose build line does not
// say so: gofmt and vet of the older release would fail on them.
func BuildLines(p Package) (bad []string, err error) {
	for _, name := range p.files(p.GoFiles, p.TestGoFiles, p.XTestGoFiles, p.IgnoredGoFiles) {
		if !strings.Contains(filepath.Base(name), "go127") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if !bytes.HasPrefix(text, []byte("//go:build go1.27")) {
			bad = append(bad, fmt.Sprintf("%s/%s: must begin with //go:build go1.27", p.Rel(), filepath.Base(name)))
		}
	}
	return bad, nil
}

// OutsidePaths finds files under root that name a place outside of it, which
// a reader of the repository does not have. Rapid's records of failures are
// left out: they hold stack traces, and git ignores them.
func OutsidePaths(root string, places ...string) (bad []string, err error) {
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == ".git" || d.Name() == "rapid" && filepath.Base(filepath.Dir(path)) == "testdata" {
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, place := range places {
			if bytes.Contains(text, []byte(place)) {
				at, _ := filepath.Rel(root, path)
				bad = append(bad, fmt.Sprintf("%s names %s, which is outside of the repository", at, place))
			}
		}
		return nil
	})
	return bad, err
}
