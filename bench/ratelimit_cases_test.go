package bench

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// xtimeCases is which of our tests covers each of x/time/rate's own, by the
// names of both. Its values are not ours; what it settles is, or it stands
// there why not.
var xtimeCases = map[string]string{
	"TestLimit": "TestEvery",
	"TestEvery": "TestEvery",

	// Allow. Ours of a jump backwards expects less: the time between two
	// timestamps comes in once.
	"TestLimiterBurst1":              "TestAllowTable",
	"TestLimiterBurst3":              "TestAllowTable",
	"TestLimiterJumpBackwards":       "TestAllowTable TestDisorderLetsNothingMoreThrough",
	"TestLimiter_noTruncationErrors": "TestNoTruncation",
	"TestSimultaneousRequests":       "TestSimultaneousAllow",
	"TestLongRunningQPS":             "TestLongRun",

	// Reserve and Cancel. Ours of the two jumps back, and of the burst that is
	// set, expect later times, for the same reason.
	"TestSimpleReserve":         "TestReserveTable",
	"TestMix":                   "TestReserveTable",
	"TestCancelInvalid":         "TestReserveTable",
	"TestCancelLast":            "TestReserveTable",
	"TestCancelTooLate":         "TestReserveTable",
	"TestCancel0Tokens":         "TestReserveTable",
	"TestCancel1Token":          "TestReserveTable",
	"TestCancelMulti":           "TestReserveTable",
	"TestReserveJumpBack":       "TestReserveTable TestWaitUntilTable",
	"TestReserveJumpBackCancel": "TestReserveTable",
	"TestReserveSetLimit":       "TestReserveTable",
	"TestReserveSetBurst":       "TestReserveTable TestSetBurstKeepsTheTokens",
	"TestReserveSetLimitCancel": "TestReserveTable",
	"TestReserveMax":            "TestWaitUntilTable",

	"TestWaitSimple":  "TestWaitTable",
	"TestWaitCancel":  "TestWhoGivesUpMakesRoom TestWaitUntilTable",
	"TestWaitTimeout": "TestWaitUntilTable TestDeadlineRefusalIsImmediate",
	"TestWaitInf":     "TestInfAllowsAll",

	"TestZeroLimit":         "TestExtremes TestSetLimitAfterZero",
	"TestSetAfterZeroLimit": "TestSetLimitAfterZero",
	"TestTinyLimit":         "TestExtremes",
}

// A new test of x/time/rate, when it is upgraded here, is a case that ours may
// not cover; and no test of ours is named that is not there.
func TestXTimeCasesAreCovered(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/time").Output()
	if err != nil {
		t.Fatal(err)
	}
	theirs := testsIn(t, filepath.Join(strings.TrimSpace(string(dir)), "rate", "rate_test.go"))
	if known := slices.Sorted(maps.Keys(xtimeCases)); !slices.Equal(theirs, known) {
		t.Errorf("x/time/rate has the tests\n%v\nand known are\n%v", theirs, known)
	}
	ours := testsIn(t, filepath.Join("..", "ratelimit", "*_test.go"))
	for theirs, names := range xtimeCases {
		for _, name := range strings.Fields(names) {
			if !slices.Contains(ours, name) {
				t.Errorf("%s is covered by %s, which is not in package ratelimit", theirs, name)
			}
		}
	}
}

// testsIn returns the sorted names of the tests in the files.
func testsIn(t *testing.T, pattern string) (names []string) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no files %s: %v", pattern, err)
	}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && strings.HasPrefix(fn.Name.Name, "Test") {
				names = append(names, fn.Name.Name)
			}
		}
	}
	slices.Sort(names)
	return names
}
