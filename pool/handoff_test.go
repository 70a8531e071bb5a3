package pool_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pool"
)

func TestHandOffBlocksUntilAWorkerTakesTheTask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(2, pool.Queue(0, pool.Block))
		start := time.Now()
		for i := range 7 {
			require.NoError(t, p.Go(ctx, func(context.Context) { time.Sleep(time.Second) }))
			require.Equal(t, time.Duration(i/2)*time.Second, time.Since(start))
			synctest.Wait()
			require.Zero(t, p.Stats().Queued)
		}
		require.NoError(t, p.Shutdown(ctx))
		balanced(t, p.Stats())
	})
}

func TestHandOffWithReject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(2, pool.Queue(0, pool.Reject))
		gate := make(chan struct{})
		wait := func(context.Context) { <-gate }
		require.NoError(t, p.Go(ctx, wait))
		require.NoError(t, p.Key(1).Go(ctx, wait))
		require.ErrorIs(t, p.Go(ctx, nothing), pool.ErrFull)
		require.ErrorIs(t, p.Priority(pool.High).Go(ctx, nothing), pool.ErrFull)
		close(gate)
		synctest.Wait()
		require.NoError(t, p.Go(ctx, nothing))
		require.NoError(t, p.Shutdown(ctx))
		require.ErrorIs(t, p.Go(ctx, nothing), pool.ErrClosed)
		balanced(t, p.Stats())
	})
}

func TestHandOffWithCallerRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p, release := busy(t, pool.Queue(0, pool.CallerRuns))
		ran := false
		require.NoError(t, p.Go(ctx, func(context.Context) { ran = true }))
		require.True(t, ran)
		release()
		require.NoError(t, p.Shutdown(ctx))
		balanced(t, p.Stats())
	})
}

// Who gives up, or is turned away by Shutdown, leaves nothing behind.
func TestLaw4_HandOffThatDoesNotComeAbout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p, release := busy(t, pool.Queue(0, pool.Block))
		sub := p.Sub(1)
		views := []future.Executor{p, p.Key("k"), p.Key("k"), p.Key("k"), sub, sub, p.Priority(pool.Low).Tenant("x", 2)}
		brief, cancel := context.WithTimeoutCause(ctx, time.Second, errCause)
		defer cancel()
		var fs []*future.Future[int]
		for _, on := range views {
			fs = append(fs, future.Go(ctx, func(ctx context.Context) (int, error) {
				return pool.Submit(brief, on, func(context.Context) (int, error) { t.Error("run"); return 0, nil }).Await(ctx)
			}))
		}
		synctest.Wait()
		require.Equal(t, len(views), p.Stats().Waiting)
		require.Zero(t, p.Stats().Queued)
		time.Sleep(2 * time.Second)
		for _, f := range fs {
			_, err := f.Await(ctx)
			require.ErrorIs(t, err, errCause)
		}
		require.Zero(t, p.Stats().Waiting)
		fs = nil
		for _, on := range views {
			fs = append(fs, future.Go(ctx, func(ctx context.Context) (int, error) {
				return pool.Submit(ctx, on, one).Await(ctx)
			}))
		}
		synctest.Wait()
		down := future.Go(ctx, future.Void(p.Shutdown))
		for _, f := range fs {
			_, err := f.Await(ctx)
			require.ErrorIs(t, err, pool.ErrClosed)
		}
		release()
		_, err := down.Await(ctx)
		require.NoError(t, err)
		balanced(t, p.Stats())
	})
}

func TestLaw9_HandOffNested(t *testing.T) {
	for _, workers := range []int{1, 3} {
		synctest.Test(t, func(t *testing.T) {
			ctx := context.Background()
			p := pool.New(workers, pool.Queue(0, pool.Block))
			var running testkit.Gauge
			var tree func(ctx context.Context, depth int) (int, error)
			tree = func(ctx context.Context, depth int) (int, error) {
				running.Enter()
				time.Sleep(time.Millisecond)
				running.Leave()
				if depth == 0 {
					return 1, nil
				}
				ns, err := pool.Map(ctx, p, []int{1, 2, 3}, func(ctx context.Context, _ int) (int, error) {
					return pool.Submit(ctx, p, func(ctx context.Context) (int, error) { return tree(ctx, depth-1) }).Await(ctx)
				})
				return ns[0] + ns[1] + ns[2], err
			}
			n, err := pool.Submit(ctx, p, func(ctx context.Context) (int, error) { return tree(ctx, 3) }).Await(ctx)
			require.NoError(t, err)
			require.Equal(t, 27, n)
			require.LessOrEqual(t, running.Peak(), workers)
			require.NoError(t, p.Shutdown(ctx))
			balanced(t, p.Stats())
		})
	}
}
