package pool_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pool"
)

func TestLaw1_ShutdownDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(1)
		start := time.Now()
		for range 3 {
			require.NoError(t, p.Go(ctx, func(context.Context) { time.Sleep(time.Second) }))
		}
		both := future.All(future.Go(ctx, future.Void(p.Shutdown)), future.Go(ctx, future.Void(p.Shutdown)))
		synctest.Wait()
		require.ErrorIs(t, p.Go(ctx, nothing), pool.ErrClosed)
		_, err := both.Await(ctx)
		require.NoError(t, err)
		require.Equal(t, 3*time.Second, time.Since(start))
		require.NoError(t, p.Shutdown(ctx), "again")
		require.NoError(t, p.Close(), "and again")
	})
}

func TestLaw4_ShutdownThatRunsOutOfPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(2, pool.Name("mail"))
		obedient := pool.Submit(ctx, p, untilDone)
		release := make(chan struct{})
		deaf := pool.Submit(ctx, p, func(context.Context) (int, error) { <-release; return 1, nil })
		synctest.Wait()
		queued := pool.Submit(ctx, p, one)
		require.NoError(t, p.Go(ctx, func(context.Context) { t.Error("run") }))

		soon, cancel := context.WithTimeoutCause(ctx, time.Second, errCause)
		defer cancel()
		err := p.Shutdown(soon)
		var left *pool.ShutdownError
		require.ErrorAs(t, err, &left)
		require.Equal(t, &pool.ShutdownError{
			Pool: "mail", NeverRun: 2, Canceled: 2, Cause: errCause,
			Stragglers: []pool.Straggler{{Age: time.Second}, {Age: time.Second}},
		}, left)
		require.ErrorIs(t, err, errCause)

		_, err = queued.Await(ctx)
		require.ErrorIs(t, err, pool.ErrNotRun)
		require.NotErrorIs(t, err, future.ErrCanceled)
		_, err = obedient.Await(ctx)
		require.ErrorIs(t, err, future.ErrCanceled)
		require.ErrorIs(t, err, pool.ErrClosed)

		synctest.Wait() // until its worker has left
		require.Same(t, left, p.Close(), "the same, though one has left")
		close(release)
		require.Same(t, left, p.Shutdown(ctx))
		v, err := deaf.Await(ctx)
		require.NoError(t, err)
		require.Equal(t, 1, v)
		s := p.Stats()
		require.Equal(t, pool.Stats{State: pool.Closed, Submitted: 4, Completed: 1, Canceled: 1, Dropped: 2}, s)
	})
}

// A task that is parked when the pool stops hears of it too.
func TestLaw1_ShutdownOfParkedTasks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(1)
		f := pool.Submit(ctx, p, func(ctx context.Context) (int, error) {
			return future.NewPromise[int]().Future().Await(ctx)
		})
		synctest.Wait()
		var left *pool.ShutdownError
		require.ErrorAs(t, p.Close(), &left)
		require.Equal(t, 1, left.Canceled)
		_, err := f.Await(ctx)
		require.ErrorIs(t, err, pool.ErrClosed)
		require.Same(t, left, p.Shutdown(ctx))
	})
}

func TestLaw1_IdleWorkersLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(8, pool.IdleTimeout(time.Minute))
		burst := func(n int) {
			for range n {
				require.NoError(t, p.Go(ctx, func(context.Context) { time.Sleep(time.Second) }))
			}
			time.Sleep(2 * time.Second)
		}
		burst(8)
		require.Equal(t, 8, p.Stats().Workers)
		time.Sleep(30 * time.Second)
		require.Equal(t, 8, p.Stats().Workers, "not before the time is up")
		for range 6 {
			burst(2)
			time.Sleep(18 * time.Second)
		}
		require.Equal(t, 2, p.Stats().Workers, "those that are needed stay")
		time.Sleep(2 * time.Minute)
		require.Equal(t, 0, p.Stats().Workers)
		time.Sleep(time.Hour)
		burst(1)
		require.Equal(t, 1, p.Stats().Workers)
		time.Sleep(2 * time.Minute)
		require.Equal(t, 0, p.Stats().Workers, "and no goroutine is left without Close")
	})
}

// Submit, Shutdown and Close race: what was accepted runs or is refused, what
// was not says so.
func TestLaw4_SubmitRacesShutdown(t *testing.T) {
	for i := range stress(200) {
		p := pool.New(2, pool.Queue(4, pool.Block))
		var accepted, ran, refused atomic.Int64
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for {
					f := pool.Submit(context.Background(), p, func(ctx context.Context) (int, error) {
						ran.Add(1)
						return 1, nil
					})
					_, err := f.Await(context.Background())
					switch {
					case errors.Is(err, pool.ErrNotRun), errors.Is(err, future.ErrCanceled):
						refused.Add(1)
					case errors.Is(err, pool.ErrClosed):
						return
					case err != nil:
						t.Error(err)
						return
					}
					accepted.Add(1)
				}
			})
		}
		for range 2 {
			wg.Go(func() {
				if i%2 == 0 {
					_ = p.Shutdown(context.Background())
				} else {
					_ = p.Close()
				}
			})
		}
		wg.Wait()
		if err := p.Shutdown(context.Background()); i%2 == 0 {
			require.NoError(t, err)
		}
		require.Equal(t, accepted.Load(), ran.Load()+refused.Load())
		s := p.Stats()
		require.Equal(t, s.Submitted, s.Completed+s.Failed+s.Canceled+s.Rejected+s.Dropped, "%+v", s)
	}
}

func TestLaw14_Errors(t *testing.T) {
	for _, err := range []error{pool.ErrClosed, pool.ErrFull, pool.ErrDropped, pool.ErrNotRun} {
		require.Regexp(t, "^pool: ", err.Error())
	}
	err := error(&pool.ShutdownError{NeverRun: 1, Canceled: 2, Cause: errCause})
	require.Equal(t, "pool: shutdown: 1 tasks not run, 2 still running: the cause", err.Error())
}
