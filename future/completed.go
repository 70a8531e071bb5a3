package future

import (
	"context"
	"iter"
	"slices"
	"sync"

	"github.com/thence-go/thence/internal/task"
)

// AsCompleted yields the index and the result of each future as it settles;
// those that have settled already come first, in input order. It yields exactly
// one pair for each input: when ctx ends, the rest come at once with an error
// that matches ErrStoppedWaiting.
//
// While it is ranged over it has a claim on each input. A break, or the end of
// ctx, gives up those that are left, which cancels inputs that nobody else
// depends on.
func AsCompleted[T any](ctx context.Context, fs ...*Future[T]) iter.Seq2[int, Result[T]] {
	mustContext("AsCompleted", ctx)
	mustFutures("AsCompleted", fs)
	fs = slices.Clone(fs)
	return func(yield func(int, Result[T]) bool) {
		c := &completion{places: make([]arrival, len(fs)), wake: make(chan struct{}, 1)}
		cause := ErrNotNeeded
		defer func() { c.leave(cause) }()
		for i, f := range fs {
			c.join(i, &f.core)
		}
		for range fs {
			i, ok := c.next(ctx)
			if !ok {
				cause = context.Cause(ctx)
				break
			}
			if !yield(i, Result[T]{fs[i].value, fs[i].err}) {
				return
			}
		}
		for i := range fs {
			if !c.places[i].yielded && !yield(i, Result[T]{Err: StoppedWaiting(ctx)}) {
				return
			}
		}
	}
}

// completion is one loop over futures as they settle.
type completion struct {
	places []arrival
	wake   chan struct{} // holds a token if something has settled since the last look

	mu      sync.Mutex
	settled []int // indexes that are still to be yielded, in order
}

// arrival is the place of a completion at one input.
type arrival struct {
	link
	of      *completion
	in      *core
	index   int
	yielded bool
}

func (c *completion) join(i int, in *core) {
	a := &c.places[i]
	a.of, a.in, a.index = c, in, i
	a.follower = a
	if !in.join(&a.link, oneClaim) {
		a.follow(in)
	}
}

func (a *arrival) follow(*core) (news, continuation) {
	a.of.mu.Lock()
	a.of.settled = append(a.of.settled, a.index)
	a.of.mu.Unlock()
	select {
	case a.of.wake <- struct{}{}:
	default:
	}
	return news{}, nil
}

// next waits for the next input that settles; false if ctx ends first.
func (c *completion) next(ctx context.Context) (int, bool) {
	if i, ok := c.take(); ok {
		return i, true
	}
	defer task.Parked(ctx)()
	for {
		select {
		case <-c.wake:
		case <-ctx.Done():
			return c.take()
		}
		if i, ok := c.take(); ok {
			return i, true
		}
	}
}

func (c *completion) take() (int, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.settled) == 0 {
		return 0, false
	}
	i := c.settled[0]
	c.settled = c.settled[1:]
	c.places[i].yielded = true
	return i, true
}

// leave gives up the claims on what has not settled.
func (c *completion) leave(cause error) {
	for i := range c.places {
		a := &c.places[i]
		if a.in != nil {
			carryOnElsewhere(announce(a.in.unclaim(&a.link, cause)))
		}
	}
}
