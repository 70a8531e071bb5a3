package errgroup_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/errgroup"
	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/testkit"
)

func TestLaw12_WholeSurfaceInTwoBubbles(t *testing.T) {
	quiet(t)
	testkit.TwoBubbles(t, func(t *testing.T) {
		g, ctx := errgroup.WithContext(t.Context())
		g.SetLimit(2)
		for range 10 {
			g.Go(func() error { time.Sleep(time.Second); return nil })
		}
		require.False(t, g.TryGo(func() error { return nil }))
		require.NoError(t, g.Wait())
		require.ErrorIs(t, context.Cause(ctx), context.Canceled)

		ctx = t.Context()
		sleep := func(ctx context.Context) (int, error) {
			select {
			case <-time.After(time.Second):
			case <-ctx.Done(): // a bubble's clock stops with its test: none may sleep on
			}
			return 1, ctx.Err()
		}
		for _, opts := range [][]errgroup.Option{
			nil,
			{errgroup.Limit(2)},
			{errgroup.Limit(2), errgroup.On(onGoroutine)},
			{errgroup.AllErrors()},
			{errgroup.Supervise(func(int, error) {})},
			{errgroup.First()},
			{errgroup.Quorum(3)},
			{errgroup.Until(func(call int, r future.Result[int]) bool { return call == 2 })},
			{errgroup.Throttle(limiter(func(ctx context.Context) error { time.Sleep(time.Millisecond); return ctx.Err() }))},
			{errgroup.WithHooks(errgroup.Hooks{Start: func(errgroup.CallInfo) {}})},
		} {
			s := errgroup.Collect[int](ctx, opts...)
			require.NoError(t, s.Context().Err())
			for range 4 {
				require.NoError(t, s.Go(ctx, sleep))
			}
			_ = s.TryGo(ctx, sleep)
			s.Cleanup(time.Minute, func(ctx context.Context) error { time.Sleep(time.Second); return ctx.Err() })
			_ = s.Start(ctx, func(ctx context.Context, ready func()) (int, error) { ready(); return sleep(ctx) })
			_ = s.Do(ctx, func(context.Context) error { panic("x") })
			_, _ = s.Wait()
			require.Error(t, s.Context().Err())
			require.Zero(t, s.Stats().Running)

			s = errgroup.Collect[int](ctx, opts...)
			_ = s.Go(ctx, func(ctx context.Context) (int, error) {
				f := future.Go(ctx, sleep)
				_ = s.Go(ctx, sleep)
				return f.Await(ctx)
			})
			s.Close()
			for range s.Results() {
			}
			s.Cancel(nil)
			_, _ = s.Wait()
		}
	})
}
