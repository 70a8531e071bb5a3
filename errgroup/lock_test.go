package errgroup_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/errgroup"
	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/testkit"
)

// Whatever of the user's code a scope calls may use the scope: none of it runs
// under its lock.
func TestLaw7_NothingRunsUnderTheLock(t *testing.T) {
	quiet(t)
	for _, joined := range []bool{false, true} {
		testkit.Ends(t, func(t *testing.T) {
			var s *errgroup.Scope[int]
			var uses [7]atomic.Int64
			use := func(by int) {
				if uses[by].Add(1) > 5 {
					return
				}
				_ = s.Stats()
				_ = s.Context().Err()
				_ = s.TryGo(t.Context(), func(ctx context.Context) (int, error) { return untilCanceled(ctx) })
				_ = s.Do(t.Context(), func(context.Context) error { return nil })
				_ = s.Start(t.Context(), func(_ context.Context, ready func()) (int, error) { ready(); return 1, errNet })
			}
			opts := []errgroup.Option{
				errgroup.Supervise(func(int, error) { use(0) }),
				errgroup.Throttle(limiter(func(context.Context) error { use(1); return nil })),
				errgroup.WithHooks(errgroup.Hooks{
					Start:  func(errgroup.CallInfo) { use(2) },
					Done:   func(errgroup.CallInfo, error) { use(3) },
					Panic:  func(errgroup.CallInfo, *future.PanicError) { use(4) },
					Reject: func(errgroup.CallInfo, error) { use(5) },
				}),
			}
			if joined {
				opts = append(opts, errgroup.Until(func(int, future.Result[int]) bool {
					_ = s.Stats()
					_ = s.TryGo(t.Context(), untilCanceled)
					return false
				}))
			}
			s = errgroup.Collect[int](t.Context(), opts...)
			s.Cleanup(time.Minute, func(context.Context) error {
				s.Cleanup(time.Minute, func(context.Context) error { s.Close(); s.Cancel(errNet); return nil })
				use(6)
				return nil
			})
			_ = s.Go(t.Context(), func(context.Context) (int, error) { panic("x") })
			time.Sleep(time.Second)
			s.Cancel(errDisk)
			_, err := s.Wait()
			require.Error(t, err)
			require.False(t, errors.Is(err, errgroup.ErrOver), err)
			for by := range uses {
				require.NotZero(t, uses[by].Load(), by)
			}
		})
	}
}
