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

// The adapter above is all that the suite needs. A test of one's own calls
// Run; this one looks at what a future that is made of a channel gets wrong.
func ExampleSurvey() {
	test := func(t *testing.T) {
		for _, v := range futuretest.Survey(t, homeMadeAdapter(), 0) {
			if v.Outcome != futuretest.Passed && v.Outcome != futuretest.NotOffered {
				fmt.Println(v.Rule.ID, v.Outcome, v.Rule.Title)
			}
		}
	}
	_ = test // in a file that ends in _test.go: func TestHomeMade(t *testing.T)
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
