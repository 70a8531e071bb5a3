package pipeline_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pipeline"
)

// When the statement after a break runs, no function of the flow is running
// and none will.
func TestLaw1_ABreakLeavesNothing(t *testing.T) {
	for where, p := range everywhere() {
		t.Run(where, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var gauge testkit.Gauge
				for range p(&gauge).All(t.Context()) {
					break
				}
				require.Zero(t, gauge.Now())
				before := gauge.Peak()
				time.Sleep(time.Hour)
				require.Equal(t, before, gauge.Peak())
			})
		})
	}
}

// everywhere makes flows with user code that takes time in each position.
func everywhere() map[string]func(g *testkit.Gauge) pipeline.Flow[int] {
	inside := func(g *testkit.Gauge, ctx context.Context) {
		g.Enter()
		defer g.Leave()
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
		}
	}
	always := context.Background() // a function without a ctx is waited for
	ps := map[string]func(g *testkit.Gauge) pipeline.Flow[int]{
		"source": func(g *testkit.Gauge) pipeline.Flow[int] {
			return pipeline.Generate(func(ctx context.Context, yield func(int) bool) error {
				for yield(1) {
					inside(g, ctx)
				}
				return nil
			})
		},
		"map": func(g *testkit.Gauge) pipeline.Flow[int] {
			return pipeline.Map(endless(), func(i int) int { inside(g, always); return i })
		},
	}
	for name, opts := range ways {
		ps["then, "+name] = func(g *testkit.Gauge) pipeline.Flow[int] {
			return pipeline.Then(endless(), func(ctx context.Context, i int) (int, error) { inside(g, ctx); return i, nil }, opts...)
		}
	}
	return ps
}

// The terminal waits for a function that does not look at its ctx.
func TestLaw1_ATerminalWaitsForAllUserCode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var gauge testkit.Gauge
		begun := time.Now()
		err := pipeline.Then(endless(), func(_ context.Context, i int) (int, error) {
			if i == 3 {
				return 0, errBoom
			}
			gauge.Enter()
			defer gauge.Leave()
			time.Sleep(time.Minute)
			return 0, nil
		}, pipeline.Workers(4)).Drain(t.Context())
		require.ErrorIs(t, err, errBoom)
		require.Equal(t, time.Minute, time.Since(begun))
		require.Zero(t, gauge.Now())
	})
}

func TestLaw2_TheCauseReachesEveryFunction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		causes := make(chan error, 10)
		wait := func(ctx context.Context, i int) (int, error) {
			<-ctx.Done()
			causes <- context.Cause(ctx)
			return 0, ctx.Err()
		}
		source := pipeline.Generate(func(ctx context.Context, yield func(int) bool) error {
			for range 5 {
				yield(0)
			}
			_, err := wait(ctx, 0)
			return err
		})
		time.AfterFunc(time.Second, func() { cancel(errBoom) })
		err := pipeline.Then(source, wait, pipeline.Workers(3)).Drain(ctx)
		require.ErrorIs(t, err, errBoom)
		require.Len(t, causes, 4)
		for range 4 {
			require.Equal(t, errBoom, <-causes)
		}
	})
}

// The functions upstream of a failure learn what it was.
func TestLaw2_AFailureIsTheCauseUpstream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var cause error
		source := pipeline.Generate(func(ctx context.Context, yield func(int) bool) error {
			yield(1)
			<-ctx.Done()
			cause = context.Cause(ctx)
			return ctx.Err()
		})
		err := pipeline.Then(source, func(context.Context, int) (int, error) { return 0, errBoom }).Drain(t.Context())
		require.Equal(t, &pipeline.Error{Stage: "then#1", Err: errBoom}, err)
		require.Equal(t, err, cause)
	})
}

func TestLaw2_ValuesOfTheContextReachEveryFunction(t *testing.T) {
	type key struct{}
	ctx := context.WithValue(t.Context(), key{}, "v")
	err := pipeline.Then(pipeline.FromSlice(upTo(3)), func(ctx context.Context, i int) (int, error) {
		require.Equal(t, "v", ctx.Value(key{}))
		return i, nil
	}).ForEach(ctx, func(ctx context.Context, _ int) error {
		require.Equal(t, "v", ctx.Value(key{}))
		return nil
	})
	require.NoError(t, err)
}

// A value, an error, or canceled: table 1 for the functions of a flow.
func TestLaw3_ThreeOutcomes(t *testing.T) {
	for _, c := range []struct {
		name     string
		cancel   bool
		err      error
		canceled bool
		is       error
	}{
		{"its own error", false, errBoom, false, errBoom},
		{"its own error, and canceled", true, errBoom, false, errBoom},
		{"an inner deadline", false, context.DeadlineExceeded, false, context.DeadlineExceeded},
		{"the echo of the cancel", true, context.Canceled, true, context.Canceled},
		{"nil, and canceled", true, nil, true, context.Canceled},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachWay(t, func(t *testing.T, opts []pipeline.Option) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				err := pipeline.Then(endless(), func(context.Context, int) (int, error) {
					if c.cancel {
						cancel()
					}
					return 0, c.err
				}, opts...).Drain(ctx)
				require.ErrorIs(t, err, c.is)
				require.Equal(t, c.canceled, errors.Is(err, future.ErrCanceled))
				require.Equal(t, c.canceled, future.Result[int]{Err: err}.Canceled())
			})
		})
	}
}

// A cancel that comes when all is done does not undo it, even before the
// terminal has returned.
func TestLaw3_AFinishedFlowIsAValue(t *testing.T) {
	for name, run := range map[string]func(context.Context, pipeline.Flow[int]) error{
		"collect": func(ctx context.Context, f pipeline.Flow[int]) error { _, err := f.Collect(ctx); return err },
		"drain":   func(ctx context.Context, f pipeline.Flow[int]) error { return f.Drain(ctx) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				f := pipeline.FromSlice(upTo(3)).Progress(time.Hour, func(pipeline.Progress) {
					cancel() // it is called when all items have passed
					time.Sleep(time.Second)
				})
				require.NoError(t, run(ctx, f))
				require.Error(t, ctx.Err())
			})
		})
	}
}

// Every task that a flow hands to an executor comes to its end, run or
// refused, and the flow with it.
func TestLaw4_EveryRunEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExecutor(1)
		for range 20 {
			n, err := pipeline.Then(pipeline.FromSlice(upTo(50)), double, pipeline.Workers(5), pipeline.On(e)).Count(t.Context())
			require.NoError(t, err)
			require.EqualValues(t, 50, n)
		}
		e.tasks.Wait()
	})
}

func TestLaw6_PanicsAreLoudAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		var told []*future.PanicError
		var at time.Duration
		old := future.SetHooks(future.Hooks{Panic: func(p *future.PanicError) {
			told, at = append(told, p), time.Since(begun)
		}})
		defer future.SetHooks(old)
		err := pipeline.Then(endless(), func(_ context.Context, i int) (int, error) {
			if i == 1 {
				panic(errBoom)
			}
			time.Sleep(time.Hour)
			return i, nil
		}, pipeline.Workers(2)).Drain(t.Context())
		var p *future.PanicError
		require.ErrorAs(t, err, &p)
		require.ErrorIs(t, err, errBoom)
		require.Equal(t, []*future.PanicError{p}, told)
		require.Zero(t, at, "long before the terminal returned")
		require.Equal(t, time.Hour, time.Since(begun))
	})
}
