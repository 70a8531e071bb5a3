package future_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
)

type listError []string

func (e listError) Error() string { return strings.Join(e, ", ") }

// boxError is of a comparable type, and what it holds may not be.
type boxError struct{ what any }

func (e boxError) Error() string { return fmt.Sprint(e.what) }

// What became of other work is not what became of this work.
func TestLaw3_InnerOutcomesAreFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		canceled := future.NewPromise[int]().Future()
		canceled.Cancel(errCause)

		f := future.Go(ctx, func(ctx context.Context) (int, error) { return canceled.Await(ctx) })
		_, err := f.Await(ctx)
		require.NotErrorIs(t, err, future.ErrCanceled)
		require.ErrorIs(t, err, errCause)
		r, _ := f.Poll()
		require.False(t, r.Canceled())
		v, err := f.Catch(func(context.Context, error) (int, error) { return 7, nil }).Await(ctx)
		require.NoError(t, err)
		require.Equal(t, 7, v)

		f = future.Go(ctx, func(ctx context.Context) (int, error) {
			brief, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			v, err := future.NewPromise[int]().Future().Await(brief)
			return v, fmt.Errorf("load: %w", err)
		})
		_, err = f.Await(ctx)
		require.NotErrorIs(t, err, future.ErrStoppedWaiting, "nobody stopped waiting for f")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.EqualError(t, err, "load: future: stopped waiting: context deadline exceeded")
		var wait *future.WaitError
		require.False(t, errors.As(err, &wait))
	})
}

// After the end of ctx, only what says nothing else counts as its echo.
func TestLaw3_Echoes(t *testing.T) {
	for name, c := range map[string]struct {
		cause    error
		returns  func(ctx context.Context) error
		canceled bool
		is       error
	}{
		"wrapped":                {errCause, func(ctx context.Context) error { return fmt.Errorf("load: %w", ctx.Err()) }, true, errCause},
		"joined echoes":          {errCause, func(ctx context.Context) error { return errors.Join(ctx.Err(), context.Cause(ctx)) }, true, errCause},
		"joined to a failure":    {errCause, func(ctx context.Context) error { return errors.Join(ctx.Err(), errDisk) }, false, errDisk},
		"cause not comparable":   {listError{"a"}, context.Cause, true, nil},
		"cause holds a list":     {boxError{listError{"a"}}, context.Cause, true, nil},
		"another list":           {listError{"a"}, func(context.Context) error { return listError{"b"} }, false, nil},
		"a panic of other work":  {errCause, func(context.Context) error { return &future.PanicError{Value: context.Canceled} }, false, context.Canceled},
		"a cancel of other work": {errCause, func(context.Context) error { return &future.CanceledError{Cause: errDisk} }, true, errCause},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := future.Go(context.Background(), func(ctx context.Context) (int, error) {
					<-ctx.Done()
					return 0, c.returns(ctx)
				})
				synctest.Wait()
				f.Cancel(c.cause)
				_, err := f.Await(context.Background())
				require.Equal(t, c.canceled, errors.Is(err, future.ErrCanceled), "%v", err)
				if c.is != nil {
					require.ErrorIs(t, err, c.is)
				}
			})
		})
	}
}

// A goroutine that is exiting and panics on the way is lost all the same.
func TestLaw6_PanicWhileExiting(t *testing.T) {
	quiet(t)
	ctx := context.Background()
	bad := func() {
		defer func() { panic("while exiting") }()
		runtime.Goexit()
	}
	for name, f := range map[string]*future.Future[int]{
		"Go":      future.Go(ctx, func(context.Context) (int, error) { bad(); return 1, nil }),
		"GoOn":    future.GoOn(ctx, spawn{}, func(context.Context) (int, error) { bad(); return 1, nil }),
		"Map":     future.Map(future.Resolved(1), func(int) int { bad(); return 1 }),
		"Finally": future.Resolved(1).Finally(bad),
	} {
		v, err := future.Then(f, identity).Catch(func(context.Context, error) (int, error) { return 7, nil }).Await(ctx)
		require.NoError(t, err, name)
		require.Equal(t, 7, v, name)
		_, err = f.Await(ctx)
		var panicked *future.PanicError
		require.ErrorAs(t, err, &panicked, name)
	}
}

func TestLaw6_AHookThatExits(t *testing.T) {
	old := future.SetHooks(future.Hooks{Panic: func(*future.PanicError) { runtime.Goexit() }})
	defer future.SetHooks(old)
	f := future.Go(context.Background(), func(context.Context) (int, error) { panic("boom") })
	_, err := f.Await(context.Background())
	var panicked *future.PanicError
	require.ErrorAs(t, err, &panicked)
}

// One settled future for all, as a package may have it.
var ready = future.Resolved(1)

func TestLaw12_ASettledFutureInManyBubbles(t *testing.T) {
	for range 2 {
		synctest.Test(t, func(t *testing.T) {
			<-ready.Done()
			v, err := future.Map(ready, func(n int) int { return n + 1 }).Await(t.Context())
			require.NoError(t, err)
			require.Equal(t, 2, v)
		})
	}
}

// An error that speaks of other work speaks of it only, whichever way it comes.
func TestLaw3_ErrorsOfOtherWork(t *testing.T) {
	ctx := context.Background()
	over := &future.CanceledError{Cause: errCause}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	gaveUp := future.StoppedWaiting(ended)
	old := future.SetHooks(future.Hooks{Panic: func(*future.PanicError) {}})
	defer future.SetHooks(old)

	for name, c := range map[string]struct {
		f    *future.Future[int]
		is   error
		over bool
	}{
		"rejected with a wait":         {rejected(gaveUp), context.Canceled, false},
		"rejected with a cancellation": {rejected(over), errCause, true},
		"rejected with one inside":     {rejected(fmt.Errorf("call: %w", over)), errCause, false},
		"failed with a wait":           {future.Failed[int](gaveUp), context.Canceled, false},
		"refused with a wait":          {future.GoOn(ctx, &queue{err: gaveUp}, untilDone), context.Canceled, false},
		"a panic with a cancellation":  {panicked(over), errCause, false},
		"a panic with a wait":          {panicked(gaveUp), context.Canceled, false},
		"canceled because of a wait":   {canceledWith(gaveUp), context.Canceled, true},
		"Race of a panic":              {future.Race(panicked(over)), errCause, false},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.f.Await(ctx)
			require.ErrorIs(t, err, c.is)
			require.Equal(t, c.over, errors.Is(err, future.ErrCanceled))
			require.NotErrorIs(t, err, future.ErrStoppedWaiting)
			var w *future.WaitError
			require.False(t, errors.As(err, &w))
			r, _ := c.f.Poll()
			require.Equal(t, c.over, r.Canceled())
		})
	}
}

func rejected(err error) *future.Future[int] {
	p := future.NewPromise[int]()
	p.Reject(err)
	return p.Future()
}

func panicked(v any) *future.Future[int] {
	return future.Go(context.Background(), func(context.Context) (int, error) { panic(v) })
}

func canceledWith(cause error) *future.Future[int] {
	p := future.NewPromise[int]()
	p.Future().Cancel(cause)
	return p.Future()
}
