package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pipeline"
)

func again(i int) iter.Seq[int] { return slices.Values([]int{i, i}) }

// stepsWith are steps that call hit for every item. Those of the second table
// fail with its error.
func stepsWith(f pipeline.Flow[int], hit func() error) (plain, failing map[string]pipeline.Flow[int]) {
	one := func(int) int64 { hit(); return 1 }
	length := func(b []int) int { return len(b) }
	seq := func(_ context.Context, i int) iter.Seq2[int, error] {
		return func(yield func(int, error) bool) { _ = yield(i, hit()) && yield(i, nil) }
	}
	async := func(ctx context.Context, i int) *future.Future[int] {
		return future.Go(ctx, func(context.Context) (int, error) { return i, hit() })
	}
	plain = map[string]pipeline.Flow[int]{
		"Tap":               f.Tap(func(int) { hit() }),
		"Scan":              pipeline.Scan(f, 0, func(_, i int) int { hit(); return i }),
		"FlatMap":           pipeline.FlatMap(f, func(i int) iter.Seq[int] { hit(); return again(i) }),
		"FlatMap, in a seq": pipeline.FlatMap(f, func(i int) iter.Seq[int] { return func(func(int) bool) { hit() } }),
		"Distinct":          pipeline.Distinct(f, func(i int) int { hit(); return i }, 10),
		"BatchWeight":       pipeline.Map(pipeline.BatchWeight(f, 3, one, 0), length),
		"timed BatchWeight": pipeline.Map(pipeline.BatchWeight(f, 3, one, time.Second), length),
		"after Window":      pipeline.Map(pipeline.Window(f, 1, 1), func(b []int) int { hit(); return len(b) }),
		"after Skip":        f.Skip(1).Tap(func(int) { hit() }),
		"after FlatMap":     pipeline.FlatMap(f, again).Tap(func(int) { hit() }),
	}
	failing = map[string]pipeline.Flow[int]{}
	for name, opts := range ways {
		plain["FlatMap, "+name] = pipeline.FlatMap(f, func(i int) iter.Seq[int] { hit(); return again(i) }, opts...)
		failing["Expand, "+name] = pipeline.Expand(f, seq, opts...)
		failing["MapAsync, "+name] = pipeline.MapAsync(f, async, opts...)
		plain["after Expand, "+name] = pipeline.Expand(f, noErrors(again), opts...).Tap(func(int) { hit() })
	}
	return plain, failing
}

// No ending of a user's function, in any step, may hang, leak, crash, or be
// taken for a success, whatever stands behind it.
func TestTortureOfSteps(t *testing.T) {
	none := func() error { return nil }
	plain, failing := stepsWith(endless(), none)
	for _, c := range []struct {
		name string
		hit  func(cancel context.CancelCauseFunc) error
		want func(t *testing.T, err error)
	}{
		{"error", func(context.CancelCauseFunc) error { return errBoom }, func(t *testing.T, err error) {
			require.ErrorIs(t, err, errBoom)
			require.NotErrorIs(t, err, future.ErrCanceled)
		}},
		{"panic", func(context.CancelCauseFunc) error { panic(errBoom) }, func(t *testing.T, err error) {
			var p *future.PanicError
			require.ErrorAs(t, err, &p)
		}},
		{"goexit", func(context.CancelCauseFunc) error { runtime.Goexit(); return nil }, func(t *testing.T, err error) {
			require.ErrorIs(t, err, future.ErrGoexit)
		}},
		{"cancel", func(cancel context.CancelCauseFunc) error { cancel(errBoom); return nil }, func(t *testing.T, err error) {
			require.ErrorIs(t, err, future.ErrCanceled)
			require.ErrorIs(t, err, errBoom)
		}},
	} {
		names := slices.Collect(maps.Keys(failing))
		if c.name != "error" {
			names = slices.AppendSeq(names, maps.Keys(plain))
		}
		for _, name := range names {
			for _, n := range []int{1, 50, 1000} {
				t.Run(fmt.Sprint(c.name, " ", name, " ", n), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						ctx, cancel := context.WithCancelCause(t.Context())
						defer cancel(nil)
						a, b := stepsWith(endless(), after(n, func() error { return c.hit(cancel) }))
						maps.Copy(a, b)
						err := pipeline.Then(a[name], double, pipeline.Workers(2)).Drain(ctx)
						c.want(t, err)
						var e *pipeline.Error
						require.Equal(t, c.name != "cancel", errors.As(err, &e))
					})
				})
			}
		}
	}
}

// Each step is ended by a break, by a Take behind it, and by an error upstream;
// it does nothing with nothing, and one value of it has many runs at once.
func TestStepsEnd(t *testing.T) {
	none := func() error { return nil }
	all := func(f pipeline.Flow[int]) map[string]pipeline.Flow[int] {
		a, b := stepsWith(f, none)
		maps.Copy(a, b)
		delete(a, "FlatMap, in a seq") // makes nothing
		return a
	}
	big := pipeline.Generate(func(_ context.Context, yield func(int) bool) error {
		for i := range 1000 {
			if !yield(i) {
				return nil
			}
		}
		return errBoom
	})
	for name := range all(endless()) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				for range all(endless())[name].All(ctx) {
					break
				}
				n, err := all(endless())[name].Take(100).Count(ctx)
				require.NoError(t, err)
				require.EqualValues(t, 100, n)
				_, err = all(big)[name].Collect(ctx)
				require.ErrorIs(t, err, errBoom)
				n, err = all(pipeline.FromSlice[int](nil))[name].Count(ctx)
				require.NoError(t, err)
				require.Zero(t, n)

				f := all(pipeline.FromSlice(upTo(2000)))[name]
				want, err := f.Count(ctx)
				require.NoError(t, err)
				require.GreaterOrEqual(t, want, int64(2000/3))
				var runs sync.WaitGroup
				for range 3 {
					runs.Go(func() {
						got, err := f.Collect(ctx)
						require.NoError(t, err)
						require.Len(t, got, int(want))
					})
				}
				runs.Wait()
			})
		})
	}
}

// A sequence without end ends with the flow, although what follows takes
// everything.
func TestASequenceWithoutEnd(t *testing.T) {
	naturals := func(yield func(int) bool) {
		for i := 0; yield(i); i++ {
		}
	}
	flows := map[string]pipeline.Flow[int]{
		"FlatMap": pipeline.FlatMap(pipeline.FromSlice(upTo(3)), func(int) iter.Seq[int] { return naturals }),
	}
	for name, opts := range ways {
		seqs := noErrors(func(int) iter.Seq[int] { return naturals })
		flows["Expand, "+name] = pipeline.Expand(pipeline.FromSlice(upTo(3)), seqs, opts...)
	}
	for name, f := range flows {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				calls := 0
				err := f.Filter(func(int) bool {
					if calls++; calls == 5000 {
						cancel()
					}
					return false
				}).Drain(ctx)
				require.ErrorIs(t, err, future.ErrCanceled)
			})
		})
	}
}

// Behind a slow item the others go on until their buffers are full, and no
// further.
func TestExpandAheadOfItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		made := map[int]int{}
		begun := time.Now()
		f := pipeline.Expand(pipeline.FromSlice(upTo(100)), func(_ context.Context, i int) iter.Seq2[int, error] {
			return func(yield func(int, error) bool) {
				if i == 0 {
					time.Sleep(time.Minute)
				}
				for k := range 50 {
					mu.Lock()
					made[i]++
					mu.Unlock()
					if !yield(50*i+k, nil) {
						return
					}
				}
			}
		}, pipeline.Workers(4), pipeline.Ahead(32)) // 16 bursts of 2
		time.AfterFunc(time.Second, func() {
			mu.Lock()
			defer mu.Unlock()
			require.Equal(t, map[int]int{1: 3, 2: 3, 3: 3}, made) // two, and one in the hand
		})
		got, err := f.Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, upTo(5000), got)
		require.Equal(t, time.Minute, time.Since(begun))
	})
}

// Workers that wait for their turn give their place back: the one whose turn
// it is may need it.
func TestExpandOnAnExecutor(t *testing.T) {
	for _, opts := range [][]pipeline.Option{nil, {pipeline.Unordered()}} {
		synctest.Test(t, func(t *testing.T) {
			e := newExecutor(1)
			opts := append(opts, pipeline.Workers(4), pipeline.On(e), pipeline.Ahead(4))
			got, err := pipeline.Expand(pipeline.FromSlice(upTo(100)), func(_ context.Context, i int) iter.Seq2[int, error] {
				return func(yield func(int, error) bool) {
					for k := range 20 {
						time.Sleep(time.Duration(i%3) * time.Millisecond)
						if !yield(20*i+k, nil) {
							return
						}
					}
				}
			}, opts...).Collect(t.Context())
			require.NoError(t, err)
			slices.Sort(got)
			require.Equal(t, upTo(2000), got)
			e.tasks.Wait()
		})
	}
}

func TestMapAsyncKeepsNInFlightAndLeavesNone(t *testing.T) {
	for _, c := range []struct {
		opts []pipeline.Option
		most int
	}{{nil, 16}, {[]pipeline.Option{pipeline.Workers(3)}, 3}, {[]pipeline.Option{pipeline.Workers(3), pipeline.Unordered()}, 3}} {
		synctest.Test(t, func(t *testing.T) {
			var gauge testkit.Gauge
			begun := time.Now()
			step := func(ctx context.Context, i int) *future.Future[int] {
				return future.Go(ctx, func(ctx context.Context) (int, error) {
					gauge.Enter()
					defer gauge.Leave()
					time.Sleep(time.Second)
					return i, nil
				})
			}
			for range pipeline.MapAsync(endless(), step, c.opts...).All(t.Context()) {
				if time.Since(begun) > 10*time.Second {
					break
				}
			}
			require.Zero(t, gauge.Now())
			require.EqualValues(t, c.most, gauge.Peak())
		})
	}
	err := pipeline.MapAsync(endless(), func(context.Context, int) *future.Future[int] { return nil }).Drain(t.Context())
	require.ErrorContains(t, err, "must return a future")
}

// A NaN is in no map for good, so it must not be kept.
func TestDistinctOfNaN(t *testing.T) {
	nan := math.NaN()
	got, err := pipeline.Distinct(pipeline.FromSlice([]float64{nan, 1, nan, 1}), func(f float64) float64 { return f }, 1).Count(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 3, got)
}

func TestStepsThatAreWrong(t *testing.T) {
	f := endless()
	for _, wrong := range []func(){
		func() { f.Skip(-1) }, func() { f.Tap(nil) },
		func() { pipeline.Window(f, 0, 1) }, func() { pipeline.Window(f, 1, 0) },
		func() { pipeline.Distinct(f, increment, 0) },
		func() { pipeline.BatchWeight(f, 0, func(int) int64 { return 1 }, 0) },
		func() { pipeline.BatchWeight(f, 1, nil, 0) },
		func() { pipeline.BatchWeight(f, 1, func(int) int64 { return 1 }, -1) },
		func() { pipeline.FlatMap[int, int](f, nil) }, func() { pipeline.Expand[int, int](f, nil) },
		func() { pipeline.MapAsync[int, int](f, nil) }, func() { pipeline.Scan[int, int](f, 0, nil) },
		func() { pipeline.FlatMap(pipeline.Flow[int]{}, again) },
	} {
		func() {
			defer func() { require.Contains(t, recover(), "pipeline: ") }()
			wrong()
		}()
	}
}
