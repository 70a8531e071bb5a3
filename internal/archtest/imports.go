package archtest

import (
	"fmt"
	"slices"
	"strings"
)

// below says which families of public packages a family may import. A family
// is a package and what lies under it; internal is below all of them.
var below = map[string][]string{
	".":         {},
	"future":    {},
	"pool":      {"future"},
	"errgroup":  {"future"},
	"pipeline":  {"future"},
	"ratelimit": {},
	"internal":  {},
}

// modules that code may import: in a user's build, and in tests.
var (
	runtimeModules = []string{"golang.org/x/sync"}
	testModules    = []string{
		"github.com/anishathalye/porcupine",
		"github.com/stretchr/testify",
		"go.uber.org/goleak",
		"pgregory.net/rapid",
	}
)

// networked are the packages that may link net and net/http.
var networked = []string{"ratelimit/ratehttp"}

// ImportsPointDown finds imports that the map of the house does not allow.
func ImportsPointDown(ps []Package) (bad []string) {
	for _, p := range ps {
		down, known := below[family(p.Rel())]
		if !known {
			bad = append(bad, fmt.Sprintf("%s: a new family of packages: give it a place in archtest's map", p.Rel()))
			continue
		}
		for _, imp := range p.Imports {
			to, ours := strings.CutPrefix(imp, Module+"/")
			if !ours {
				continue
			}
			f := family(to)
			switch {
			case slices.Contains(testOnly, to) && !p.TestOnly():
				bad = append(bad, fmt.Sprintf("%s imports %s, which is for tests only", p.Rel(), to))
			case f != "internal" && f != family(p.Rel()) && !slices.Contains(down, f):
				bad = append(bad, fmt.Sprintf("%s imports %s: imports point down only", p.Rel(), to))
			}
		}
	}
	return bad
}

// DependsOnLittle finds imports from modules that the core does not allow.
func DependsOnLittle(ps []Package) (bad []string) {
	everything := slices.Concat(runtimeModules, testModules)
	for _, p := range ps {
		allowed := runtimeModules
		if p.TestOnly() {
			allowed = everything
		}
		for _, imp := range p.Imports {
			if !fromAny(imp, allowed) {
				bad = append(bad, fmt.Sprintf("%s imports %s: a user's build gets the standard library and x/sync only", p.Rel(), imp))
			}
		}
		for _, imp := range slices.Concat(p.TestImports, p.XTestImports) {
			if !fromAny(imp, everything) {
				bad = append(bad, fmt.Sprintf("a test of %s imports %s: not one of the test libraries that were chosen", p.Rel(), imp))
			}
		}
	}
	return bad
}

// NoTestLibraries finds test libraries that users' builds would reach,
// through other packages too.
func NoTestLibraries(ps []Package) (bad []string) {
	for _, p := range ps {
		if p.TestOnly() {
			continue
		}
		for _, dep := range p.Deps {
			if dep == "testing" || strings.HasPrefix(dep, "testing/") || under(dep, testModules) {
				bad = append(bad, fmt.Sprintf("%s depends on %s outside of its tests", p.Rel(), dep))
			}
		}
	}
	return bad
}

// NoNetwork finds packages that link net, but for those which are about it: it
// doubles the size of a program.
func NoNetwork(ps []Package) (bad []string) {
	for _, p := range ps {
		if p.TestOnly() || slices.Contains(networked, p.Rel()) {
			continue
		}
		if slices.Contains(p.Deps, "net") {
			bad = append(bad, fmt.Sprintf("%s depends on net: only %s may", p.Rel(), strings.Join(networked, ", ")))
		}
	}
	return bad
}

func family(rel string) string {
	first, _, _ := strings.Cut(rel, "/")
	return first
}

func fromAny(imp string, modules []string) bool {
	first, _, _ := strings.Cut(imp, "/")
	std := !strings.Contains(first, ".")
	return std || imp == Module || strings.HasPrefix(imp, Module+"/") || under(imp, modules)
}

func under(imp string, modules []string) bool {
	return slices.ContainsFunc(modules, func(m string) bool {
		return imp == m || strings.HasPrefix(imp, m+"/")
	})
}
