package pipeline_test

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
	"github.com/thence-go/thence/internal/race"
	"github.com/thence-go/thence/pipeline"
)

func ignore[T any](context.Context, T) error { return nil }

// many is fewer where each item that waits costs ten times as much.
func many() int {
	if race.Enabled {
		return 10_000
	}
	return 100_000
}

// ticking yields 0, 1, 2, ... every d until it is stopped, and tells how many
// its yield has taken.
func ticking(d time.Duration, taken *int) pipeline.Flow[int] {
	return pipeline.Generate(func(ctx context.Context, yield func(int) bool) error {
		for {
			select {
			case <-time.After(d):
			case <-ctx.Done():
				return context.Cause(ctx)
			}
			if !yield(*taken) {
				return nil
			}
			*taken++
		}
	})
}

func TestStartRunsInTheBackground(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := pipeline.Then(pipeline.FromSlice(upTo(100)), sleeper(func(int) time.Duration { return time.Millisecond }), pipeline.Workers(10))
		begun := time.Now()
		var got []int
		r := slow.Start(t.Context(), func(_ context.Context, i int) error { got = append(got, i); return nil })
		require.Zero(t, time.Since(begun))
		select {
		case <-r.Done():
			t.Fatal("done at once")
		default:
		}
		var waiters sync.WaitGroup
		for range 5 {
			waiters.Go(func() {
				if err := r.Wait(); err != nil || time.Since(begun) != 10*time.Millisecond {
					t.Error(err, time.Since(begun))
				}
			})
		}
		waiters.Wait()
		<-r.Done()
		require.NoError(t, r.Wait())
		require.NoError(t, r.Stop(t.Context()))
		r.Cancel(errBoom)
		require.NoError(t, r.Wait())
		require.Equal(t, upTo(100), got)
	})
}

func TestStartOfManyItemsAndOfNone(t *testing.T) {
	for _, n := range []int{0, 1, many()} {
		eachWay(t, func(t *testing.T, opts []pipeline.Option) {
			f := pipeline.Then(pipeline.FromSlice(upTo(n)), double, opts...)
			var runs []*pipeline.Run
			var sums [2]int
			for i := range sums {
				runs = append(runs, f.Start(t.Context(), func(_ context.Context, v int) error { sums[i] += v; return nil }))
			}
			for i, r := range runs {
				require.NoError(t, r.Wait())
				require.Equal(t, n*(n-1), sums[i])
			}
		})
	}
}

func TestEveryEndingOfAFunctionGivenToStart(t *testing.T) {
	for name, hit := range map[string]func() error{
		"error":  func() error { return errBoom },
		"panic":  func() error { panic(errBoom) },
		"goexit": func() error { runtime.Goexit(); return nil },
	} {
		for _, n := range []int{1, 50, 3000} {
			t.Run(fmt.Sprint(name, " ", n), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					hits := after(n, hit)
					r := pipeline.Then(endless(), double, pipeline.Workers(3)).
						Start(t.Context(), func(context.Context, int) error { return hits() })
					err := r.Wait()
					var e *pipeline.Error
					require.ErrorAs(t, err, &e)
					require.Equal(t, "start#2", e.Stage)
					require.EqualValues(t, n-1, e.Item)
					require.NotErrorIs(t, err, future.ErrCanceled)
					if name == "goexit" {
						require.ErrorIs(t, err, future.ErrGoexit)
					} else {
						require.ErrorContains(t, err, "boom")
					}
					last := r.Stats()[2]
					require.EqualValues(t, n, last.In)
					require.EqualValues(t, 1, last.Failed)
					require.Equal(t, err, r.Stop(t.Context()))
				})
			})
		}
	}
}

func TestAnErrorUpstreamEndsARun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hit := after(70, func() error { return errBoom })
		r := pipeline.Then(endless(), func(context.Context, int) (int, error) { return 0, hit() }).Start(t.Context(), ignore[int])
		require.ErrorIs(t, r.Wait(), errBoom)
		require.EqualValues(t, 1, r.Stats()[1].Failed)
		require.Zero(t, r.Stats()[2].Failed)
	})
}

func TestStartWithAContextThatIsOver(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errBoom)
	r := endless().Start(ctx, ignore[int])
	<-r.Done()
	require.ErrorIs(t, r.Wait(), future.ErrCanceled)
	require.ErrorIs(t, r.Stop(ctx), errBoom)
	require.Empty(t, r.Stats())
	require.Empty(t, r.Bottleneck())
	require.Contains(t, r.Mermaid(), "source")
}

func TestCancelOfARun(t *testing.T) {
	for _, wanted := range []error{errBoom, nil} {
		synctest.Test(t, func(t *testing.T) {
			taken, returned := 0, false
			r := ticking(time.Second, &taken).Start(t.Context(), func(ctx context.Context, i int) error {
				if i < 3 {
					return nil
				}
				<-ctx.Done()
				time.Sleep(time.Second)
				returned = true
				return ctx.Err()
			})
			time.Sleep(time.Minute)
			r.Cancel(wanted)
			select {
			case <-r.Done():
				t.Fatal("a function is still running")
			case <-time.After(time.Second / 2):
			}
			err := r.Wait()
			require.True(t, returned)
			require.ErrorIs(t, err, future.ErrCanceled)
			if wanted == nil {
				wanted = context.Canceled
			}
			require.ErrorIs(t, err, wanted)
			var e *pipeline.Error
			require.False(t, errors.As(err, &e))
		})
	}
}

func TestTheContextOfStartEndsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errBoom)
		defer cancel()
		taken := 0
		err := ticking(time.Second, &taken).Start(ctx, ignore[int]).Wait()
		require.ErrorIs(t, err, future.ErrCanceled)
		require.ErrorIs(t, err, errBoom)
	})
}

func TestARunIsWaitedForWithoutASlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExecutor(1)
		f := pipeline.Then(pipeline.FromSlice(upTo(100)), double, pipeline.On(e))
		e.do(func(ctx context.Context) {
			if err := f.Start(ctx, ignore[int]).Wait(); err != nil {
				t.Error(err)
			}
			if err := f.Start(ctx, ignore[int]).Stop(ctx); err != nil {
				t.Error(err)
			}
			if err := f.Start(context.Background(), ignore[int]).Stop(ctx); err != nil {
				t.Error(err)
			}
		})
	})
}

// What fn is given has no slot: fn is no task.
func TestTheFunctionOfARunHoldsNoSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExecutor(1)
		e.do(func(ctx context.Context) {
			r := pipeline.FromSlice(upTo(3)).Start(ctx, func(ctx context.Context, _ int) error {
				return pipeline.FromSlice(upTo(3)).Start(ctx, ignore[int]).Wait()
			})
			time.Sleep(time.Second) // holding the only place
			select {
			case <-r.Done():
			default:
				t.Error("the run waits for a place")
			}
			if err := r.Wait(); err != nil {
				t.Error(err)
			}
		})
	})
}

func TestProgressOfARun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []int64
		taken := 0
		r := ticking(time.Second, &taken).
			Progress(10*time.Second, func(p pipeline.Progress) { told = append(told, p.Done) }).
			Start(t.Context(), ignore[int])
		time.Sleep(25*time.Second + time.Millisecond)
		require.NoError(t, r.Stop(t.Context()))
		require.Len(t, told, 3)
		require.EqualValues(t, 25, told[2])
		require.EqualValues(t, 25, r.Stats()[1].In)
	})
}
