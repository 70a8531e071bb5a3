package verdict

import (
	"regexp"
	"runtime"
	"strings"
	"testing/synctest"
)

// Census is which goroutines a bubble has.
type Census struct {
	Bubble string            // its number, "" outside of one
	stacks map[string]string // by the number of the goroutine
}

var header = regexp.MustCompile(`^goroutine (\d+) \[.*?(?:synctest bubble (\d+))?\]:`)

// LookAround takes the census of the caller's bubble.
func LookAround() Census {
	buf := make([]byte, 1<<16)
	for {
		n := runtime.Stack(buf, true)
		if n < len(buf) {
			buf = buf[:n]
			break
		}
		buf = make([]byte, 2*len(buf))
	}
	c := Census{stacks: map[string]string{}}
	for i, stack := range strings.Split(string(buf), "\n\n") {
		m := header.FindStringSubmatch(stack)
		if m == nil {
			continue
		}
		if i == 0 { // the caller
			c.Bubble = m[2]
		}
		if m[2] == c.Bubble {
			c.stacks[m[1]] = stack
		}
	}
	return c
}

// Newcomers are the goroutines that the bubble has now and had not then, once
// those have ended that only had to be scheduled.
func (c Census) Newcomers() string {
	synctest.Wait()
	var left []string
	for id, stack := range LookAround().stacks {
		if _, known := c.stacks[id]; !known {
			left = append(left, stack)
		}
	}
	return strings.Join(left, "\n\n")
}
