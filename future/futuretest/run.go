package futuretest

import (
	"strings"
	"testing"
	"time"

	"github.com/thence-go/thence/internal/verdict"
)

// hangs is how long, in real time, a rule may take. In a bubble a deadlock is
// found at once, so only code gets so far that blocks where synctest cannot
// see it: on a mutex, in a system call, or by spinning.
const hangs = 10 * time.Second

// grace is how long it may then take to clean up.
const grace = 200 * time.Millisecond

// Run checks every rule in a subtest of its own, named by its number. A rule
// that needs what the adapter does not have is skipped as not offered. A rule
// that hangs fails, and the others go on; a library that lets a panic of a
// goroutine through ends the process, as it would end yours: Survey survives
// that.
//
// Run must not be called inside of a synctest bubble: it makes them.
func Run(t *testing.T, a Adapter) {
	t.Helper()
	for _, r := range Rules() {
		t.Run(r.ID, func(t *testing.T) {
			switch v := r.check(t, a, hangs); v.Outcome {
			case Passed:
			case NotOffered:
				t.Skip(v.Reason)
			default:
				t.Errorf("rule %s: %s: %s: %s%s", r.ID, r.Title, v.Outcome, v.Reason, v.stacks)
			}
		})
	}
}

// check runs the rule, and returns even if the rule does not.
func (r Rule) check(t *testing.T, a Adapter, limit time.Duration) Verdict {
	if missing := r.needs.names(&a); len(missing) > 0 {
		return Verdict{Rule: r, Outcome: NotOffered, Reason: "not offered: needs " + strings.Join(missing, ", ")}
	}
	bubbles := 1
	if r.where == inTwo {
		bubbles = 2
	}
	v := verdict.Trial{
		Subject: "library", Limit: limit, Grace: grace, Bubbles: bubbles,
		Rule: func(c *verdict.Court) { r.judge(a, c) },
	}.Hold(t)
	said := Verdict{Rule: r, Outcome: outcomeOf[v.Kind], Reason: v.Reason}
	if v.Stacks != "" {
		said.stacks = "\n\n" + v.Stacks
	}
	return said
}

var outcomeOf = map[verdict.Kind]Outcome{verdict.Passed: Passed, verdict.Failed: Failed, verdict.Hung: Hung}

// judge runs the rule on this goroutine.
func (r Rule) judge(a Adapter, court *verdict.Court) {
	c := &check{Adapter: a}
	court.Hear(func() {
		if a.Setup != nil {
			c.teardown = a.Setup()
		}
		r.run(c)
	}, func() {
		if c.teardown != nil {
			defer c.teardown()
		}
		c.finish()
		time.Sleep(time.Second) // of virtual time, for what polls: the clock stops when this returns
	})
}
