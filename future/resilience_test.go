package future_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pool"
)

var (
	exactRetry = future.RetryPolicy{Attempts: 3, Base: 10 * ms, Jitter: ceiling}
	hedge40    = future.HedgePolicy{Delay: 40 * ms}
)

// A retry for each attempt, and an attempt beside it when all that takes too
// long.
func TestRetryInsideHedge(t *testing.T) {
	onPool(t, func(t *testing.T, submit runner) {
		s := casting( // when each starts, and in which attempt of the hedge
			run{takes: 10 * ms, err: errDisk}, // 0, first
			run{takes: 10 * ms, err: errDisk}, // 20, first
			run{takes: 4 * ms, err: errDisk},  // 40, second
			run{takes: sec},                   // 50, first
			run{takes: 6 * ms},                // 54, second
		)
		v, err := submit(future.Hedge(hedge40, future.Retry(exactRetry, s.call)))
		require.NoError(t, err)
		require.Equal(t, 4, v)
		require.Equal(t, 60*ms, time.Since(s.start))
		synctest.Wait()
		require.Equal(t, at(0, 20, 40, 50, 54), s.at)
		require.Equal(t, map[int]error{3: future.ErrNotNeeded}, s.causes)
	})
}

// A loser that waits between two tries ends with its wait: it does not try on.
func TestLaw11_TheWinnerOfAHedgeEndsTheRetriesOfTheLosers(t *testing.T) {
	onPool(t, func(t *testing.T, submit runner) {
		s := casting(run{takes: 39 * ms, err: errDisk}, run{takes: 5 * ms}, run{})
		v, err := submit(future.Hedge(hedge40, future.Retry(future.RetryPolicy{Base: sec, Jitter: ceiling}, s.call)))
		require.NoError(t, err)
		require.Equal(t, 1, v)
		require.Equal(t, 45*ms, time.Since(s.start))
		time.Sleep(2 * sec)
		synctest.Wait()
		require.Len(t, s.at, 2)
	})
}

func TestHedgeInsideRetry(t *testing.T) {
	onPool(t, func(t *testing.T, submit runner) {
		s := casting(
			run{takes: 50 * ms, err: errDisk}, run{takes: 20 * ms, err: errDisk}, // 0 and 40, both over at 60
			run{takes: sec}, run{takes: 5 * ms}, // 70 and 110
		)
		v, err := submit(future.Retry(exactRetry, future.Hedge(hedge40, s.call)))
		require.NoError(t, err)
		require.Equal(t, 3, v)
		require.Equal(t, 115*ms, time.Since(s.start))
		synctest.Wait()
		require.Equal(t, at(0, 40, 70, 110), s.at)
	})
}

func TestPermanentEndsAllThatIsNested(t *testing.T) {
	onPool(t, func(t *testing.T, submit runner) {
		s := casting(run{takes: 50 * ms, err: errDisk}, run{takes: ms, err: future.Permanent(errCause)})
		_, err := submit(future.Retry(exactRetry, future.Hedge(hedge40, future.Retry(exactRetry, s.call))))
		require.ErrorIs(t, err, errCause)
		require.Equal(t, 41*ms, time.Since(s.start))
		var failed *future.RetryError
		require.ErrorAs(t, err, &failed)
		require.Equal(t, 1, failed.Attempts)
	})
}

func TestLaw3_NestedCallsAreCanceledWithTheCause(t *testing.T) {
	for name, wrap := range map[string]func(func(context.Context) (int, error)) func(context.Context) (int, error){
		"retry in hedge": func(fn func(context.Context) (int, error)) func(context.Context) (int, error) {
			return future.Hedge(hedge40, future.Retry(exactRetry, fn))
		},
		"hedge in retry": func(fn func(context.Context) (int, error)) func(context.Context) (int, error) {
			return future.Retry(exactRetry, future.Hedge(hedge40, fn))
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := pool.New(2)
				defer p.Close()
				start := time.Now()
				f := pool.Submit(context.Background(), p, wrap(untilDone))
				time.Sleep(50 * ms)
				f.Cancel(errCause)
				_, err := f.Await(context.Background())
				require.Equal(t, &future.CanceledError{Cause: errCause}, err)
				require.Equal(t, 50*ms, time.Since(start))
			})
		})
	}
}

// One worker is enough for hedges in hedges that map over the pool of their own.
func TestLaw9_AHedgeGivesItsSlotBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(1)
		defer p.Close()
		leaf := future.Hedge(hedge40, func(ctx context.Context) (int, error) {
			return pool.Submit(ctx, p, func(context.Context) (int, error) { return 1, nil }).Await(ctx)
		})
		f := pool.Submit(ctx, p, future.Hedge(hedge40, func(ctx context.Context) (int, error) {
			return pool.Submit(ctx, p, leaf).Await(ctx)
		}))
		v, err := f.Await(ctx)
		require.NoError(t, err)
		require.Equal(t, 1, v)

		var seen pool.Stats
		g := pool.Submit(ctx, p, future.Hedge(hedge40, func(context.Context) (int, error) {
			time.Sleep(ms)
			seen = p.Stats()
			return 2, nil
		}))
		v, err = g.Await(ctx)
		require.NoError(t, err)
		require.Equal(t, 2, v)
		require.Equal(t, 0, seen.Running)
		require.Equal(t, 1, seen.Parked)
		synctest.Wait()
		require.Equal(t, 0, p.Stats().Parked)
	})
}

// A retry that waits keeps its slot: else retries would not slow down what
// feeds the pool.
func TestARetryKeepsItsSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(1)
		defer p.Close()
		s := fails(errDisk)
		f := pool.Submit(ctx, p, future.Retry(exactRetry, s.call))
		g := pool.Submit(ctx, p, func(context.Context) (time.Duration, error) { return time.Since(s.start), nil })
		_, err := f.Await(ctx)
		require.NoError(t, err)
		ran, err := g.Await(ctx)
		require.NoError(t, err)
		require.Equal(t, 10*ms, ran)
	})
}

// Functions that end in every way, with a ctx that ends at every time, in every
// nesting: nothing hangs, nothing leaks, nothing succeeds that has not.
func TestTorture(t *testing.T) {
	quiet(t)
	type fn = func(context.Context) (int, error)
	ends := map[string]fn{
		"value":  func(context.Context) (int, error) { time.Sleep(7 * ms); return 1, nil },
		"error":  func(context.Context) (int, error) { time.Sleep(7 * ms); return 0, errDisk },
		"panic":  func(context.Context) (int, error) { time.Sleep(7 * ms); panic("boom") },
		"Goexit": func(context.Context) (int, error) { time.Sleep(7 * ms); runtime.Goexit(); return 1, nil },
		"exit and panic": func(context.Context) (int, error) {
			defer func() { panic("boom") }()
			runtime.Goexit()
			return 1, nil
		},
		"listens": untilDone,
		"deaf":    func(context.Context) (int, error) { time.Sleep(sec); return 1, nil },
	}
	retry := future.RetryPolicy{Attempts: 3, Base: ms, Jitter: ceiling}
	hedge := future.HedgePolicy{Delay: 5 * ms, Max: 3}
	nestings := map[string]func(fn) fn{
		"retry":          func(f fn) fn { return future.Retry(retry, f) },
		"hedge":          func(f fn) fn { return future.Hedge(hedge, f) },
		"retry in hedge": func(f fn) fn { return future.Hedge(hedge, future.Retry(retry, f)) },
		"hedge in retry": func(f fn) fn { return future.Retry(retry, future.Hedge(hedge, f)) },
	}
	for end, fn := range ends {
		for nesting, wrap := range nestings {
			for _, over := range []time.Duration{-1, 0, 6 * ms, 7 * ms, 8 * ms, 5 * sec} {
				t.Run(fmt.Sprint(end, "/", nesting, "/", over), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						ctx, cancel := context.WithCancelCause(context.Background())
						defer cancel(nil)
						if over < 0 {
							cancel(errCause)
						}
						time.AfterFunc(over, func() { cancel(errCause) })
						p := pool.New(1)
						defer p.Close()
						var wg sync.WaitGroup
						for range 3 {
							wg.Go(func() {
								v, err := pool.Submit(ctx, p, wrap(fn)).Await(context.Background())
								require.Equal(t, err == nil, v == 1, "%v", err)
								require.True(t, err == nil || errors.Is(err, future.ErrCanceled) || end != "listens", "%v", err)
								require.False(t, errors.Is(err, future.ErrCanceled) && !errors.Is(err, errCause), "%v", err)
							})
						}
						wg.Wait()
						time.Sleep(2 * sec) // the deaf ones
						synctest.Wait()
						s := p.Stats()
						require.Zero(t, s.Running+s.Parked+s.Queued+s.Waiting)
						require.Equal(t, s.Submitted, s.Completed+s.Failed+s.Canceled+s.Rejected)
					})
				})
			}
		}
	}
}

type runner func(func(context.Context) (int, error)) (int, error)

// onPool runs a case in virtual time, called as it is and as a task of a pool
// of one worker.
func onPool(t *testing.T, run func(t *testing.T, submit runner)) {
	t.Run("called", func(t *testing.T) {
		testkit.Ends(t, func(t *testing.T) {
			run(t, func(fn func(context.Context) (int, error)) (int, error) { return fn(context.Background()) })
		})
	})
	t.Run("on a pool", func(t *testing.T) {
		testkit.Ends(t, func(t *testing.T) {
			p := pool.New(1)
			defer p.Close()
			run(t, func(fn func(context.Context) (int, error)) (int, error) {
				return pool.Submit(context.Background(), p, fn).Await(context.Background())
			})
		})
	})
}
