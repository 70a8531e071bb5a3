package pipelinetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/verdict"
)

var (
	errBoom  = errors.New("boom")
	errCause = errors.New("the cause")
)

// length is how many items an input has that ends.
const length = 100

// patience is how long, in virtual time, something may take once nothing
// holds it back: a stage may well be slow.
const patience = 24 * time.Hour

// check is one run of a rule. Its methods that judge are called on the
// goroutine of the rule only: they end it.
type check struct {
	declared
	over     chan struct{} // closed at the end of the rule
	teardown func()
}

func (c *check) want(ok bool, format string, args ...any) {
	if !ok {
		panic(verdict.Verdict{Kind: verdict.Failed, Reason: fmt.Sprintf(format, args...)})
	}
}

// source makes an input of n items.
func (c *check) source(n int) *source { return &source{items: n, over: c.over} }

// waiting makes an input that gives some results and then waits, with room
// behind the stage for all of them; nil if the stage gives too few.
func (c *check) waiting() *source {
	const n = length / 2
	if len(c.result(c.flow(c.source(n)))) < 2 {
		return nil
	}
	s := c.source(n)
	s.end = s.wait
	return s
}

// most is how many items an input may have without the stage having had
// enough of it.
func (c *check) most() int {
	if c.reads > 0 {
		return min(c.reads-1, length)
	}
	return length
}

// places are where in an input something happens: at its first item, in the
// middle and after its last.
func (c *check) places() []int {
	return slices.Compact([]int{0, c.most() / 2, c.most()})
}

// returns calls fn, which must return.
func (c *check) returns(what string, fn func()) {
	ended := make(chan any)
	go func() {
		finished := false
		defer func() {
			p := recover()
			if p == nil && !finished {
				p = "runtime.Goexit"
			}
			select {
			case ended <- p:
			case <-c.over:
			}
		}()
		fn()
		finished = true
	}()
	select {
	case p := <-ended:
		if v, ok := p.(verdict.Verdict); ok {
			panic(v)
		}
		c.want(p == nil, "%s ended its caller: %v", what, p)
	case <-time.After(patience):
		panic(verdict.Verdict{Kind: verdict.Hung, Reason: what + " does not return"})
	}
}

// ranges runs f in a loop that breaks after n results, or with n < 0 never.
func (c *check) ranges(ctx context.Context, f flow, n int) (got []any, err error) {
	c.returns("a loop over All", func() {
		err = f.all(ctx, func(b any) bool {
			got = append(got, b)
			return len(got) != n
		})
	})
	return got, err
}

// result is what f makes of an input that ends well.
func (c *check) result(f flow) []any {
	got, err := c.ranges(context.Background(), f, -1)
	c.want(err == nil, "an input without a failure fails: %v", err)
	return got
}

// stopped: no function of the source is running.
func (c *check) stopped(s *source) {
	n := s.running.Load()
	c.want(n == 0, "the terminal has returned, and the source is still running")
}

// canceled: err is the end of the context with its cause.
func (c *check) canceled(err error) {
	c.want(err != nil, "a run whose context has ended returns no error")
	c.want(errors.Is(err, future.ErrCanceled), "a run whose context has ended returns %v, which does not match future.ErrCanceled", err)
	c.want(errors.Is(err, errCause), "a run whose context has ended returns %v, which is not about its cause", err)
}

// same: two runs have had the same result.
func (c *check) same(a, b []any) {
	if c.varies {
		return
	}
	c.want(len(a) == len(b), "one run gives %d results and another %d", len(a), len(b))
	left := slices.Clone(b)
	for i, v := range a {
		j := slices.IndexFunc(left, func(w any) bool { return reflect.DeepEqual(v, w) })
		c.want(j >= 0, "one run gives %v, and another does not", v)
		c.want(j == 0 || !c.ordered, "result %d is %v in one run and %v in another", i, v, left[0])
		left = slices.Delete(left, j, j+1)
	}
}
