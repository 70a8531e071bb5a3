package pipeline_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pipeline"
	"github.com/thence-go/thence/ratelimit"
)

func ExampleFlow_Throttle() {
	limit := ratelimit.NewLimiter(1000, 1) // a second
	calls := pipeline.FromSlice([]string{"a", "b", "c"}).Throttle(limit)
	fmt.Println(calls.Collect(context.Background()))
	// Output: [a b c] <nil>
}

type waiter func(ctx context.Context) error

func (w waiter) Wait(ctx context.Context) error { return w(ctx) }

func TestThrottle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const s = time.Second
		f := pipeline.FromSlice(upTo(6)).Throttle(ratelimit.NewLimiter(1, 2))
		want := []timed{{0, 0}, {1, 0}, {2, s}, {3, 2 * s}, {4, 3 * s}, {5, 4 * s}}
		require.Equal(t, want, arrivals(t, f, 0))
	})
}

// Whoever shares a limiter shares its rate, each run of a flow too.
func TestThrottleOfTwoRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		f := pipeline.FromSlice(upTo(5)).Throttle(ratelimit.NewLimiter(1, 1))
		done := make(chan error, 2)
		for range 2 {
			go func() { done <- f.Drain(t.Context()) }()
		}
		require.NoError(t, <-done)
		require.NoError(t, <-done)
		require.Equal(t, 9*time.Second, time.Since(begun))
	})
}

// Wait has the flow's context, and an error of it is one of the flow.
func TestThrottleEnds(t *testing.T) {
	hanging := waiter(func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errBoom)
		defer cancel()
		err := endless().Throttle(hanging).Drain(ctx)
		require.ErrorIs(t, err, future.ErrCanceled)
		require.ErrorIs(t, err, errBoom)
		require.Equal(t, time.Second, time.Since(begun))
	})
	for _, n := range []int{1, 50, 3000} {
		synctest.Test(t, func(t *testing.T) {
			hit := after(n, func() error { return errBoom })
			err := endless().Throttle(waiter(func(context.Context) error { return hit() })).Drain(t.Context())
			require.Equal(t, &pipeline.Error{Stage: "throttle#1", Item: int64(n - 1), Err: errBoom}, err)

			hit = after(n, func() error { panic("oops") })
			err = endless().Throttle(waiter(func(context.Context) error { return hit() })).Drain(t.Context())
			var p *future.PanicError
			require.ErrorAs(t, err, &p)

			hit = after(n, func() error { runtime.Goexit(); return nil })
			err = endless().Throttle(waiter(func(context.Context) error { return hit() })).Drain(t.Context())
			require.ErrorIs(t, err, future.ErrGoexit)
		})
	}
}
