package future_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
)

func TestAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		at, err := future.After(t.Context(), time.Minute).Await(t.Context())
		require.NoError(t, err)
		require.Equal(t, time.Minute, at.Sub(begin))

		ctx, cancel := context.WithCancelCause(context.WithValue(t.Context(), ctxKey{}, "mine"))
		f := future.After(ctx, time.Hour)
		seen := future.Handle(f, func(ctx context.Context, r future.Result[time.Time]) (any, error) {
			return ctx.Value(ctxKey{}), r.Err
		})
		cancel(errCause)
		_, err = f.Await(t.Context())
		require.Equal(t, &future.CanceledError{Cause: errCause}, err)
		_, err = seen.Await(t.Context())
		require.Equal(t, &future.CanceledError{Cause: errCause}, err, "its ctx has ended as well")

		f = future.After(ctx, 0)
		require.ErrorIs(t, f.Err(), errCause, "before it began")
		_, err = future.After(t.Context(), -1).Await(t.Context())
		require.NoError(t, err)

		f = future.After(t.Context(), time.Hour)
		f.Cancel(errDisk)
		require.ErrorIs(t, f.Err(), errDisk)
		require.Equal(t, time.Minute, time.Since(begin), "nothing waits for the hour")
	})
}

func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		begin := time.Now()
		call := future.Go(ctx, after(10))
		_, err := call.Timeout(3 * time.Second).Await(ctx)
		require.Equal(t, &future.TimeoutError{After: 3 * time.Second}, err)
		require.ErrorIs(t, err, future.ErrTimeout)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotErrorIs(t, err, future.ErrCanceled)
		require.EqualError(t, err, "future: timed out after 3s")
		var net interface{ Timeout() bool }
		require.True(t, errors.As(err, &net) && net.Timeout())
		require.Equal(t, 3*time.Second, time.Since(begin))
		_, err = call.Await(ctx)
		require.ErrorIs(t, err, future.ErrCanceled)
		require.ErrorIs(t, err, future.ErrTimeout, "that is the cause")

		v, err := future.Go(ctx, after(1)).Timeout(time.Hour).Await(ctx)
		require.NoError(t, err)
		require.Equal(t, 1, v)
		_, err = future.Failed[int](errDisk).Timeout(0).Await(ctx)
		require.Equal(t, errDisk, err)
		require.Equal(t, 4*time.Second, time.Since(begin))

		// A function that does not listen: the future says so, the work goes on.
		deaf := future.Go(ctx, func(context.Context) (int, error) { time.Sleep(time.Minute); return 7, nil })
		_, err = deaf.Timeout(time.Second).Await(ctx)
		require.ErrorIs(t, err, future.ErrTimeout)
		v, err = deaf.Await(ctx)
		require.NoError(t, err)
		require.Equal(t, 7, v)
	})
}

// Somebody else depends on the call, so that it goes on.
func TestLaw11_TimeoutOfASharedCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		call := future.Go(ctx, after(10))
		patient := future.Then(call, identity)
		_, err := call.Timeout(time.Second).Await(ctx)
		require.ErrorIs(t, err, future.ErrTimeout)
		v, err := patient.Await(ctx)
		require.NoError(t, err)
		require.Equal(t, 10, v)
	})
}

func TestLazy(t *testing.T) {
	for name, demand := range map[string]func(context.Context, *future.Future[int]){
		"Await":   func(ctx context.Context, f *future.Future[int]) { _, _ = f.Await(ctx) },
		"Done":    func(_ context.Context, f *future.Future[int]) { <-f.Done() },
		"Then":    func(ctx context.Context, f *future.Future[int]) { _, _ = future.Then(f, identity).Await(ctx) },
		"Timeout": func(ctx context.Context, f *future.Future[int]) { _, _ = f.Timeout(time.Hour).Await(ctx) },
		"All":     func(ctx context.Context, f *future.Future[int]) { _, _ = future.All(f).Await(ctx) },
		"AsCompleted": func(ctx context.Context, f *future.Future[int]) {
			for range future.AsCompleted(ctx, f) {
			}
		},
		"FlatMap": func(ctx context.Context, f *future.Future[int]) {
			_, _ = future.FlatMap(future.Resolved(1), func(int) *future.Future[int] { return f }).Await(ctx)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, calls := t.Context(), 0
				f := future.Lazy(ctx, func(ctx context.Context) (int, error) { calls++; return after(1)(ctx) })
				time.Sleep(time.Hour)
				_, settled := f.Poll()
				require.False(t, settled)
				require.Equal(t, future.ErrPending, f.Err())
				require.Zero(t, calls)
				demand(ctx, f)
				demand(ctx, f)
				require.Equal(t, 1, calls)
				v, err := f.Await(ctx)
				require.NoError(t, err)
				require.Equal(t, 1, v)
			})
		})
	}
}

func TestLaw5_LazyThatWasCanceledFirst(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	f := future.Lazy(ctx, never[int])
	f.Cancel(errDisk)
	_, err := f.Await(context.Background())
	require.ErrorIs(t, err, errDisk)
	g := future.Lazy(ctx, never[int])
	cancel(errCause)
	require.Equal(t, future.ErrPending, g.Err(), "nobody has asked")
	_, err = g.Await(context.Background())
	require.Equal(t, &future.CanceledError{Cause: errCause}, err)
}

func never[T any](context.Context) (v T, err error) { panic("must not be called") }
