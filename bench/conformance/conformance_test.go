package conformance_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/thence-go/thence/bench/conformance"
	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/future/futuretest"
)

var update = flag.Bool("update", false, "write docs/conformance.md")

// limit is how long, in real time, a rule may take: a chain of a goroutine a
// link takes seconds where others use the processors too.
const limit = time.Minute

// What peers break is no failure here: that the table changes is.
func TestTableIsTheGoldenOne(t *testing.T) {
	old := future.SetHooks(future.Hooks{Panic: func(*future.PanicError) {}})
	t.Cleanup(func() { future.SetHooks(old) })
	subjects := conformance.Subjects()
	columns := make([]conformance.Column, len(subjects))
	t.Run("survey", func(t *testing.T) {
		for i, s := range subjects {
			t.Run(s.Name, func(t *testing.T) {
				t.Parallel()
				columns[i] = conformance.Column{Subject: s, Version: version(t, s.Module), Verdicts: futuretest.Survey(t, s.Adapter, limit)}
				for _, v := range columns[i].Verdicts {
					if v.Outcome != futuretest.Passed && v.Outcome != futuretest.NotOffered {
						t.Logf("%s %s: %s: %s", v.Rule.ID, v.Outcome, v.Rule.Title, v.Reason)
					}
				}
			})
		}
	})
	for _, c := range columns {
		if c.Verdicts == nil {
			t.Skip("only some of the subjects were asked for")
		}
	}
	golden := filepath.Join("..", "..", "docs", "conformance.md")
	got := conformance.Table(columns)
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	was, is := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for i := range max(len(was), len(is)) {
		if a, b := at(was, i), at(is, i); a != b {
			t.Errorf("line %d of %s\nwas %s\nis  %s", i+1, golden, a, b)
		}
	}
	if t.Failed() {
		t.Log("if it should be so: cd bench && go test ./conformance -update")
	}
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

// version is the one in go.mod.
func version(t *testing.T, module string) string {
	if module == "" {
		return ""
	}
	mod, err := os.ReadFile(filepath.Join("..", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^\s*` + regexp.QuoteMeta(module) + ` (v\S+)`).FindSubmatch(mod)
	if m == nil {
		t.Fatalf("go.mod does not require %s", module)
	}
	return string(m[1])
}
