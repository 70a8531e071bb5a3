package pipelinetest

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
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
			switch v := r.check(t, d, hangs); v.outcome {
			case passed:
			case notOffered:
				t.Skip(v.reason)
			default:
				t.Errorf("rule %s: %s: %s: %s", r.ID, r.Title, v.outcome, v.reason)
			}
		})
	}
}

type outcome string

const (
	passed     outcome = "passed"
	failed     outcome = "failed"
	hung       outcome = "hung"
	notOffered outcome = "not offered"
)

// verdict is what came of a rule. A rule panics with one to end itself.
type verdict struct {
	outcome outcome
	reason  string
}

// check runs the rule, and returns even if the rule does not.
func (r Rule) check(t *testing.T, d declared, limit time.Duration) verdict {
	if r.needs != nil {
		if missing := r.needs(d); missing != "" {
			return verdict{notOffered, "not offered: needs " + missing}
		}
	}
	first := court{}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		returned := false
		defer func() {
			if p := recover(); p != nil { // of a bubble that cannot end
				first.say(hung, fmt.Sprint(p))
			} else if !returned { // by the testing package
				first.say(failed, "the test was failed: by the race detector, or by the stage")
			}
		}()
		synctest.Test(t, func(*testing.T) { r.judge(d, &first) })
		if r.again {
			synctest.Test(t, func(*testing.T) { r.judge(d, &first) })
		}
		returned = true
	}()
	watchdog := time.NewTimer(limit)
	defer watchdog.Stop()
	select {
	case <-ended:
	case <-watchdog.C:
		buf := make([]byte, 1<<16)
		first.say(hung, "does not end: something blocks where synctest cannot see it, or spins\n\n"+string(buf[:runtime.Stack(buf, true)]))
	}
	return first.verdict()
}

// judge runs the rule on this goroutine, in a bubble.
func (r Rule) judge(d declared, first *court) {
	c := &check{declared: d, over: make(chan struct{})}
	c.flow = func(s *source) (f flow) {
		c.returns("the stage", func() { f = d.flow(s) })
		return f
	}
	before := lookAround()
	returned := false
	defer func() {
		switch p := recover().(type) {
		case verdict:
			first.say(p.outcome, p.reason)
		case nil:
			if !returned {
				first.say(failed, "a call ended the goroutine of its caller")
			}
		default:
			first.say(failed, fmt.Sprintf("a call panicked in its caller: %v", p))
		}
		returned = true
		if c.teardown != nil {
			c.teardown()
		}
		if left := before.newcomers(); left != "" {
			first.say(failed, "leaves goroutines behind:\n\n"+left)
		}
		close(c.over)
		time.Sleep(10 * patience) // of virtual time, for what is late: the clock stops when this returns
	}()
	if d.setup != nil {
		c.teardown = d.setup()
	}
	r.run(c)
	returned = true
}

// court keeps the first thing that was said: what follows from it says little.
type court struct {
	mu    sync.Mutex
	first *verdict
}

func (c *court) say(o outcome, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.first == nil {
		c.first = &verdict{o, strings.TrimSpace(reason)}
	}
}

func (c *court) verdict() verdict {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.first == nil {
		return verdict{outcome: passed}
	}
	return *c.first
}
