package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// cellVariable tells a process that it is to run one cell.
const cellVariable = "THENCE_CORRECTNESS_CELL"

const (
	ok         = "ok"
	notOffered = "-"
	hangs      = "hangs"
	crashes    = "crashes"
)

// errNotOffered: the library does not have what the case is about.
var errNotOffered = errors.New("not offered")

// An outcome is what was seen in a cell: one of the words above, or what was
// wrong.
type outcome struct {
	text   string
	detail string // how it crashed
}

const verdictMark = "verdict: "

// runCell runs one cell in this process, prints its verdict, and exits.
func runCell(cell string) {
	run := find(sections(), cell)
	test := func(t *testing.T) {
		verdict := ok
		if err := run(t); errors.Is(err, errNotOffered) {
			verdict = notOffered
		} else if err != nil {
			verdict = err.Error()
		}
		pause() // what the case has set off may crash the process yet
		fmt.Printf("\n%s%s\n", verdictMark, verdict)
		os.Exit(0) // what the case left behind is nobody's business any more
	}
	// Some cases need a *testing.T for their bubble, and this is how a program
	// that is not a test comes by one.
	testing.Main(func(string, string) (bool, error) { return true, nil },
		[]testing.InternalTest{{Name: cell, F: test}}, nil, nil)
}

var (
	mark     = regexp.MustCompile(`(?m)^` + verdictMark + `(.*)$`)
	deadlock = regexp.MustCompile(`deadlock: (main bubble goroutine has exited|all goroutines in bubble are blocked)|all goroutines are asleep - deadlock`)
	end      = regexp.MustCompile(`(?m)^.*(panic: |fatal error: ).*$`)
)

// observe runs one cell in a process of its own.
func observe(ctx context.Context, cell string) outcome {
	self, err := os.Executable()
	if err != nil {
		return outcome{crashes, err.Error()}
	}
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), cellVariable+"="+cell)
	out, err := cmd.CombinedOutput()
	text := string(out)
	m := mark.FindStringSubmatch(text)
	switch {
	case m != nil && err == nil:
		return outcome{text: m[1]}
	case ctx.Err() != nil:
		return outcome{text: hangs}
	case deadlock.MatchString(text):
		return outcome{hangs, deadlock.FindString(text)}
	default:
		return outcome{crashes, strings.TrimSpace(fmt.Sprintf("%v %s", err, end.FindString(text)))}
	}
}
