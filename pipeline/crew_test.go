package pipeline_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/task"
	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pipeline"
)

func TestOnRunsWorkersAsTasks(t *testing.T) {
	for _, places := range []int{1, 2, 8} {
		synctest.Test(t, func(t *testing.T) {
			e := newExecutor(places)
			var gauge testkit.Gauge
			begun := time.Now()
			got, err := pipeline.Then(pipeline.FromSlice(upTo(40)), func(ctx context.Context, i int) (int, error) {
				require.NotNil(t, task.SlotOf(ctx), "the step knows where it runs")
				gauge.Enter()
				defer gauge.Leave()
				time.Sleep(time.Second)
				return i, nil
			}, pipeline.Workers(4), pipeline.On(e)).Collect(t.Context())
			require.NoError(t, err)
			require.Equal(t, upTo(40), got)
			workers := min(places, 4)
			require.Equal(t, workers, gauge.Peak())
			require.Equal(t, time.Duration(40/workers)*time.Second, time.Since(begun))
			e.tasks.Wait()
		})
	}
}

// Two steps share one place: the one that waits for the other gives it up.
func TestTwoStepsOnOnePlace(t *testing.T) {
	eachWay(t, func(t *testing.T, opts []pipeline.Option) {
		synctest.Test(t, func(t *testing.T) {
			e := newExecutor(1)
			opts := append(opts, pipeline.On(e))
			f := pipeline.Then(pipeline.Then(pipeline.FromSlice(upTo(10_000)), double, opts...), double, opts...)
			n, err := f.Count(t.Context())
			require.NoError(t, err)
			require.EqualValues(t, 10_000, n)
			e.tasks.Wait()
		})
	})
}

// A flow without end does not keep the tasks of others from running.
func TestABusyFlowLetsOthersRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExecutor(1)
		ctx, cancel := context.WithCancel(t.Context())
		flow := make(chan error)
		step := sleeper(func(int) time.Duration { return time.Millisecond })
		go func() { flow <- pipeline.Then(endless(), step, pipeline.On(e)).Drain(ctx) }()
		synctest.Wait()
		begun := time.Now()
		e.do(func(context.Context) { cancel() })
		require.LessOrEqual(t, time.Since(begun), 20*time.Millisecond)
		require.ErrorIs(t, <-flow, future.ErrCanceled)
	})
}

// lazy runs the first task and keeps the others.
type lazy struct {
	tasks []future.Task
	first sync.WaitGroup
}

func (l *lazy) Execute(ctx context.Context, t future.Task) error {
	if l.tasks = append(l.tasks, t); len(l.tasks) == 1 {
		l.first.Go(func() { t.Run(ctx) })
	}
	return nil
}

// Workers that are not begun do not hold up a flow whose work is done, and run
// nothing when their turn comes after all.
func TestTheFlowDoesNotWaitForWorkersThatNeverRan(t *testing.T) {
	for name, opts := range map[string][]pipeline.Option{"ordered": nil, "unordered": {pipeline.Unordered()}} {
		for _, stopped := range []bool{false, true} {
			t.Run(fmt.Sprint(name, stopped), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					e := &lazy{}
					ran := 0
					step := func(_ context.Context, i int) (int, error) { ran++; return i, nil }
					f := pipeline.Then(pipeline.FromSlice(upTo(100)), step, append(opts, pipeline.Workers(8), pipeline.On(e))...)
					n := 0
					for range f.All(t.Context()) {
						if n++; stopped {
							break
						}
					}
					e.first.Wait()
					before := ran
					require.True(t, stopped || ran == 100)
					for _, task := range e.tasks[1:] {
						require.NoError(t, task.Run(t.Context()))
					}
					require.Equal(t, before, ran)
				})
			})
		}
	}
}

func TestAnExecutorThatTakesNoTask(t *testing.T) {
	for name, e := range map[string]future.Executor{"full": full{errBoom}, "refuser": refuser{errBoom}} {
		t.Run(name, func(t *testing.T) {
			eachWay(t, func(t *testing.T, opts []pipeline.Option) {
				_, err := pipeline.Then(endless(), double, append(opts, pipeline.On(e), pipeline.Name("x"))...).Collect(t.Context())
				require.Equal(t, &pipeline.Error{Stage: "x", Err: errBoom}, err)
			})
		})
	}
}

// blocking blocks in Execute until its ctx ends.
type blocking struct{}

func (blocking) Execute(ctx context.Context, _ future.Task) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestAnExecutorThatBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errBoom)
		defer cancel()
		err := pipeline.Then(endless(), double, pipeline.On(blocking{})).Drain(ctx)
		require.ErrorIs(t, err, future.ErrCanceled)
		require.ErrorIs(t, err, errBoom)
	})
}

// stopping ends the ctx of its tasks after a second.
type stopping struct{ cause error }

func (s stopping) Execute(ctx context.Context, t future.Task) error {
	go func() {
		ctx, cancel := context.WithTimeoutCause(ctx, time.Second, s.cause)
		defer cancel()
		t.Run(ctx)
	}()
	return nil
}

// An executor that wants its tasks to end ends the flow, even one whose
// workers stand idle.
func TestAnExecutorThatStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		idle := pipeline.Generate(func(ctx context.Context, _ func(int) bool) error {
			<-ctx.Done()
			return nil
		})
		err := pipeline.Then(idle, double, pipeline.Workers(2), pipeline.On(stopping{errBoom})).Drain(t.Context())
		require.ErrorIs(t, err, future.ErrCanceled)
		require.ErrorIs(t, err, errBoom)
	})
}

func TestGoexitOnAnExecutor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExecutor(1)
		exits := func(context.Context, int) (int, error) { runtime.Goexit(); return 0, nil }
		err := pipeline.Then(endless(), exits, pipeline.Workers(2), pipeline.On(e)).Drain(t.Context())
		require.ErrorIs(t, err, future.ErrGoexit)
		e.tasks.Wait()
	})
}
