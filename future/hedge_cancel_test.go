package future_test

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
)

func TestLaw3_HedgeEndsWithItsContext(t *testing.T) {
	for name, c := range map[string]struct {
		runs     []run
		end      time.Duration
		took     time.Duration
		attempts int
		canceled bool
		is       error
	}{
		"before":                {canceled: true},
		"one attempt":           {[]run{{takes: sec}}, 5 * ms, 5 * ms, 1, true, nil},
		"two attempts":          {[]run{{takes: sec}, {takes: sec}}, 15 * ms, 15 * ms, 2, true, nil},
		"deaf attempts":         {[]run{{takes: sec, deaf: true}, {takes: sec, deaf: true}}, 15 * ms, 15 * ms, 2, true, nil},
		"one has failed before": {[]run{{takes: ms, err: errDisk}, {takes: sec}}, 15 * ms, 15 * ms, 2, true, nil},
		"after":                 {[]run{{takes: ms, err: errDisk}, {takes: ms, err: errDisk}}, 15 * ms, 2 * ms, 2, false, errDisk},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for _, how := range []string{"called", "under Go"} {
					s := casting(c.runs...)
					call := future.Hedge(future.HedgePolicy{Delay: 10 * ms}, s.call)
					if how == "under Go" {
						inner := call
						call = func(ctx context.Context) (int, error) {
							return future.Go(ctx, inner).Await(context.Background())
						}
					}
					ctx, cancel := context.WithCancelCause(context.Background())
					if c.end == 0 {
						cancel(errCause)
					}
					time.AfterFunc(c.end, func() { cancel(errCause) })
					_, err := call(ctx)
					require.Equal(t, c.took, time.Since(s.start), how)
					require.Equal(t, c.canceled, errors.Is(err, future.ErrCanceled), "%s: %v", how, err)
					require.Equal(t, c.canceled, errors.Is(err, errCause), "%s: %v", how, err)
					if c.is != nil {
						require.ErrorIs(t, err, c.is)
					}
					time.Sleep(2 * sec)
					synctest.Wait()
					require.Len(t, s.at, c.attempts)
					for i, cause := range s.causes {
						require.Equal(t, errCause, cause, "%s: attempt %d", how, i)
					}
				}
			})
		})
	}
}

// A value or a failure that comes as ctx ends is returned, or the call is
// canceled; no other attempt starts. What is there when the caller wakes is
// returned: on one processor the attempt is mostly through by then.
func TestLaw3_HedgeAtTheEnd(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	values, failures := 0, 0
	for range stress(500) {
		for _, fails := range []error{nil, errDisk} {
			ctx, cancel := context.WithCancelCause(context.Background())
			var calls atomic.Int32
			v, err := future.Hedge(future.HedgePolicy{Max: 3}, func(context.Context) (int, error) {
				calls.Add(1)
				cancel(errCause)
				return 1, fails
			})(ctx)
			if errors.Is(err, future.ErrCanceled) {
				require.ErrorIs(t, err, errCause)
			} else {
				require.ErrorIs(t, err, fails)
				require.Equal(t, err == nil, v == 1)
				values += v
				failures += 1 - v
			}
			require.LessOrEqual(t, calls.Load(), int32(1))
		}
	}
	require.Positive(t, values)
	require.Positive(t, failures)
}

// loan is a context that belongs to a task only until the task returns.
type loan struct{ context.Context }

func (l loan) Owned() context.Context { return l.Context }

func (l loan) Value(key any) any {
	if key == (loan{}) {
		return "on loan"
	}
	return l.Context.Value(key)
}

// A loser may outlive the task that its call ran in, so it must not live on a
// loan.
func TestLaw1_HedgeAttemptsDoNotLiveOnALoan(t *testing.T) {
	got, err := future.Hedge(future.HedgePolicy{}, func(ctx context.Context) (any, error) {
		return ctx.Value(loan{}), nil
	})(loan{context.Background()})
	require.NoError(t, err)
	require.Nil(t, got)
}
