package errgroup_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/errgroup"
	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pool"
)

// Scopes on a pool: the limit's place wraps the pool's worker, so whoever
// waits gives both back.
func TestLaw9_NestingOnAPoolCannotDeadlock(t *testing.T) {
	for name, c := range map[string]struct {
		workers, limit int
	}{
		"one worker":              {1, 0},
		"one worker, limit one":   {1, 1},
		"one worker, limit two":   {1, 2},
		"two workers, limit one":  {2, 1},
		"four workers, limit two": {4, 2},
	} {
		t.Run(name, func(t *testing.T) {
			testkit.Ends(t, func(t *testing.T) {
				p := pool.New(c.workers, pool.Queue(1, pool.Block))
				defer p.Close()
				opts := []errgroup.Option{errgroup.On(p)}
				if c.limit > 0 {
					opts = append(opts, errgroup.Limit(c.limit))
				}
				var gauge testkit.Gauge
				s := errgroup.Collect[int](t.Context(), opts...)
				work := func() {
					gauge.Enter()
					defer gauge.Leave()
					time.Sleep(time.Millisecond)
				}
				var tree func(depth int) func(ctx context.Context) (int, error)
				tree = func(depth int) func(ctx context.Context) (int, error) {
					return func(ctx context.Context) (int, error) {
						work()
						if depth == 0 {
							return 1, nil
						}
						for range 2 {
							if err := s.Go(ctx, tree(depth-1)); err != nil {
								return 0, err
							}
						}
						f := future.GoOn(ctx, p, func(context.Context) (int, error) { return 1, nil })
						if _, err := f.Await(ctx); err != nil {
							return 0, err
						}
						in := errgroup.Collect[int](ctx, opts...)
						for range 3 {
							if err := in.Go(ctx, func(context.Context) (int, error) { return 1, nil }); err != nil {
								return 0, err
							}
						}
						_, err := in.Wait()
						work()
						return 1, err
					}
				}
				for range 4 {
					require.NoError(t, s.Go(t.Context(), tree(3)))
				}
				values, err := s.Wait()
				require.NoError(t, err)
				require.Len(t, values, 4*15)
				most := c.workers
				if c.limit > 0 {
					most = min(most, c.limit)
				}
				require.LessOrEqual(t, gauge.Peak(), most)
			})
		})
	}
}

// The whole of it inside a task of the same pool, with one worker.
func TestLaw9_WaitInsideATaskOfTheSamePool(t *testing.T) {
	testkit.Ends(t, func(t *testing.T) {
		p := pool.New(1)
		defer p.Close()
		f := pool.Submit(t.Context(), p, func(ctx context.Context) ([]int, error) {
			s := errgroup.Collect[int](ctx, errgroup.On(p), errgroup.Limit(2))
			for i := range 5 {
				if err := s.Go(ctx, func(context.Context) (int, error) { return i, nil }); err != nil {
					return nil, err
				}
			}
			return s.Wait()
		})
		values, err := f.Await(t.Context())
		require.NoError(t, err)
		require.Equal(t, []int{0, 1, 2, 3, 4}, values)
	})
}

// A pool that goes away settles the calls that it had.
func TestOn_PoolCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(1)
		s := errgroup.Collect[int](t.Context(), errgroup.On(p))
		for range 3 {
			require.NoError(t, s.Go(t.Context(), untilCanceled))
		}
		synctest.Wait()
		_ = p.Close()
		_, err := s.Wait()
		require.Error(t, err)
		require.Error(t, s.Go(t.Context(), value(1)))
	})
}
