package pipeline_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pipeline"
)

// A flow that is run by a task, on the executor of that task, with one place.
func TestLaw9_AFlowInsideATaskOfItsOwnExecutor(t *testing.T) {
	terminals := map[string]func(ctx context.Context, f pipeline.Flow[int]) error{
		"drain":   func(ctx context.Context, f pipeline.Flow[int]) error { return f.Drain(ctx) },
		"collect": func(ctx context.Context, f pipeline.Flow[int]) error { _, err := f.Collect(ctx); return err },
		"foreach": func(ctx context.Context, f pipeline.Flow[int]) error {
			return f.ForEach(ctx, func(context.Context, int) error { return nil })
		},
		"all": func(ctx context.Context, f pipeline.Flow[int]) (err error) {
			for _, err = range f.All(ctx) {
			}
			return err
		},
		"break": func(ctx context.Context, f pipeline.Flow[int]) error {
			for range f.All(ctx) {
				break
			}
			return nil
		},
	}
	for name, run := range terminals {
		t.Run(name, func(t *testing.T) {
			eachWay(t, func(t *testing.T, opts []pipeline.Option) {
				synctest.Test(t, func(t *testing.T) {
					e := newExecutor(1)
					var gauge testkit.Gauge
					e.do(func(ctx context.Context) {
						opts := append(opts, pipeline.On(e))
						f := pipeline.Then(pipeline.FromSlice(upTo(300)), func(_ context.Context, i int) (int, error) {
							gauge.Enter()
							defer gauge.Leave()
							time.Sleep(time.Millisecond)
							return i, nil
						}, opts...)
						require.NoError(t, run(ctx, pipeline.Then(f, double, opts...)))
					})
					require.Equal(t, 1, gauge.Peak())
				})
			})
		})
	}
}

// The function of ForEach runs in the caller's place, and can give it back.
func TestLaw9_TheCallersFunctionHasTheCallersPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExecutor(1)
		e.do(func(ctx context.Context) {
			err := pipeline.FromSlice(upTo(3)).ForEach(ctx, func(ctx context.Context, i int) error {
				// a flow within the flow, on the same executor
				return pipeline.Then(pipeline.FromSlice(upTo(3)), double, pipeline.On(e)).Drain(ctx)
			})
			require.NoError(t, err)
		})
	})
}

// The first failure ends the rest, and what ends because of it is no failure.
func TestLaw11_TheFirstFailureStopsTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		step := func(ctx context.Context, i int) (int, error) {
			if i == 2 {
				time.Sleep(time.Second)
				return 0, errBoom
			}
			<-ctx.Done()
			return 0, fmt.Errorf("interrupted: %w", ctx.Err())
		}
		err := pipeline.Then(endless(), step, pipeline.Workers(4)).Drain(t.Context())
		require.Equal(t, &pipeline.Error{Stage: "then#1", Item: 2, Err: errBoom}, err)
		require.NotErrorIs(t, err, context.Canceled)
		require.Equal(t, time.Second, time.Since(begun))
	})
}

func TestLaw12_VirtualTime(t *testing.T) {
	testkit.TwoBubbles(t, wholeAPI)
}

func TestLaw14_ErrorsSayWhoAndWhat(t *testing.T) {
	err := error(&pipeline.Error{Stage: "parse", Item: 3, Err: errBoom})
	require.EqualError(t, err, `pipeline: stage "parse" failed at item 3: boom`)
	require.ErrorIs(t, err, errBoom)
	var e *pipeline.Error
	require.ErrorAs(t, fmt.Errorf("wrapped: %w", err), &e)
	require.Equal(t, "parse", e.Stage)
	require.EqualError(t, pipeline.ErrSkip, "pipeline: skip this item")
}
