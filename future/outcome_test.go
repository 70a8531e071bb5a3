package future_test

import (
	"context"
	"errors"
	"io"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
)

var (
	errDisk  = errors.New("disk")
	errCause = errors.New("the cause")
	errPanic = &future.PanicError{Value: errDisk}
)

// quiet keeps expected panics out of the log.
func quiet(t *testing.T) (seen *[]*future.PanicError) {
	seen = new([]*future.PanicError)
	var mu sync.Mutex
	old := future.SetHooks(future.Hooks{Panic: func(p *future.PanicError) {
		mu.Lock()
		defer mu.Unlock()
		*seen = append(*seen, p)
	}})
	t.Cleanup(func() { future.SetHooks(old) })
	return seen
}

func untilDone(ctx context.Context) (int, error) {
	<-ctx.Done()
	return 0, ctx.Err()
}

// Every row of the table in the package comment. The launched function gets
// its ctx; end, if set, runs once the function waits.
func TestLaw3_Outcomes(t *testing.T) {
	type future3 = *future.Future[int]
	for name, c := range map[string]struct {
		fn    func(context.Context) (int, error)
		end   func(f future3, cancel context.CancelCauseFunc)
		value int
		is    []error
		isNot []error
	}{
		"value": {
			fn:    func(context.Context) (int, error) { return 1, nil },
			value: 1,
		},
		"value after a cancel": {
			fn:    func(ctx context.Context) (int, error) { <-ctx.Done(); return 1, nil },
			end:   func(f future3, _ context.CancelCauseFunc) { f.Cancel(errCause) },
			value: 1,
		},
		"its own error": {
			fn:    func(context.Context) (int, error) { return 0, errDisk },
			is:    []error{errDisk},
			isNot: []error{future.ErrCanceled},
		},
		"its own error, ctx ended": {
			fn:    func(ctx context.Context) (int, error) { <-ctx.Done(); return 0, errDisk },
			end:   func(f future3, _ context.CancelCauseFunc) { f.Cancel(errCause) },
			is:    []error{errDisk},
			isNot: []error{future.ErrCanceled, errCause},
		},
		"an inner deadline": {
			fn: func(ctx context.Context) (int, error) {
				inner, cancel := context.WithTimeout(ctx, time.Second)
				defer cancel()
				return untilDone(inner)
			},
			is:    []error{context.DeadlineExceeded},
			isNot: []error{future.ErrCanceled, future.ErrStoppedWaiting},
		},
		"canceled with a cause": {
			fn:    untilDone,
			end:   func(f future3, _ context.CancelCauseFunc) { f.Cancel(errCause) },
			is:    []error{future.ErrCanceled, errCause},
			isNot: []error{future.ErrStoppedWaiting, context.Canceled},
		},
		"canceled without a cause": {
			fn:  untilDone,
			end: func(f future3, _ context.CancelCauseFunc) { f.Cancel(nil) },
			is:  []error{future.ErrCanceled, context.Canceled},
		},
		"returns the cause": {
			fn:  func(ctx context.Context) (int, error) { <-ctx.Done(); return 0, context.Cause(ctx) },
			end: func(f future3, _ context.CancelCauseFunc) { f.Cancel(errCause) },
			is:  []error{future.ErrCanceled, errCause},
		},
		"returns the cause, a panic of other work": {
			fn:  func(ctx context.Context) (int, error) { <-ctx.Done(); return 0, context.Cause(ctx) },
			end: func(f future3, _ context.CancelCauseFunc) { f.Cancel(errPanic) },
			is:  []error{future.ErrCanceled, errPanic, errDisk},
		},
		"a panic of other work, ctx ended for another reason": {
			fn:    func(ctx context.Context) (int, error) { <-ctx.Done(); return 0, errPanic },
			end:   func(f future3, _ context.CancelCauseFunc) { f.Cancel(errCause) },
			is:    []error{errPanic, errDisk},
			isNot: []error{future.ErrCanceled, errCause},
		},
		"a panic with the cause itself": {
			fn:    func(ctx context.Context) (int, error) { <-ctx.Done(); panic(context.Cause(ctx)) },
			end:   func(f future3, _ context.CancelCauseFunc) { f.Cancel(errPanic) },
			is:    []error{errPanic},
			isNot: []error{future.ErrCanceled},
		},
		"parent ended": {
			fn:  untilDone,
			end: func(_ future3, cancel context.CancelCauseFunc) { cancel(errCause) },
			is:  []error{future.ErrCanceled, errCause},
		},
		"inner deadline after the end": {
			fn: func(ctx context.Context) (int, error) {
				<-ctx.Done()
				return 0, context.DeadlineExceeded
			},
			end: func(f future3, _ context.CancelCauseFunc) { f.Cancel(errCause) },
			is:  []error{future.ErrCanceled, errCause},
		},
		"panic": {
			fn:    func(context.Context) (int, error) { panic(io.ErrUnexpectedEOF) },
			is:    []error{io.ErrUnexpectedEOF},
			isNot: []error{future.ErrCanceled},
		},
		"panic with a context error": {
			fn:    func(ctx context.Context) (int, error) { <-ctx.Done(); panic(ctx.Err()) },
			end:   func(f future3, _ context.CancelCauseFunc) { f.Cancel(errCause) },
			is:    []error{context.Canceled},
			isNot: []error{future.ErrCanceled},
		},
		"Goexit": {
			fn: func(context.Context) (int, error) { runtime.Goexit(); return 1, nil },
			is: []error{future.ErrGoexit},
		},
		"stopped waiting inside, after the end": {
			fn: func(ctx context.Context) (int, error) {
				return future.NewPromise[int]().Future().Await(ctx)
			},
			end: func(f future3, _ context.CancelCauseFunc) { f.Cancel(errCause) },
			is:  []error{future.ErrCanceled, errCause},
		},
	} {
		t.Run(name, func(t *testing.T) {
			quiet(t)
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(context.Background())
				defer cancel(nil)
				f := future.Go(ctx, c.fn)
				synctest.Wait()
				if c.end != nil {
					c.end(f, cancel)
				}
				v, err := f.Await(context.Background())
				require.Equal(t, c.value, v)
				if c.is == nil {
					require.NoError(t, err)
				}
				for _, target := range c.is {
					require.ErrorIs(t, err, target)
				}
				for _, target := range c.isNot {
					require.NotErrorIs(t, err, target)
				}
			})
		})
	}
}

func TestLaw3_StoppedWaitingIsNotCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := future.NewPromise[int]()
		ctx, cancel := context.WithTimeoutCause(context.Background(), time.Second, errCause)
		defer cancel()
		_, err := p.Future().Await(ctx)
		require.ErrorIs(t, err, future.ErrStoppedWaiting)
		require.ErrorIs(t, err, errCause)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotErrorIs(t, err, future.ErrCanceled)
		var wait *future.WaitError
		require.ErrorAs(t, err, &wait)
		require.Equal(t, errCause, wait.Cause)

		p.Resolve(1)
		v, err := p.Future().Await(ctx) // settled wins over an ended ctx
		require.NoError(t, err)
		require.Equal(t, 1, v)
	})
}

// A waiter whose own ctx was canceled by other work still only stopped waiting.
func TestLaw3_StoppedWaitingBecauseOtherWorkWasCanceled(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(&future.CanceledError{Cause: errCause})
	_, err := future.NewPromise[int]().Future().Await(ctx)
	require.ErrorIs(t, err, future.ErrStoppedWaiting)
	require.ErrorIs(t, err, errCause)
	require.NotErrorIs(t, err, future.ErrCanceled)
	var canceled *future.CanceledError
	require.False(t, errors.As(err, &canceled))
}

func TestLaw2_CauseIsKeptThroughAChain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		f := future.Go(ctx, untilDone)
		g := f
		for range 100 {
			g = future.Then(g, func(_ context.Context, n int) (int, error) { return n, nil })
		}
		synctest.Wait()
		f.Cancel(errCause)
		_, err := g.Await(ctx)
		require.Equal(t, &future.CanceledError{Cause: errCause}, err, "wrapped once, however long the chain")
	})
}

func TestLaw2_TaskContextIsReal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		ctx := context.WithValue(context.Background(), key{}, "v")
		told := make(chan struct{})
		f := future.Go(ctx, func(ctx context.Context) (error, error) {
			require.Equal(t, "v", ctx.Value(key{}))
			require.NoError(t, ctx.Err())
			context.AfterFunc(ctx, func() { close(told) })
			child, cancel := context.WithCancel(ctx)
			defer cancel()
			<-child.Done()
			return context.Cause(child), nil
		})
		synctest.Wait()
		f.Cancel(errCause)
		cause, err := f.Await(ctx)
		require.NoError(t, err)
		require.Equal(t, errCause, cause)
		<-told
	})
}
