package futuretest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/thence-go/thence/future/futuretest"
)

// homeMade is the future that many programs have: a channel that is closed,
// and what it stands for.
type homeMade struct {
	done  chan struct{}
	value int
	err   error
}

var errGaveUp = errors.New("gave up waiting")

func start(ctx context.Context, fn func(context.Context) (int, error)) *homeMade {
	f := &homeMade{done: make(chan struct{})}
	go func() {
		defer close(f.done)
		f.value, f.err = fn(ctx)
	}()
	return f
}

func (f *homeMade) Await(ctx context.Context) (int, error) {
	select {
	case <-f.done:
		return f.value, f.err
	case <-ctx.Done():
		return 0, fmt.Errorf("%w: %w", errGaveUp, context.Cause(ctx))
	}
}

func homeMadeAdapter() futuretest.Adapter {
	return futuretest.Adapter{
		Name: "home-made",
		Go: func(ctx context.Context, fn func(context.Context) (int, error)) futuretest.Future {
			return start(ctx, fn)
		},
		Done:           func(f futuretest.Future) <-chan struct{} { return f.(*homeMade).done },
		StoppedWaiting: func(err error) bool { return errors.Is(err, errGaveUp) },
	}
}

// In a program's own tests this is func TestConformance(t *testing.T).
func ExampleRun() {
	_ = func(t *testing.T) {
		futuretest.Run(t, homeMadeAdapter())
	}
}

// A future that is made of a channel breaks five rules of the eleven that it
// offers, and four of them end the process: Survey lives to tell.
func ExampleSurvey() {
	_ = func(t *testing.T) {
		for _, v := range futuretest.Survey(t, homeMadeAdapter(), 0) {
			if v.Outcome != futuretest.Passed && v.Outcome != futuretest.NotOffered {
				fmt.Println(v.Rule.ID, v.Outcome, v.Rule.Title)
			}
		}
	}
}

func ExampleRules() {
	for _, r := range futuretest.Rules() {
		if strings.HasPrefix(r.ID, "2.") {
			fmt.Printf("%s %s (%s)\n", r.ID, r.Title, strings.Join(r.Needs(), ", "))
			break
		}
	}
	// Output: 2.1 The function returns a value: the outcome is that value (Go)
}

func ExampleGroups() {
	fmt.Println(strings.Join(futuretest.Groups(), ", "))
	// Output: Settling, Outcomes, Where continuations run, Who cancels whom, Panics, Goexit, Order and depth, Memory, Virtual time
}
