package pool_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pool"
)

func numbers(n int) []int {
	items := make([]int, n)
	for i := range items {
		items[i] = i
	}
	return items
}

func TestMapKeepsTheOrder(t *testing.T) {
	ctx := context.Background()
	p := pool.New(4)
	defer p.Close()
	for _, n := range []int{0, 1, 2, 1000, 30_000} {
		out, err := pool.Map(ctx, p, numbers(n), func(_ context.Context, i int) (int, error) { return 2 * i, nil })
		require.NoError(t, err)
		require.Len(t, out, n)
		for i, v := range out {
			require.Equal(t, 2*i, v)
		}
	}
}

func TestForEachCallsEachOnce(t *testing.T) {
	ctx := context.Background()
	p := pool.New(4)
	defer p.Close()
	calls := make([]atomic.Int32, 50_000)
	require.NoError(t, pool.ForEach(ctx, p, numbers(len(calls)), func(_ context.Context, i int) error {
		calls[i].Add(1)
		return nil
	}))
	for i := range calls {
		require.Equal(t, int32(1), calls[i].Load(), i)
	}
}

// Slow items never wait behind each other: they go out one by one.
func TestForEachSharesSlowItemsEvenly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(4)
		defer p.Close()
		var g testkit.Gauge
		start := time.Now()
		require.NoError(t, pool.ForEach(context.Background(), p, numbers(400), func(context.Context, int) error {
			g.Enter()
			defer g.Leave()
			time.Sleep(time.Millisecond)
			return nil
		}))
		require.Equal(t, 100*time.Millisecond, time.Since(start))
		require.Equal(t, 4, g.Peak())
	})
}

func TestLaw11_ForEachStopsAtTheFirstFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(3)
		defer p.Close()
		var calls atomic.Int32
		err := pool.ForEach(context.Background(), p, numbers(100), func(ctx context.Context, i int) error {
			calls.Add(1)
			if i == 2 {
				time.Sleep(time.Second)
				return errDisk
			}
			<-ctx.Done()
			require.ErrorIs(t, context.Cause(ctx), errDisk)
			return ctx.Err()
		})
		require.Equal(t, &future.JoinError{Errs: []future.IndexedError{{Index: 2, Err: errDisk}}}, err)
		require.Equal(t, int32(3), calls.Load())
	})
}

func TestForEachEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(2)
		defer p.Close()
		ctx, cancel := context.WithTimeoutCause(context.Background(), time.Second, errCause)
		defer cancel()
		var calls atomic.Int32
		err := pool.ForEach(ctx, p, numbers(100), func(ctx context.Context, i int) error {
			calls.Add(1)
			<-ctx.Done()
			return nil // it ignores the end, the rest is not called all the same
		})
		require.Equal(t, &future.CanceledError{Cause: errCause}, err)
		require.Equal(t, int32(2), calls.Load())

		err = pool.ForEach(ctx, p, numbers(100), func(context.Context, int) error { t.Error("called"); return nil })
		require.ErrorIs(t, err, errCause)
	})
}

// It does not wait for its turn on a pool that is busy with others.
func TestForEachOnABusyPoolEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(1)
		release := make(chan struct{})
		require.NoError(t, p.Go(context.Background(), func(context.Context) { <-release }))
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		start := time.Now()
		err := pool.ForEach(ctx, p, numbers(10), func(context.Context, int) error { t.Error("called"); return nil })
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, future.ErrCanceled)
		require.Equal(t, time.Second, time.Since(start))
		close(release)
		require.NoError(t, p.Shutdown(context.Background()))
	})
}

func TestLaw6_ForEachPanicAndGoexit(t *testing.T) {
	quiet(t)
	ctx := context.Background()
	p := pool.New(2)
	for range stress(100) {
		var panicked *future.PanicError
		err := pool.ForEach(ctx, p, numbers(100), func(_ context.Context, i int) error {
			if i == 70 {
				panic("boom")
			}
			return nil
		})
		require.ErrorAs(t, err, &panicked)
		var at future.IndexedError
		require.ErrorAs(t, err, &at)
		require.Equal(t, 70, at.Index)

		_, err = pool.Map(ctx, p, numbers(100), func(_ context.Context, i int) (int, error) {
			if i == 30 {
				runtime.Goexit()
			}
			return i, nil
		})
		require.ErrorIs(t, err, future.ErrGoexit)
	}
	require.NoError(t, p.Shutdown(ctx))
}

func TestMapReturnsWhatItHasBesideTheError(t *testing.T) {
	p := pool.New(1)
	defer p.Close()
	out, err := pool.Map(context.Background(), p, numbers(3), func(_ context.Context, i int) (int, error) {
		if i == 2 {
			return 0, errDisk
		}
		return i + 1, nil
	})
	require.ErrorIs(t, err, errDisk)
	require.Equal(t, []int{1, 2, 0}, out)
}

func TestForEachOnAPoolThatStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(2)
		require.NoError(t, p.Shutdown(ctx))
		require.ErrorIs(t, pool.ForEach(ctx, p, numbers(3), func(context.Context, int) error { return nil }), pool.ErrClosed)
		require.NoError(t, pool.ForEach(ctx, p, []int{}, func(context.Context, int) error { return nil }))

		for _, busy := range []bool{false, true} {
			p = pool.New(1)
			if busy {
				require.NoError(t, p.Go(ctx, func(ctx context.Context) { <-ctx.Done() }))
				synctest.Wait()
			}
			f := future.Go(ctx, future.Void(func(ctx context.Context) error {
				return pool.ForEach(ctx, p, numbers(3), func(ctx context.Context, _ int) error { <-ctx.Done(); return ctx.Err() })
			}))
			synctest.Wait()
			left := p.Close()
			_, err := f.Await(ctx)
			require.Error(t, err)
			if busy {
				require.ErrorIs(t, err, pool.ErrNotRun)
			} else {
				require.ErrorIs(t, err, pool.ErrClosed)
			}
			require.Equal(t, left, p.Shutdown(ctx))
		}
	})
}

// other is an executor that says nothing of its width.
type other struct{}

func (other) Execute(ctx context.Context, t future.Task) error {
	go func() { _ = t.Run(ctx) }()
	return nil
}

func TestForEachOnAnyExecutor(t *testing.T) {
	out, err := pool.Map(context.Background(), other{}, numbers(100), func(_ context.Context, i int) (int, error) { return i, nil })
	require.NoError(t, err)
	require.Equal(t, numbers(100), out)
}

// dropper refuses the first task that it has accepted, and runs the rest.
type dropper struct{ n int }

func (d *dropper) Execute(ctx context.Context, t future.Task) error {
	if d.n++; d.n == 1 {
		t.Refuse(errCause)
		return nil
	}
	return other{}.Execute(ctx, t)
}

func TestForEachWaitsForAllThatRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int32
		err := pool.ForEach(context.Background(), &dropper{}, numbers(4), func(context.Context, int) error {
			time.Sleep(time.Second)
			calls.Add(1)
			return nil
		})
		if runtime.GOMAXPROCS(0) == 1 { // it was the only one
			require.ErrorIs(t, err, errCause)
			return
		}
		require.NoError(t, err)
		require.Equal(t, int32(4), calls.Load())
	})
}
