package pipeline_test

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pipeline"
)

// All that was yielded goes through, also what a fused step holds back.
func TestStopDrains(t *testing.T) {
	eachWay(t, func(t *testing.T, opts []pipeline.Option) {
		for name, wait := range map[string]time.Duration{"fused": 0, "timed": time.Hour} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					taken, got := 0, 0
					f := pipeline.Then(ticking(time.Millisecond, &taken), sleeper(jitter(1, 20*time.Millisecond)), opts...)
					r := pipeline.Batch(f, 7, wait).Start(t.Context(), func(ctx context.Context, b []int) error {
						got += len(b)
						return ctx.Err()
					})
					time.Sleep(time.Second + time.Microsecond)
					require.NoError(t, r.Stop(t.Context()))
					require.Positive(t, taken)
					require.Equal(t, taken, got)
				})
			})
		}
	})
}

func TestStopTellsTheSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var yields []bool
		var cause error
		f := pipeline.Generate(func(ctx context.Context, yield func(int) bool) error {
			yields = append(yields, yield(1))
			<-ctx.Done()
			cause = context.Cause(ctx)
			yields = append(yields, yield(2))
			return nil
		})
		var got []int
		r := f.Start(t.Context(), func(_ context.Context, i int) error { got = append(got, i); return nil })
		synctest.Wait()
		require.NoError(t, r.Stop(t.Context()))
		require.Equal(t, []bool{true, false}, yields)
		require.Equal(t, []int{1}, got)
		require.ErrorContains(t, cause, "told to stop")
	})
}

// A failure of the source while it stops is one.
func TestASourceFailsWhileItStops(t *testing.T) {
	for name, hit := range map[string]func() error{
		"error":  func() error { return errBoom },
		"panic":  func() error { panic(errBoom) },
		"goexit": func() error { runtime.Goexit(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := pipeline.Generate(func(ctx context.Context, _ func(int) bool) error {
					<-ctx.Done()
					return hit()
				}).Start(t.Context(), ignore[int])
				synctest.Wait()
				var e *pipeline.Error
				require.ErrorAs(t, r.Stop(t.Context()), &e)
			})
		})
	}
}

func TestStopCancelsWhenItsContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		taken := 0
		r := ticking(time.Millisecond, &taken).Start(t.Context(), func(ctx context.Context, _ int) error {
			<-ctx.Done()
			return context.Cause(ctx)
		})
		time.Sleep(time.Second)
		begun := time.Now()
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errBoom)
		defer cancel()
		err := r.Stop(ctx)
		require.Equal(t, time.Minute, time.Since(begun))
		require.ErrorIs(t, err, future.ErrCanceled)
		require.ErrorIs(t, err, errBoom)
	})
}

func TestAFunctionOfTheRunStopsIt(t *testing.T) {
	eachWay(t, func(t *testing.T, opts []pipeline.Option) {
		synctest.Test(t, func(t *testing.T) {
			taken, got := 0, 0
			runs := make(chan *pipeline.Run, 1)
			var r *pipeline.Run
			step := func(ctx context.Context, i int) (int, error) {
				if i == 10 {
					inner, cancel := context.WithCancel(ctx)
					defer cancel()
					r := <-runs
					runs <- r
					return i, r.Stop(inner)
				}
				return i, nil
			}
			r = pipeline.Then(ticking(time.Millisecond, &taken), step, opts...).Start(t.Context(), func(context.Context, int) error {
				got++
				return nil
			})
			runs <- r
			require.NoError(t, r.Wait())
			require.GreaterOrEqual(t, taken, 11)
			require.Equal(t, taken, got)
		})
	})
}

func TestStopOfARunThatTakeHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		taken, got := 0, 0
		slow := func(context.Context, int) error { time.Sleep(time.Second); got++; return nil }
		r := ticking(time.Millisecond, &taken).Take(5).Start(t.Context(), slow)
		time.Sleep(time.Second)
		require.NoError(t, r.Stop(t.Context()))
		require.Equal(t, 5, got)
	})
}

func TestStopAtOnce(t *testing.T) {
	for range 100 {
		r := pipeline.Then(endless(), double, pipeline.Workers(3)).Start(t.Context(), ignore[int])
		require.NoError(t, r.Stop(t.Context()))
		s := r.Stats()
		require.Equal(t, s[0].Out, s[2].In)
	}
}

// What is held back in the source's own goroutine goes on too, though the
// source returns the cause of its context.
func TestStopDrainsWhatIsFusedWithTheSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		taken, got := 0, 0
		r := pipeline.Batch(ticking(time.Millisecond, &taken), 7, 0).Start(t.Context(), func(_ context.Context, b []int) error {
			got += len(b)
			return nil
		})
		time.Sleep(10*time.Millisecond + time.Microsecond)
		require.NoError(t, r.Stop(t.Context()))
		require.Equal(t, 10, taken)
		require.Equal(t, taken, got)
	})
}
