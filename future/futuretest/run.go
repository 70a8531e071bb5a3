package futuretest

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
	first := court{said: make(chan struct{})}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		returned := false
		defer func() {
			switch p := recover(); {
			case returned:
			case p == nil: // by the testing package
				first.say(Failed, "the test was failed: by the race detector, or by the library")
			case strings.Contains(fmt.Sprint(p), "blocked goroutines remain"):
				first.say(Failed, "leaves goroutines behind")
			default:
				first.say(Hung, fmt.Sprint(p))
			}
		}()
		judge := func(*testing.T) { r.judge(a, &first) }
		switch r.where {
		case inTwo:
			synctest.Test(t, judge)
			fallthrough
		case inBubble:
			synctest.Test(t, judge)
		}
		returned = true
	}()
	watchdog := time.NewTimer(limit)
	defer watchdog.Stop()
	select {
	case <-ended:
	case <-watchdog.C:
		first.say(Hung, "does not end: something blocks where synctest cannot see it, on a mutex for example")
	case <-first.said:
		watchdog.Reset(min(limit, grace))
		select {
		case <-ended:
		case <-watchdog.C:
		}
	}
	return first.verdict(r)
}

// judge runs the rule on this goroutine.
func (r Rule) judge(a Adapter, first *court) {
	c := &check{Adapter: a}
	returned := false
	defer func() {
		switch p := recover().(type) {
		case verdict:
			first.say(p.outcome, p.reason)
		case nil:
			if !returned {
				first.say(Failed, "a call ended the goroutine of its caller")
			}
		default:
			first.say(Failed, fmt.Sprintf("a call panicked in its caller: %v", p))
		}
		returned = true
		if a.Setup != nil {
			defer c.teardown()
		}
		c.finish()
		time.Sleep(time.Second) // of virtual time, for what polls: the clock stops when this returns
	}()
	if a.Setup != nil {
		c.teardown = a.Setup()
	}
	r.run(c)
	returned = true
}

// court keeps the first thing that was said: what follows from it says little.
type court struct {
	said  chan struct{} // closed with the first
	mu    sync.Mutex
	first *Verdict
}

func (c *court) say(o Outcome, reason string) {
	v := Verdict{Outcome: o, Reason: reason}
	if o == Hung || strings.HasPrefix(reason, "leaves") {
		buf := make([]byte, 1<<16)
		v.stacks = "\n\n" + string(buf[:runtime.Stack(buf, true)])
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.first == nil {
		c.first = &v
		close(c.said)
	}
}

func (c *court) verdict(r Rule) Verdict {
	c.mu.Lock()
	defer c.mu.Unlock()
	v := Verdict{Outcome: Passed}
	if c.first != nil {
		v = *c.first
	}
	v.Rule = r
	return v
}
