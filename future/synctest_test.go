package future_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/testkit"
)

// The whole API in virtual time, twice in one process.
func TestLaw12_TwoBubbles(t *testing.T) {
	quiet(t)
	testkit.TwoBubbles(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		start := time.Now()
		slow := func(ctx context.Context) (int, error) { time.Sleep(time.Minute); return 1, nil }

		fs := []*future.Future[int]{future.Go(ctx, slow), future.GoOn(ctx, spawn{}, slow)}
		sum := future.Map(future.All(fs...), func(vs []int) int { return vs[0] + vs[1] })
		late := future.Then(sum, func(_ context.Context, n int) (int, error) { time.Sleep(time.Minute); return n, nil }).
			Catch(func(_ context.Context, err error) (int, error) { return 0, err }).
			Finally(func() {})
		v, err := late.Await(context.Background())
		require.NoError(t, err)
		require.Equal(t, 2, v)
		require.Equal(t, 2*time.Minute, time.Since(start))

		p := future.NewPromise[int]()
		time.AfterFunc(time.Minute, func() { p.Resolve(3) })
		select {
		case <-p.Future().Done():
		case <-ctx.Done():
			t.Error("too late")
		}
		require.Equal(t, 3*time.Minute, time.Since(start))

		never := future.Go(ctx, untilDone)
		_, err = never.Await(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Hour, time.Since(start))
		<-never.Done()
		_, err = future.Go(ctx, slow).Await(context.Background())
		require.ErrorIs(t, err, future.ErrCanceled)
		bad := future.Go(context.Background(), func(context.Context) (int, error) { panic("boom") })
		<-bad.Done()
		bad.Cancel(nil)
	})
}

func TestLaw12_ResilienceInTwoBubbles(t *testing.T) {
	quiet(t)
	shared := future.NewBudget(1, 10) // made outside of both
	testkit.TwoBubbles(t, func(t *testing.T) {
		ctx, start := context.Background(), time.Now()
		var calls atomic.Int32
		retry := future.RetryPolicy{Elapsed: time.Hour, Base: time.Minute, Budget: shared, Jitter: ceiling}
		hedge := future.HedgePolicy{Delay: time.Hour, Percentile: 0.5, Max: 3, Budget: shared}
		call := future.Hedge(hedge, future.Retry(retry, func(ctx context.Context) (int, error) {
			n := calls.Add(1)
			switch n {
			case 1:
				return 0, future.RetryAfter(time.Second, errDisk)
			case 2:
				return untilDone(ctx)
			case 3:
				return 0, future.Permanent(errDisk)
			}
			return int(n), nil
		}))
		_, err := future.Go(ctx, call).Await(ctx)
		require.ErrorIs(t, err, errDisk)
		require.Equal(t, time.Hour, time.Since(start))
		for range 200 { // until the percentile is live
			_, err = call(ctx)
			require.NoError(t, err)
		}
	})
}

func TestLaw12_MemoAndLoaderInTwoBubbles(t *testing.T) {
	load := func(ctx context.Context, ks []int) (map[int]int, error) {
		select {
		case <-time.After(time.Minute):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		return map[int]int{1: 10, 2: 20}, future.KeyErrors[int]{3: errDisk}
	}
	rows := future.NewLoader(load, future.BatchWindow(time.Second), future.MaxBatch(3)) // made outside of both
	kept := future.NewMemo(rows.Get, future.TTL(time.Hour), future.RefreshAhead(time.Minute),
		future.NegativeTTL(time.Minute), future.MaxEntries(100))
	testkit.TwoBubbles(t, func(t *testing.T) {
		ctx, start := context.Background(), time.Now()
		kept.Forget(1) // its time is the other bubble's
		kept.Forget(3)
		v, err := kept.Get(ctx, 1)
		require.NoError(t, err)
		require.Equal(t, 10, v)
		require.Equal(t, time.Minute+time.Second, time.Since(start))
		_, err = kept.Go(ctx, 3).Await(ctx)
		require.Equal(t, errDisk, err)
		time.Sleep(time.Hour - 2*time.Minute)
		v, err = kept.Get(ctx, 1) // refreshes
		require.NoError(t, err)
		require.Equal(t, 10, v)
		require.Equal(t, 2, kept.Len())

		brief, cancel := context.WithTimeout(ctx, 30*time.Second)
		defer cancel()
		_, err = rows.Get(brief, 2)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		values, err := rows.GetAll(ctx, 1, 2, 3)
		require.Equal(t, map[int]int{1: 10, 2: 20}, values)
		require.Equal(t, future.KeyErrors[int]{3: errDisk}, err)
		r, err := rows.Go(ctx, 4).Await(ctx)
		require.ErrorIs(t, err, future.ErrMissingKey)
		require.Zero(t, r)
	})
}

// What derives and combines, with its clocks, in two bubbles.
func TestLaw12_EveryOperationInTwoBubbles(t *testing.T) {
	quiet(t)
	testkit.TwoBubbles(t, func(t *testing.T) {
		ctx, start := t.Context(), time.Now()
		lazy := future.Lazy(ctx, func(ctx context.Context) (int, error) { return after(60)(ctx) })
		wait := future.FlatMap(future.After(ctx, time.Minute), func(time.Time) ints { return lazy })
		both := future.Handle(wait, func(_ context.Context, r future.Result[int]) (int, error) { return r.Get() })
		side := both.On(spawn{}).Shield().Timeout(time.Hour).WithFallback(1)
		sum := func(_ context.Context, a, b, c, d, e int) (int, error) { return a + b + c + d + e, nil }
		five := future.Join5(side, both, wait, future.Any(both, future.Go(ctx, untilDone)), future.Race(both, both), sum)
		v, err := five.Await(ctx)
		require.NoError(t, err)
		require.Equal(t, 300, v)
		require.Equal(t, 2*time.Minute, time.Since(start))
		require.NoError(t, five.Err())

		rs, err := future.Quorum(1, future.Go(ctx, untilDone), future.Go(ctx, after(60))).Await(ctx)
		require.NoError(t, err)
		require.Equal(t, 60, rs[1].Value)
		_, err = future.AllSettled(future.Go(ctx, after(60)), future.Failed[int](errDisk)).Await(ctx)
		require.NoError(t, err)
		for range future.AsCompleted(ctx, future.Go(ctx, after(60)), future.Go(ctx, untilDone)) {
			break
		}
		_, err = future.Go(ctx, untilDone).Timeout(time.Minute).Await(ctx)
		require.ErrorIs(t, err, future.ErrTimeout)
		require.Equal(t, 6*time.Minute, time.Since(start))
	})
}
