package pipeline_test

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pipeline"
)

// behindGate are the steps that may stand behind InFlight: one item in, at most
// one out.
var behindGate = map[string]pipeline.Stage[int, int]{
	"map":    func(f pipeline.Flow[int]) pipeline.Flow[int] { return pipeline.Map(f, increment) },
	"filter": func(f pipeline.Flow[int]) pipeline.Flow[int] { return f.Filter(func(i int) bool { return i%3 != 0 }) },
	"progress": func(f pipeline.Flow[int]) pipeline.Flow[int] {
		return f.Progress(time.Hour, func(pipeline.Progress) {})
	},
	"unsent": func(f pipeline.Flow[int]) pipeline.Flow[int] { return f.OnUndelivered(func(int) {}) },
	"take":   func(f pipeline.Flow[int]) pipeline.Flow[int] { return f.Take(150) },
	"take while": func(f pipeline.Flow[int]) pipeline.Flow[int] {
		return f.TakeWhile(func(i int) bool { return i < 10_000 })
	},
	"inflight": func(f pipeline.Flow[int]) pipeline.Flow[int] { return f.InFlight(3) },
	"batch":    batches(20, 0),
	"timed":    batches(20, time.Second),
	"slow":     thens(nil),
	"map 4":    func(f pipeline.Flow[int]) pipeline.Flow[int] { return pipeline.Map(f, increment, pipeline.Workers(4)) },
	"skips": func(f pipeline.Flow[int]) pipeline.Flow[int] {
		return pipeline.Then(f, func(_ context.Context, i int) (int, error) {
			if i%2 == 0 {
				return 0, pipeline.ErrSkip
			}
			return i, nil
		}, pipeline.Workers(3))
	},
}

func init() {
	for name, opts := range ways {
		behindGate["then "+name] = thens(opts)
	}
}

func thens(opts []pipeline.Option) pipeline.Stage[int, int] {
	return func(f pipeline.Flow[int]) pipeline.Flow[int] {
		return pipeline.Then(f, sleeper(jitter(7, 10*time.Millisecond)), opts...)
	}
}

// batches gathers items and hands the first of each batch on.
func batches(n int, wait time.Duration) pipeline.Stage[int, int] {
	return func(f pipeline.Flow[int]) pipeline.Flow[int] {
		return pipeline.Map(pipeline.Batch(f, n, wait), func(b []int) int { return b[0] })
	}
}

// gathers says which steps take items away before they are at the end.
func gathers(name string) bool { return name == "batch" || name == "timed" }

// drops says which steps end items in silence.
func drops(name string) bool {
	return name == "filter" || name == "skips" || name == "take" || name == "groupby of branches that end"
}

// No combination of steps behind the bound comes to a standstill, and none
// gives other results than it does without the bound.
func TestNoFlowStandsStillInFlight(t *testing.T) {
	names := make([]string, 0, len(behindGate))
	for name := range behindGate {
		names = append(names, name)
	}
	stages := maps.Clone(behindGate)
	for name, w := range wide {
		names, stages[name] = append(names, name), w.stage
	}
	slices.Sort(names)
	rapid.Check(t, func(rt *rapid.T) {
		synctest.Test(t, func(t *testing.T) {
			bound := rapid.SampledFrom([]int{1, 2, 10}).Draw(rt, "bound")
			first := rapid.SliceOfN(rapid.SampledFrom(names), 0, 2).Draw(rt, "before")
			then := rapid.SliceOfN(rapid.SampledFrom(names), 0, 4).Draw(rt, "behind")
			items := rapid.IntRange(0, 400).Draw(rt, "items")
			flow := func(bounded bool) pipeline.Flow[int] {
				f := pipeline.FromSlice(upTo(items))
				for _, name := range first {
					f = stages[name](f)
				}
				if bounded {
					f = f.InFlight(bound)
				}
				for _, name := range then {
					f = stages[name](f)
				}
				return f
			}
			total := func(f pipeline.Flow[int]) int {
				n := 0
				require.NoError(t, f.ForEach(t.Context(), func(context.Context, int) error {
					time.Sleep(time.Microsecond)
					n++
					return nil
				}))
				return n
			}
			got := total(flow(true))
			for _, name := range append(first, then...) {
				if name == "timed" || drops(name) {
					return // how many there are depends on time, or on order
				}
			}
			require.Equal(t, total(flow(false)), got)
		})
	})
}

// What has come in and not to its end is never more than the bound.
func TestTheBoundOfInFlight(t *testing.T) {
	for name, stage := range behindGate {
		if gathers(name) || drops(name) {
			continue
		}
		for _, n := range []int{1, 2, 10} {
			t.Run(fmt.Sprint(name, " ", n), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var g testkit.Gauge
					f := endless().InFlight(n)
					f = stage(pipeline.Map(f, func(i int) int { g.Enter(); return i }))
					f = stage(f)
					count := 0
					r := f.Start(t.Context(), func(ctx context.Context, i int) error {
						time.Sleep(time.Millisecond)
						g.Leave()
						if count++; count == 200 {
							return errBoom
						}
						return nil
					})
					err := r.Wait()
					if name != "take" {
						require.ErrorIs(t, err, errBoom)
					}
					require.LessOrEqual(t, g.Peak(), n)
					if n == 2 {
						require.Equal(t, 2, g.Peak(), "the bound is used")
					}
				})
			})
		}
	}
}

// The bound is used: with room for all workers, all of them work.
func TestInFlightLetsWorkersWork(t *testing.T) {
	eachWay(t, func(t *testing.T, opts []pipeline.Option) {
		synctest.Test(t, func(t *testing.T) {
			f := pipeline.Then(pipeline.FromSlice(upTo(100)).InFlight(10), takes(time.Second), opts...)
			begun := time.Now()
			require.NoError(t, f.Drain(t.Context()))
			workers := 4
			if opts == nil {
				workers = 1
			}
			require.Equal(t, time.Duration(100/workers)*time.Second, time.Since(begun))
		})
	})
}

func TestASourceWaitsInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		taken := 0
		f := pipeline.Then(ticking(time.Millisecond, &taken).InFlight(5), takes(time.Hour), pipeline.Workers(2))
		r := f.Start(t.Context(), ignore[int])
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, 5, taken)
		s := r.Stats()
		require.EqualValues(t, 5, s[1].In)
		require.EqualValues(t, 3, s[2].Queued)
		require.Positive(t, s[0].BlockedOut)
		begun := time.Now()
		require.NoError(t, r.Stop(t.Context()))
		require.Less(t, time.Since(begun), 4*time.Hour)
		require.Equal(t, 6, taken, "the one that waited here was taken")
		require.EqualValues(t, 6, r.Stats()[3].In)
	})
}

func TestEveryEndingInFlight(t *testing.T) {
	for name, hit := range map[string]func() error{
		"error":  func() error { return errBoom },
		"panic":  func() error { panic(errBoom) },
		"goexit": func() error { runtime.Goexit(); return nil },
	} {
		for _, n := range []int{1, 50, 3000} {
			eachWay(t, func(t *testing.T, opts []pipeline.Option) {
				t.Run(fmt.Sprint(name, n), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						hits := after(n, hit)
						f := pipeline.Then(endless().InFlight(3), func(context.Context, int) (int, error) { return 0, hits() }, opts...)
						var e *pipeline.Error
						require.ErrorAs(t, f.Drain(t.Context()), &e)
						require.Contains(t, e.Stage, "then")

						if name == "error" {
							return // a Filter returns none
						}
						hits = after(n, hit)
						f = endless().InFlight(3).Filter(func(int) bool { hits(); return true })
						require.ErrorAs(t, pipeline.Then(f, double, opts...).Drain(t.Context()), &e)
					})
				})
			})
		}
	}
}

func TestCancelInFlight(t *testing.T) {
	eachWay(t, func(t *testing.T, opts []pipeline.Option) {
		synctest.Test(t, func(t *testing.T) {
			f := pipeline.Then(endless().InFlight(3), takes(time.Hour), opts...)
			ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errBoom)
			defer cancel()
			begun := time.Now()
			err := f.Drain(ctx)
			require.ErrorIs(t, err, future.ErrCanceled)
			require.ErrorIs(t, err, errBoom)
			require.Equal(t, time.Minute, time.Since(begun))
			for range f.All(t.Context()) {
				break
			}
		})
	})
}

// The item that waits here is seen by OnUndelivered, as those in the queue are.
func TestUndeliveredInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		yielded, begun, left := 0, 0, 0
		f := pipeline.From(func(yield func(int) bool) {
			for ok := true; ok; yielded++ {
				ok = yield(yielded)
			}
		}).OnUndelivered(func(int) { left++ }).InFlight(5)
		f = pipeline.Then(f, func(ctx context.Context, i int) (int, error) {
			begun++
			return takes(time.Hour)(ctx, i)
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		require.Error(t, f.Drain(ctx))
		require.Equal(t, 6, yielded)
		require.Equal(t, 1, begun)
		require.Equal(t, 5, left)
	})
}

// A task that waits here gives its place back.
func TestInFlightOnAnExecutor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExecutor(1)
		f := pipeline.Then(pipeline.FromSlice(upTo(100)), double, pipeline.On(e)).InFlight(2)
		f = pipeline.Then(f, takes(time.Millisecond), pipeline.Workers(2), pipeline.On(e))
		n, err := f.Count(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 100, n)
		e.do(func(ctx context.Context) {
			if err := f.ForEach(ctx, ignore[int]); err != nil {
				t.Error(err)
			}
		})
		e.tasks.Wait()
	})
}

func TestManyItemsInFlightAndTwoRuns(t *testing.T) {
	eachWay(t, func(t *testing.T, opts []pipeline.Option) {
		items := many()
		f := pipeline.Then(pipeline.FromSlice(upTo(items)).InFlight(7), double, opts...)
		r := f.Start(t.Context(), ignore[int])
		n, err := f.Count(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, items, n)
		require.NoError(t, r.Wait())
		require.EqualValues(t, items, r.Stats()[3].In)
	})
}

func TestInFlightOfNothing(t *testing.T) {
	require.PanicsWithValue(t, "pipeline: InFlight needs at least 1, got 0", func() { endless().InFlight(0) })
}
