package futuretest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Outcome is what came of a rule.
type Outcome uint8

// The outcomes of a rule.
const (
	Passed     Outcome = iota
	Failed             // the library does something else
	Hung               // something never ends
	Crashed            // the process ended
	NotOffered         // the library does not have what the rule is about
)

var outcomeNames = [...]string{"passed", "failed", "hung", "crashed", "not offered"}

func (o Outcome) String() string { return outcomeNames[o] }

// Verdict is the outcome of one rule.
type Verdict struct {
	Rule    Rule
	Outcome Outcome
	Reason  string // of anything but a pass

	stacks string
}

// Survey checks every rule and returns what came of each, in their order; no
// outcome fails t. It is for libraries that are known to break rules: the
// rules run in a child process, the test binary itself with only this test
// selected, and a crash ends that one. What the test does before the call is
// therefore done in the child too.
//
// limit is how long a rule may take in real time before it counts as hung, as
// with Run; 0 means ten seconds.
func Survey(t *testing.T, a Adapter, limit time.Duration) []Verdict {
	t.Helper()
	if limit <= 0 {
		limit = hangs
	}
	return survey(t, a, Rules(), limit, testing.Short())
}

func survey(t *testing.T, a Adapter, rules []Rule, limit time.Duration, short bool) []Verdict {
	t.Helper()
	if os.Getenv(envTest) == childName(t, a) {
		testify(t, a, rules, limit)
	}
	var verdicts []Verdict
	for len(verdicts) < len(rules) {
		more := interview(t, a, rules[len(verdicts):], short)
		if len(more) == 0 {
			t.Fatal("futuretest: the child process did not reach the call of Survey")
		}
		if last := len(more) - 1; last > 0 && more[last].Outcome == Crashed {
			more = more[:last] // what crashes because of the rules before it is tried alone
		}
		verdicts = append(verdicts, more...)
	}
	return verdicts
}

const (
	envTest = "FUTURETEST_TEST" // which Survey of the test binary is meant
	envFrom = "FUTURETEST_FROM" // the first rule
	envFile = "FUTURETEST_FILE" // where the child writes
)

func childName(t *testing.T, a Adapter) string { return t.Name() + " " + a.Name }

// line is what the child writes: first that a rule begins, without an
// outcome, then what came of it.
type line struct {
	ID      string
	Outcome *Outcome
	Reason  string
}

// testify is the child. It does not return.
func testify(t *testing.T, a Adapter, rules []Rule, limit time.Duration) {
	out, err := os.OpenFile(os.Getenv(envFile), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		panic(fmt.Sprintf("futuretest: cannot report: %v", err))
	}
	say := json.NewEncoder(out)
	from := os.Getenv(envFrom)
	for _, r := range rules {
		if from != "" && r.ID != from {
			continue
		}
		from = ""
		_ = say.Encode(line{ID: r.ID})
		v := r.check(t, a, limit)
		_ = say.Encode(line{ID: r.ID, Outcome: &v.Outcome, Reason: v.Reason})
		if v.Outcome == Hung {
			break // what hangs may hold locks: the others get a new process
		}
	}
	os.Exit(0)
}

// interview runs a child over the rules and returns what it came to know; at
// least the first rule, unless the child failed before.
func interview(t *testing.T, a Adapter, rules []Rule, short bool) []Verdict {
	file := filepath.Join(t.TempDir(), "verdicts")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run="+onlyThis(t), "-test.count=1", "-test.timeout=0",
		fmt.Sprintf("-test.short=%t", short))
	cmd.Env = append(os.Environ(), envTest+"="+childName(t, a), envFrom+"="+rules[0].ID, envFile+"="+file)
	out, _ := cmd.CombinedOutput() // it may well crash
	said, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	var verdicts []Verdict
	begun := 0
	for dec := json.NewDecoder(bufio.NewReader(said)); ; {
		var l line
		if dec.Decode(&l) != nil {
			break
		}
		if l.Outcome == nil {
			begun++
			continue
		}
		verdicts = append(verdicts, Verdict{Rule: rules[len(verdicts)], Outcome: *l.Outcome, Reason: l.Reason})
	}
	if begun > len(verdicts) {
		verdicts = append(verdicts, Verdict{Rule: rules[len(verdicts)], Outcome: Crashed, Reason: lastWords(out)})
	}
	return verdicts
}

// onlyThis selects the running test.
func onlyThis(t *testing.T) string {
	parts := strings.Split(t.Name(), "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	return strings.Join(parts, "/")
}

var death = regexp.MustCompile(`(?m)^(panic|fatal error): .*$`)

func lastWords(out []byte) string {
	if m := death.Find(out); m != nil {
		return string(m)
	}
	return "the process ended without a word"
}
