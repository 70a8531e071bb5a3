package future_test

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pool"
)

type pair struct {
	i int
	r future.Result[int]
}

// after settles with n in so many seconds, or when its ctx ends.
func after(n int) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		select {
		case <-time.After(time.Duration(n) * time.Second):
			return n, nil
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}
}

func TestAsCompleted_Order(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		same := future.Go(ctx, after(2))
		fs := []*future.Future[int]{
			future.Go(ctx, after(3)), same, future.Failed[int](errDisk), future.Go(ctx, after(1)), same, future.Resolved(0),
		}
		var got []pair
		for i, r := range future.AsCompleted(ctx, fs...) {
			got = append(got, pair{i, r})
		}
		require.Equal(t, []pair{
			{2, future.Result[int]{Err: errDisk}}, {5, future.Result[int]{Value: 0}}, // as they were given
			{3, future.Result[int]{Value: 1}},
			{1, future.Result[int]{Value: 2}}, {4, future.Result[int]{Value: 2}},
			{0, future.Result[int]{Value: 3}},
		}, got)
		for range future.AsCompleted[int](ctx) {
			t.Error("there is none")
		}
		n := 0
		for range future.AsCompleted(ctx, fs...) { // again: all have settled
			n++
		}
		require.Equal(t, len(fs), n)
	})
}

func TestLaw11_AsCompletedGivesUpWhatIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		slow, shared := future.Go(ctx, after(10)), future.Go(ctx, after(10))
		keeps := future.Then(shared, identity)
		for range future.AsCompleted(ctx, slow, shared, future.Resolved(1)) {
			break
		}
		_, err := slow.Await(ctx)
		require.ErrorIs(t, err, future.ErrCanceled)
		require.ErrorIs(t, err, future.ErrNotNeeded)
		v, err := keeps.Await(ctx)
		require.NoError(t, err, "somebody else depends on it")
		require.Equal(t, 10, v)
		require.Zero(t, slow.Followers())

		func() {
			defer func() { require.Equal(t, "body", recover()) }()
			slow = future.Go(ctx, after(10))
			for range future.AsCompleted(ctx, slow, future.Resolved(1)) {
				panic("body")
			}
		}()
		_, err = slow.Await(ctx)
		require.ErrorIs(t, err, future.ErrNotNeeded)
	})
}

func TestLaw3_AsCompletedStopsWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		brief, cancel := context.WithTimeoutCause(t.Context(), 2500*time.Millisecond, errCause)
		defer cancel()
		fs := []*future.Future[int]{future.Go(t.Context(), after(9)), future.Go(t.Context(), after(1)), future.Go(t.Context(), after(8))}
		seen := map[int]error{}
		begin := time.Now()
		for i, r := range future.AsCompleted(brief, fs...) {
			require.NotContains(t, seen, i)
			seen[i] = r.Err
		}
		require.Equal(t, 2500*time.Millisecond, time.Since(begin))
		require.Len(t, seen, 3)
		require.NoError(t, seen[1])
		for _, i := range []int{0, 2} {
			require.ErrorIs(t, seen[i], future.ErrStoppedWaiting)
			require.ErrorIs(t, seen[i], errCause)
			_, err := fs[i].Await(t.Context())
			require.ErrorIs(t, err, future.ErrCanceled)
			require.ErrorIs(t, err, errCause)
		}
	})
}

func TestLaw9_AsCompletedGivesTheSlotBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(1)
		defer p.Close()
		sum, err := pool.Submit(t.Context(), p, func(ctx context.Context) (sum int, err error) {
			a, b := pool.Submit(ctx, p, after(1)), pool.Submit(ctx, p, after(2))
			for _, r := range future.AsCompleted(ctx, a, b) {
				sum += r.Value
			}
			return sum, nil
		}).Await(t.Context())
		require.NoError(t, err)
		require.Equal(t, 3, sum)
	})
}

// A loop in a loop, over the same futures, and a body that exits.
func TestAsCompleted_NestedAndLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		fs := []*future.Future[int]{future.Go(ctx, after(2)), future.Go(ctx, after(1))}
		var got [][2]int
		all := future.AsCompleted(ctx, fs...)
		for i := range all {
			for j := range all {
				got = append(got, [2]int{i, j})
			}
		}
		// The inner loop sees both as they come, and then as they were given.
		require.Equal(t, [][2]int{{1, 1}, {1, 0}, {0, 0}, {0, 1}}, got)

		slow := future.Go(ctx, after(10))
		left := make(chan struct{})
		go func() {
			defer close(left)
			for range future.AsCompleted(ctx, slow, future.Resolved(1)) {
				runtime.Goexit()
			}
		}()
		<-left
		_, err := slow.Await(ctx)
		require.ErrorIs(t, err, future.ErrNotNeeded, "nobody waits for it any more")
		require.Zero(t, slow.Followers())
	})
}
