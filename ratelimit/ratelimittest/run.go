package ratelimittest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/thence-go/thence/internal/verdict"
)

// hangs is how long, in real time, a rule may take. In a bubble a deadlock is
// found at once, so only code gets so far that blocks where synctest cannot
// see it, or spins.
const hangs = 10 * time.Second

// patience is how long, in virtual time, those are waited for whom a broken
// limiter left behind.
const patience = 1000 * 24 * time.Hour

// Outcome is what came of a rule.
type Outcome uint8

// The outcomes of a rule.
const (
	Passed     Outcome = iota
	Failed             // the limiter does something else
	Hung               // something never ends
	NotOffered         // the limiter does not have the methods that the rule calls
)

func (o Outcome) String() string {
	return [...]string{"passed", "failed", "hung", "not offered"}[o]
}

// Verdict is the outcome of one rule.
type Verdict struct {
	Rule    Rule
	Outcome Outcome
	Reason  string // of anything but a pass

	stacks string
}

// Conform checks every rule in a subtest of its own, named by its number. A
// rule that calls what the limiter does not have is skipped as not offered. A
// rule that hangs fails, and the others go on.
//
// Conform must not be called inside of a synctest bubble: it makes them.
func Conform(t *testing.T, a Adapter) {
	t.Helper()
	a.check()
	for _, r := range Rules() {
		t.Run(r.ID, func(t *testing.T) {
			switch v := r.check(t, a); v.Outcome {
			case Passed:
			case NotOffered:
				t.Skip("not offered: " + v.Reason)
			default:
				t.Errorf("rule %s: %s: %s: %s\n\n%s", r.ID, r.Title, v.Outcome, v.Reason, v.stacks)
			}
		})
	}
}

// Survey checks every rule and returns what came of each, in their order; no
// outcome fails t, but for what the race detector finds. It must not be called
// inside of a synctest bubble.
func Survey(t *testing.T, a Adapter) []Verdict {
	t.Helper()
	a.check()
	var vs []Verdict
	for _, r := range Rules() {
		vs = append(vs, r.check(t, a))
	}
	return vs
}

func (a Adapter) check() {
	if a.New == nil || a.Most == nil || a.Burst < 1 || a.Burst > 1000 {
		panic(fmt.Sprintf("ratelimittest: an Adapter needs New, Most, and a Burst of 1 to 1000, got a Burst of %d: set all three", a.Burst))
	}
}

// check runs the rule, and returns even if the rule does not.
func (r Rule) check(t *testing.T, a Adapter) Verdict {
	bubbles := 1
	if r.again {
		bubbles = 2
	}
	missing := needs(0)
	v := verdict.Trial{
		Subject: "limiter", Limit: hangs, Grace: hangs, Bubbles: bubbles,
		Rule: func(court *verdict.Court) { missing = r.judge(a, court) },
	}.Hold(t)
	switch {
	case v.Kind == verdict.Failed:
		return Verdict{r, Failed, v.Reason, v.Stacks}
	case v.Kind == verdict.Hung:
		return Verdict{r, Hung, v.Reason, v.Stacks}
	case missing != 0:
		return Verdict{r, NotOffered, "needs " + missing.String(), ""}
	}
	return Verdict{Rule: r}
}

// judge runs the rule on this goroutine, in a bubble; or says what the limiter
// does not have for it.
func (r Rule) judge(a Adapter, court *verdict.Court) (missing needs) {
	before := verdict.LookAround()
	ctx, cancel := context.WithCancel(context.Background())
	c := &check{Adapter: a, court: court, ctx: ctx, start: time.Now()}
	court.Hear(func() {
		limiter := a.New()
		if a.offered(limiter)&(take|wait) == 0 {
			panic("ratelimittest: New of an Adapter makes a limiter with Take or Wait, got " + fmt.Sprintf("%T", limiter))
		}
		if missing = r.needs &^ a.offered(limiter); missing == 0 {
			r.run(c)
		}
	}, func() {
		cancel()
		if left := before.Newcomers(); left != "" {
			court.Say(verdict.Failed, "leaves goroutines behind:\n\n"+left)
			time.Sleep(patience) // of virtual time, for what is late: the clock stops when this returns
		}
	})
	return missing
}
