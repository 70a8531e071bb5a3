package future

import (
	"context"
	"time"

	"github.com/thence-go/thence/internal/task"
)

// After returns a future that settles when d has passed, with the time at which
// it did. If ctx ends first, it is canceled. No goroutine waits meanwhile, and
// canceling it stops its timer.
func After(ctx context.Context, d time.Duration) *Future[time.Time] {
	mustContext("After", ctx)
	a := &after{ctx: task.Owned(ctx)}
	a.self = a
	a.born("After")
	if ctx.Err() != nil {
		a.Cancel(context.Cause(ctx))
		return &a.Future
	}
	a.settleAfter(&a.core, d, func() news { return a.settle(time.Now(), nil) })
	if a.ctx.Done() != nil {
		stop := context.AfterFunc(a.ctx, func() { a.Cancel(context.Cause(a.ctx)) })
		a.whenSettled(&a.over, func() { stop() })
	}
	return &a.Future
}

type after struct {
	Future[time.Time]
	combining
	timer
	over cleanup
	ctx  context.Context
}

func (a *after) base() context.Context    { return a.ctx }
func (a *after) input(int) (*core, *link) { return nil, nil }

// Timeout settles as f does, but fails with a *TimeoutError, which matches
// ErrTimeout, when f has not settled within d. It does not say that the work
// has stopped: it gives up its claim on f, which cancels f if nobody else
// depends on it, and f settles when its function returns. The clock runs from
// the call of Timeout.
func (f *Future[T]) Timeout(d time.Duration) *Future[T] {
	t := new(timed[T])
	t.init("Timeout", f, operation[T, T](passing[T]{}), pending)
	t.born("Timeout")
	t.joinInput()
	if !t.isSettled() {
		t.settleAfter(&t.core, d, func() news {
			var zero T
			return t.settle(zero, &TimeoutError{d})
		})
	}
	return &t.Future
}

type timed[T any] struct {
	derived[T, T]
	timer
}

// timer settles a future in time, and stops when that has settled otherwise.
type timer struct{ done cleanup }

func (t *timer) settleAfter(c *core, d time.Duration, settle func() news) {
	clock := time.AfterFunc(d, func() {
		carryOn(announce(settle()), nil)
	})
	c.whenSettled(&t.done, func() { clock.Stop() })
}

// cleanup is called when a future has settled. It lives inside the future, and
// looks at nothing: it is no demand.
type cleanup struct {
	link
	fn func()
}

func (l *cleanup) follow(*core) (news, continuation) {
	l.fn()
	return news{}, nil
}

func (c *core) whenSettled(l *cleanup, fn func()) {
	l.follower, l.fn = l, fn
	if !c.watchBy(&l.link, 0) {
		fn()
	}
}

// combining is an owner that has no function of its own to run.
type combining struct{}

func (combining) stop(error)          {}
func (combining) letGo()              {}
func (combining) owns(*task.Ctx) bool { return false }
