package verdict

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Kind is what came of a rule.
type Kind uint8

// The kinds of verdicts.
const (
	Passed Kind = iota
	Failed
	Hung // something never ends
)

func (k Kind) String() string { return [...]string{"passed", "failed", "hung"}[k] }

// Verdict is what came of a rule, and why. A rule panics with one to end
// itself.
type Verdict struct {
	Kind   Kind
	Reason string // of anything but a pass
	Stacks string // of all goroutines, where they explain it
}

// Trial is a rule that runs until it ends, or until nobody waits for it any
// more.
type Trial struct {
	Subject string        // what is tested: it is blamed for what nobody else did
	Limit   time.Duration // how long the trial may take, in real time
	Grace   time.Duration // how long it may then take to clean up
	Bubbles int           // synctest bubbles that Rule runs in, one after the other
	Rule    func(*Court)  // see Hear
}

// Hold runs the trial on a goroutine of its own, and returns even if that one
// does not end.
func (tr Trial) Hold(t *testing.T) Verdict {
	c := &Court{said: make(chan struct{})}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		returned := false
		defer func() {
			switch p := recover(); {
			case returned:
			case p == nil: // by the testing package
				c.Say(Failed, "the test was failed: by the race detector, or by the "+tr.Subject)
			case strings.Contains(fmt.Sprint(p), "blocked goroutines remain"):
				c.Say(Failed, "leaves goroutines behind")
			default:
				c.Say(Hung, fmt.Sprint(p))
			}
		}()
		for range tr.Bubbles {
			synctest.Test(t, func(*testing.T) { tr.Rule(c) })
		}
		returned = true
	}()
	watchdog := time.NewTimer(tr.Limit)
	defer watchdog.Stop()
	select {
	case <-ended:
	case <-watchdog.C:
		c.Say(Hung, "does not end: something blocks where synctest cannot see it, on a mutex for example, or spins")
	case <-c.said:
		watchdog.Reset(min(tr.Limit, tr.Grace))
		select {
		case <-ended:
		case <-watchdog.C:
		}
	}
	return c.verdict()
}

// Court keeps the first thing that is said: what follows from it says little.
type Court struct {
	said  chan struct{} // closed with the first
	mu    sync.Mutex
	first *Verdict
}

// Say gives a verdict; it may come from any goroutine.
func (c *Court) Say(k Kind, reason string) {
	v := Verdict{Kind: k, Reason: strings.TrimSpace(reason)}
	if k == Hung || strings.HasPrefix(v.Reason, "leaves") {
		buf := make([]byte, 1<<16)
		v.Stacks = string(buf[:runtime.Stack(buf, true)])
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.first == nil {
		c.first = &v
		close(c.said)
	}
}

func (c *Court) verdict() Verdict {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.first == nil {
		return Verdict{}
	}
	return *c.first
}

// Hear runs a rule, on a goroutine that it may end, and then cleanUp, however
// the rule has ended.
func (c *Court) Hear(rule, cleanUp func()) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		returned := false
		defer func() {
			switch p := recover().(type) {
			case Verdict:
				c.Say(p.Kind, p.Reason)
			case nil:
				if !returned {
					c.Say(Failed, "a call ended the goroutine of its caller")
				}
			default:
				c.Say(Failed, fmt.Sprintf("a call panicked in its caller: %v", p))
			}
		}()
		rule()
		returned = true
	}()
	<-ended
	cleanUp()
}
