package future_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pool"
)

// universe is everything that an outcome may speak of.
var universe = []error{
	future.ErrCanceled, future.ErrStoppedWaiting, future.ErrTimeout, future.ErrGoexit, future.ErrDeadlock,
	future.ErrNotNeeded, future.ErrNoInput, future.ErrAbandoned, future.ErrPending,
	context.Canceled, context.DeadlineExceeded,
	pool.ErrFull, pool.ErrDropped, pool.ErrNotRun, pool.ErrClosed,
	errCause, errDisk, io.ErrUnexpectedEOF,
}

// onlyIs checks that err matches what is wanted and nothing else.
func onlyIs(t *testing.T, err error, want ...error) {
	t.Helper()
	require.Equal(t, len(want) == 0, err == nil, "%v", err)
	for _, target := range universe {
		require.Equal(t, slices.Contains(want, target), errors.Is(err, target), "%v matches %q", err, target)
	}
	var (
		canceled *future.CanceledError
		wait     *future.WaitError
	)
	require.Equal(t, slices.Contains(want, future.ErrCanceled), errors.As(err, &canceled), "%v as CanceledError", err)
	require.Equal(t, slices.Contains(want, future.ErrStoppedWaiting), errors.As(err, &wait), "%v as WaitError", err)
	require.Equal(t, slices.Contains(want, future.ErrCanceled), future.Result[int]{Err: err}.Canceled())
}

// over is how the ctx of the work ends.
type over string

const (
	ctxLives       over = "live"
	ctxCanceled    over = "canceled"        // by f.Cancel
	parentCanceled over = "parent"          // by the one who made the parent ctx
	parentExpired  over = "parent deadline" // by time
)

// what the ctx has to say about that.
func (o over) cause() []error {
	switch o {
	case ctxCanceled, parentCanceled:
		return []error{future.ErrCanceled, errCause}
	case parentExpired:
		return []error{future.ErrCanceled, context.DeadlineExceeded}
	}
	return nil
}

// How a function ends, beside how its ctx has ended: all rows of table 1 in
// which the function ran, wherever it ran. What is not said of a ctx that has
// ended is "canceled, with its cause".
func TestLaw3_TruthTable(t *testing.T) {
	hook(t, future.Hooks{})
	type wants map[over][]error
	always := func(errs ...error) wants {
		return wants{ctxLives: errs, ctxCanceled: errs, parentCanceled: errs, parentExpired: errs}
	}
	echo := func(whenLive ...error) wants { return wants{ctxLives: whenLive} }
	for name, c := range map[string]struct {
		end  func(ctx context.Context) (int, error)
		want wants
	}{
		"value":         {func(context.Context) (int, error) { return 7, nil }, always()},
		"own error":     {func(context.Context) (int, error) { return 0, errDisk }, always(errDisk)},
		"own, wrapped":  {func(context.Context) (int, error) { return 0, fmt.Errorf("x: %w", errDisk) }, always(errDisk)},
		"panic":         {func(context.Context) (int, error) { panic("boom") }, always(errBoom)},
		"panic, error":  {func(context.Context) (int, error) { panic(io.ErrUnexpectedEOF) }, always(io.ErrUnexpectedEOF)},
		"panic, ctx":    {func(context.Context) (int, error) { panic(context.Canceled) }, always(context.Canceled)},
		"panic, cancel": {func(context.Context) (int, error) { panic(canceledErr) }, always(errDisk)},
		"Goexit":        {func(context.Context) (int, error) { runtime.Goexit(); return 1, nil }, always(future.ErrGoexit)},
		"context.Canceled": {
			func(context.Context) (int, error) { return 0, context.Canceled }, echo(context.Canceled),
		},
		"DeadlineExceeded": {
			func(context.Context) (int, error) { return 0, context.DeadlineExceeded }, echo(context.DeadlineExceeded),
		},
		"an inner deadline": {func(ctx context.Context) (int, error) {
			inner, stop := context.WithTimeout(ctx, time.Second)
			defer stop()
			return untilDone(inner)
		}, echo(context.DeadlineExceeded)},
		"an inner deadline, wrapped": {func(ctx context.Context) (int, error) {
			inner, stop := context.WithTimeout(ctx, time.Second)
			defer stop()
			_, err := untilDone(inner)
			return 0, fmt.Errorf("get: %w", err)
		}, echo(context.DeadlineExceeded)},
		"a wait that was given up": {func(ctx context.Context) (int, error) {
			inner, stop := context.WithTimeout(ctx, time.Second)
			defer stop()
			return future.NewPromise[int]().Future().Await(inner)
		}, echo(context.DeadlineExceeded)},
		"an inner Timeout": {func(ctx context.Context) (int, error) {
			return future.NewPromise[int]().Future().Timeout(time.Second).Await(context.WithoutCancel(ctx))
		}, echo(future.ErrTimeout, context.DeadlineExceeded)},
		"other work that was canceled": {
			func(context.Context) (int, error) { return 0, canceledErr }, echo(errDisk),
		},
		"the sentinel itself": {
			func(context.Context) (int, error) { return 0, future.ErrCanceled }, echo(errBoom),
		},
		"own error and an echo": {
			func(ctx context.Context) (int, error) { return 0, errors.Join(errDisk, context.Canceled) },
			always(errDisk, context.Canceled),
		},
	} {
		for _, how := range []over{ctxLives, ctxCanceled, parentCanceled, parentExpired} {
			want, settled := c.want[how]
			if !settled {
				want = how.cause()
			}
			for entry, start := range entries {
				t.Run(fmt.Sprint(name, "/", how, "/", entry), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						v, err := ending(t, start, how, c.end)
						if len(want) == 0 {
							require.Equal(t, 7, v)
						} else {
							require.Zero(t, v)
						}
						onlyIs(t, err, want...)
					})
				})
			}
		}
	}
}

var (
	// errBoom in a want stands for a failure that matches nothing.
	errBoom     = errors.New("boom")
	canceledErr = &future.CanceledError{Cause: errDisk}
)

// ending starts end, once its ctx has ended as told, and awaits the outcome.
func ending(t *testing.T, start starter, how over, end func(context.Context) (int, error)) (int, error) {
	t.Helper()
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	if how == parentExpired {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, time.Minute)
		defer stop()
	}
	f := start(ctx, func(ctx context.Context) (int, error) {
		if how != ctxLives {
			<-ctx.Done()
		}
		return end(ctx)
	})
	synctest.Wait()
	switch how {
	case ctxCanceled:
		f.Cancel(errCause)
	case parentCanceled:
		cancel(errCause)
	}
	return f.Await(context.Background())
}

// Table 1, the rows of work that never ran.
func TestLaw3_TruthTableOfWorkThatNeverRan(t *testing.T) {
	block := func(ctx context.Context) (int, error) { time.Sleep(time.Hour); return 7, nil }
	for name, c := range map[string]struct {
		policy pool.Overflow
		act    func(p *pool.Pool, queued *future.Future[int], cancel context.CancelCauseFunc) *future.Future[int]
		want   []error
		later  bool // not at once, but when its turn comes
	}{
		"the queue is full": {pool.Reject, func(p *pool.Pool, _ *future.Future[int], _ context.CancelCauseFunc) *future.Future[int] {
			return pool.Submit(context.Background(), p, never[int])
		}, []error{pool.ErrFull}, false},
		"dropped, the newest": {pool.DropNewest, func(p *pool.Pool, _ *future.Future[int], _ context.CancelCauseFunc) *future.Future[int] {
			return pool.Submit(context.Background(), p, never[int])
		}, []error{pool.ErrDropped}, false},
		"dropped, the oldest": {pool.DropOldest, func(p *pool.Pool, queued *future.Future[int], _ context.CancelCauseFunc) *future.Future[int] {
			pool.Submit(context.Background(), p, block)
			return queued
		}, []error{pool.ErrDropped}, false},
		"left over": {pool.Block, func(p *pool.Pool, queued *future.Future[int], _ context.CancelCauseFunc) *future.Future[int] {
			_ = p.Close()
			return queued
		}, []error{pool.ErrNotRun}, false},
		"closed": {pool.Block, func(p *pool.Pool, _ *future.Future[int], _ context.CancelCauseFunc) *future.Future[int] {
			_ = p.Close()
			return pool.Submit(context.Background(), p, never[int])
		}, []error{pool.ErrClosed}, false},
		"canceled while queued": {pool.Block, func(p *pool.Pool, queued *future.Future[int], _ context.CancelCauseFunc) *future.Future[int] {
			queued.Cancel(errCause)
			return queued
		}, []error{future.ErrCanceled, errCause}, false},
		"ctx over at dequeue": {pool.Block, func(p *pool.Pool, queued *future.Future[int], cancel context.CancelCauseFunc) *future.Future[int] {
			cancel(errCause)
			return queued
		}, []error{future.ErrCanceled, errCause}, true},
		"ctx over while it waits for room": {pool.Block, func(p *pool.Pool, _ *future.Future[int], _ context.CancelCauseFunc) *future.Future[int] {
			brief, stop := context.WithTimeoutCause(context.Background(), time.Second, errCause)
			defer stop()
			return pool.Submit(brief, p, never[int])
		}, []error{future.ErrCanceled, errCause}, false},
		"ctx over before": {pool.Block, func(p *pool.Pool, _ *future.Future[int], _ context.CancelCauseFunc) *future.Future[int] {
			ended, stop := context.WithCancelCause(context.Background())
			stop(errCause)
			return pool.Submit(ended, p, never[int])
		}, []error{future.ErrCanceled, errCause}, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := pool.New(1, pool.Queue(1, c.policy))
				ctx, cancel := context.WithCancelCause(context.Background())
				defer cancel(nil)
				busy := pool.Submit(context.Background(), p, block)
				synctest.Wait()
				ran := false
				queued := pool.Submit(ctx, p, func(context.Context) (int, error) { ran = true; return 7, nil })
				f := c.act(p, queued, cancel)
				begin := time.Now()
				v, err := f.Await(context.Background())
				require.Zero(t, v)
				onlyIs(t, err, c.want...)
				if !c.later {
					require.Equal(t, begin, time.Now(), "at once")
				}
				_, err = busy.Await(context.Background())
				require.NoError(t, err)
				_ = p.Shutdown(context.Background())
				require.False(t, ran && f == queued)
			})
		})
	}
}

// Table 1, the rows of those who wait.
func TestLaw3_TruthTableOfWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		background := context.Background()
		withCause, cancel := context.WithCancelCause(background)
		cancel(errCause)
		_, err := future.NewPromise[int]().Future().Await(withCause)
		onlyIs(t, err, future.ErrStoppedWaiting, errCause, context.Canceled)

		brief, stop := context.WithTimeout(background, time.Second)
		defer stop()
		_, err = future.NewPromise[int]().Future().Await(brief)
		onlyIs(t, err, future.ErrStoppedWaiting, context.DeadlineExceeded)

		// The ctx of the task and of the waiter in one: whichever is first.
		for range stress(500) {
			brief, stop := context.WithTimeout(background, time.Second)
			f := future.Go(brief, untilDone)
			_, err = f.Await(brief)
			if errors.Is(err, future.ErrStoppedWaiting) {
				onlyIs(t, err, future.ErrStoppedWaiting, context.DeadlineExceeded)
			} else {
				onlyIs(t, err, future.ErrCanceled, context.DeadlineExceeded)
			}
			_, err = f.Await(background)
			onlyIs(t, err, future.ErrCanceled, context.DeadlineExceeded)
			_, err = f.Await(brief)
			onlyIs(t, err, future.ErrCanceled, context.DeadlineExceeded) // settled wins
			stop()
		}

		f := future.Go(background, untilDone)
		_, err = f.Timeout(time.Second).Await(background)
		onlyIs(t, err, future.ErrTimeout, context.DeadlineExceeded)
		_, err = f.Await(background)
		onlyIs(t, err, future.ErrCanceled, future.ErrTimeout, context.DeadlineExceeded)

		var self *future.Future[int]
		made := make(chan struct{})
		var inside error
		self = future.Go(background, func(ctx context.Context) (int, error) {
			<-made
			_, inside = self.Await(ctx)
			return 7, nil
		})
		close(made)
		v, err := self.Await(background)
		require.Equal(t, 7, v)
		onlyIs(t, err)
		onlyIs(t, inside, future.ErrDeadlock)
		_, err = self.Await(withCause)
		onlyIs(t, err) // settled wins
	})
}
