package futuretest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing/synctest"
	"time"

	"github.com/thence-go/thence/internal/verdict"
)

var (
	errBoom  = errors.New("boom")
	errCause = errors.New("the cause")
	errOver  = errors.New("the rule is over")
)

// check is one run of a rule. Its methods that judge are called on the
// goroutine of the rule only: they end it.
type check struct {
	Adapter
	atEnd    []func()
	teardown func()
}

func (c *check) fail(format string, args ...any) {
	panic(verdict.Verdict{Kind: verdict.Failed, Reason: fmt.Sprintf(format, args...)})
}

func (c *check) hang(format string, args ...any) {
	panic(verdict.Verdict{Kind: verdict.Hung, Reason: fmt.Sprintf(format, args...)})
}

func (c *check) want(ok bool, format string, args ...any) {
	if !ok {
		c.fail(format, args...)
	}
}

// finish lets go of everything that the rule holds back.
func (c *check) finish() {
	for _, fn := range c.atEnd {
		fn()
	}
}

// rest waits until nothing moves any more.
func (c *check) rest() { synctest.Wait() }

// gate is a channel and what closes it, once; the end of the rule does too.
func (c *check) gate() (<-chan struct{}, func()) {
	g := make(chan struct{})
	open := sync.OnceFunc(func() { close(g) })
	c.atEnd = append(c.atEnd, open)
	return g, open
}

// promise makes one that the end of the rule settles.
func (c *check) promise() Promise {
	p := c.NewPromise()
	c.atEnd = append(c.atEnd, func() { p.Reject(errOver) })
	return p
}

// patience is how long, in virtual time, something may take once nothing
// holds it back: no more than a library that polls would need.
const patience = time.Minute

// returns calls fn, which must return.
func (c *check) returns(what string, fn func()) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		fn()
	}()
	select {
	case <-ended:
	case <-time.After(patience):
		c.hang("%s does not return", what)
	}
}

// outcome awaits f, which must settle.
func (c *check) outcome(f Future) (v int, err error) {
	c.returns("Await", func() { v, err = f.Await(context.Background()) })
	return v, err
}

func (c *check) outcomes(fs Futures) (vs []int, err error) {
	c.returns("Await of All", func() { vs, err = fs.Await(context.Background()) })
	return vs, err
}

// value: f settles with v.
func (c *check) value(f Future, v int) {
	got, err := c.outcome(f)
	c.want(err == nil, "want the value %d, got the error %q", v, err)
	c.want(got == v, "want the value %d, got %d", v, got)
}

// failure: f settles with an error that is want, and neither a cancellation
// nor a wait that was given up.
func (c *check) failure(f Future, want error) {
	_, err := c.outcome(f)
	c.isFailure(err, want)
}

func (c *check) isFailure(err, want error) {
	c.want(err != nil, "want the failure %q, got a success", want)
	c.want(errors.Is(err, want), "want the failure %q, got %q", want, err)
	c.noCancel(err)
}

func (c *check) noCancel(err error) {
	c.want(c.Canceled == nil || !c.Canceled(err), "the failure %q counts as a cancellation", err)
	c.want(c.StoppedWaiting == nil || !c.StoppedWaiting(err), "the failure %q counts as a wait that was given up", err)
}

// canceled: f settles as canceled, because of cause.
func (c *check) canceled(f Future, cause error) {
	_, err := c.outcome(f)
	c.isCancel(err, cause)
}

func (c *check) isCancel(err, cause error) {
	c.want(err != nil, "want a cancellation, got a success")
	c.want(c.Canceled(err), "want a cancellation, got the failure %q", err)
	c.want(c.NoCause || errors.Is(err, cause), "the cancellation %q has lost its cause %q", err, cause)
	c.want(c.StoppedWaiting == nil || !c.StoppedWaiting(err), "the cancellation %q counts as a wait that was given up", err)
}

// settled starts to await f and returns whether that has ended by now.
func (c *check) settled(f Future) (now func() bool) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = f.Await(context.Background())
	}()
	return func() bool {
		c.rest()
		select {
		case <-ended:
			return true
		default:
			return false
		}
	}
}

// pending: f has not settled although nothing moves any more.
func (c *check) pending(f Future, why string) {
	c.want(!c.settled(f)(), "the future has settled %s", why)
}

// worker launches work that goes on until it is released, with the value 7, or
// its ctx ends, with that error. stopped reports which.
type worker struct {
	f       Future
	release func()
	stopped func() bool
}

func (c *check) worker(ctx context.Context) worker {
	gate, open := c.gate()
	stopped := make(chan struct{})
	f := c.Go(ctx, func(ctx context.Context) (int, error) {
		select {
		case <-gate:
			return 7, nil
		case <-ctx.Done():
			close(stopped)
			return 0, ctx.Err()
		}
	})
	c.rest()
	return worker{f, open, func() bool {
		c.rest()
		select {
		case <-stopped:
			return true
		default:
			return false
		}
	}}
}

// stubborn launches work that sees the end of its ctx, and returns v and err
// only when it is released.
func (c *check) stubborn(v int, err func(context.Context) error) (f Future, release func()) {
	gate, open := c.gate()
	f = c.Go(context.Background(), func(ctx context.Context) (int, error) {
		<-gate
		return v, err(ctx)
	})
	c.rest()
	return f, open
}

// double is a continuation.
func double(_ context.Context, v int) (int, error) { return 2 * v, nil }

func always(err error) func(context.Context) error {
	return func(context.Context) error { return err }
}

// goroutine is the number of the goroutine that calls it.
func goroutine() string {
	buf := make([]byte, 64)
	buf = buf[:runtime.Stack(buf, false)]
	return string(bytes.Fields(buf)[1])
}
