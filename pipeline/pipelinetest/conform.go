package pipelinetest

import (
	"testing"
	"time"

	"github.com/thence-go/thence/internal/verdict"
)

// hangs is how long, in real time, a rule may take. In a bubble a deadlock is
// found at once, so only code gets so far that blocks where synctest cannot
// see it, or spins.
const hangs = 10 * time.Second

// Conform checks every rule in a subtest of its own, named by its number. A
// rule that needs what the adapter does not declare is skipped as not offered.
// A rule that hangs fails, and the others go on.
//
// Conform must not be called inside of a synctest bubble: it makes them.
func Conform[A, B any](t *testing.T, a Adapter[A, B]) {
	t.Helper()
	d := a.declare()
	for _, r := range Rules() {
		t.Run(r.ID, func(t *testing.T) {
			switch v, missing := r.check(t, d, hangs); {
			case missing != "":
				t.Skip("not offered: needs " + missing)
			case v.Kind != verdict.Passed:
				t.Errorf("rule %s: %s: %s: %s\n\n%s", r.ID, r.Title, v.Kind, v.Reason, v.Stacks)
			}
		})
	}
}

// check runs the rule, and returns even if the rule does not.
func (r Rule) check(t *testing.T, d declared, limit time.Duration) (v verdict.Verdict, missing string) {
	if r.needs != nil {
		if missing := r.needs(d); missing != "" {
			return v, missing
		}
	}
	bubbles := 1
	if r.again {
		bubbles = 2
	}
	return verdict.Trial{
		Subject: "stage", Limit: limit, Grace: limit, Bubbles: bubbles,
		Rule: func(c *verdict.Court) { r.judge(d, c) },
	}.Hold(t), ""
}

// judge runs the rule on this goroutine, in a bubble.
func (r Rule) judge(d declared, court *verdict.Court) {
	c := &check{declared: d, over: make(chan struct{})}
	c.flow = func(s *source) (f flow) {
		c.returns("the stage", func() { f = d.flow(s) })
		return f
	}
	before := verdict.LookAround()
	court.Hear(func() {
		if d.setup != nil {
			c.teardown = d.setup()
		}
		r.run(c)
	}, func() {
		if c.teardown != nil {
			c.teardown()
		}
		if left := before.Newcomers(); left != "" {
			court.Say(verdict.Failed, "leaves goroutines behind:\n\n"+left)
		}
		close(c.over)
		time.Sleep(10 * patience) // of virtual time, for what is late: the clock stops when this returns
	})
}
