package pipeline_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pipeline"
)

func TestThenKeepsOrder(t *testing.T) {
	for name, opts := range ways {
		for _, n := range []int{0, 1, 2, 63, 64, 65, 5000} {
			t.Run(fmt.Sprint(name, " ", n), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f := pipeline.Then(pipeline.FromSlice(upTo(n)), sleeper(jitter(1, time.Millisecond)), opts...)
					got, err := f.Collect(t.Context())
					require.NoError(t, err)
					if name == "unordered" || name == "unordered ahead" {
						require.ElementsMatch(t, upTo(n), got)
					} else {
						require.Equal(t, upTo(n), append([]int{}, got...))
					}
				})
			})
		}
	}
}

func TestFourHundredItemsOnFourWorkersTakeAHundred(t *testing.T) {
	for _, name := range []string{"ordered", "unordered"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var gauge testkit.Gauge
				begun := time.Now()
				err := pipeline.Then(pipeline.FromSlice(upTo(400)), pipeline.Do(func(context.Context, int) error {
					gauge.Enter()
					defer gauge.Leave()
					time.Sleep(time.Millisecond)
					return nil
				}), ways[name]...).Drain(t.Context())
				require.NoError(t, err)
				require.Equal(t, 100*time.Millisecond, time.Since(begun))
				require.Equal(t, 4, gauge.Peak())
			})
		})
	}
}

// While a worker is idle, nothing that the source has made waits: not behind
// a slow item, not in a chunk that is not full, not beside a sleeping source.
func TestNeverIdleBesideAWaitingItem(t *testing.T) {
	const workers = 4
	for _, name := range []string{"ordered", "unordered"} {
		for seed := range uint64(6) {
			t.Run(fmt.Sprint(name, " ", seed), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var waiting, running, checks atomic.Int64
					gap, work := jitter(seed, 2*time.Millisecond), jitter(seed+100, 2*time.Millisecond)
					source := pipeline.Generate(func(_ context.Context, yield func(int) bool) error {
						for i := range 500 {
							if i%50 > 12 { // a burst, then one by one: workers run dry, and fall behind
								time.Sleep(gap(i))
							}
							waiting.Add(1)
							yield(i)
						}
						return nil
					})
					over := make(chan struct{})
					watched := make(chan struct{})
					go func() {
						defer close(watched)
						for {
							select {
							case <-over:
								return
							case <-time.After(127 * time.Microsecond):
							}
							synctest.Wait()
							checks.Add(1)
							if w, r := waiting.Load(), running.Load(); w > 0 && r < workers {
								t.Errorf("%d items wait while %d of %d workers run", w, r, workers)
								return
							}
						}
					}()
					err := pipeline.Then(source, pipeline.Do(func(_ context.Context, i int) error {
						waiting.Add(-1)
						running.Add(1)
						defer running.Add(-1)
						if i%10 == 0 {
							time.Sleep(10 * work(i))
						}
						time.Sleep(work(i))
						return nil
					}), ways[name]...).Drain(t.Context())
					require.NoError(t, err)
					close(over)
					<-watched
					require.Greater(t, checks.Load(), int64(1000))
				})
			})
		}
	}
}

// Each item of a slow source is delivered when it comes.
func TestASlowSourceDeliversAtOnce(t *testing.T) {
	eachWay(t, func(t *testing.T, opts []pipeline.Option) {
		synctest.Test(t, func(t *testing.T) {
			ticks := pipeline.From(func(yield func(time.Time) bool) {
				for range 100 {
					time.Sleep(time.Millisecond)
					if !yield(time.Now()) {
						return
					}
				}
			})
			same := func(_ context.Context, at time.Time) (time.Time, error) { return at, nil }
			f := pipeline.Then(pipeline.Then(ticks, same, opts...), same, opts...)
			f = pipeline.Map(f, func(at time.Time) time.Time { return at })
			for at, err := range f.All(t.Context()) {
				require.NoError(t, err)
				require.Equal(t, at, time.Now())
			}
		})
	})
}

func TestThenSkips(t *testing.T) {
	eachWay(t, func(t *testing.T, opts []pipeline.Option) {
		f := pipeline.Then(pipeline.FromSlice(upTo(10_000)), func(_ context.Context, i int) (int, error) {
			if i%3 != 0 || i > 9000 {
				return 0, fmt.Errorf("not this one: %w", pipeline.ErrSkip)
			}
			return i, nil
		}, opts...)
		n, err := f.Count(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 3001, n)
		all, err := f.Collect(t.Context())
		require.NoError(t, err)
		require.Len(t, all, 3001)
	})
}

// The bound on results that are ready and unread holds exactly; without order
// each worker has a part of at least one.
func TestAheadBoundsWhatIsReady(t *testing.T) {
	for _, c := range []struct{ workers, ahead, ready int }{{4, 1, 1}, {4, 3, 3}, {4, 50, 50}, {1, 7, 7}, {3, 200, 200}} {
		for _, unordered := range []bool{false, true} {
			t.Run(fmt.Sprint(c, unordered), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var done atomic.Int64
					opts := []pipeline.Option{pipeline.Workers(c.workers), pipeline.Ahead(c.ahead)}
					ready := c.ready
					if unordered {
						opts = append(opts, pipeline.Unordered())
						ready = max(c.ready, c.workers)
					}
					f := pipeline.Then(endless(), func(_ context.Context, i int) (int, error) {
						done.Add(1)
						return i, nil
					}, opts...)
					read := 0
					for range f.All(t.Context()) {
						read++
						synctest.Wait()
						// Beyond what is ready, each worker holds one that it cannot put.
						require.LessOrEqual(t, int(done.Load())-read, ready+c.workers)
						if read == 500 {
							break
						}
					}
				})
			})
		}
	}
}

func TestThePositionAndTheNameInAnError(t *testing.T) {
	eachWay(t, func(t *testing.T, opts []pipeline.Option) {
		fails := func(_ context.Context, i int) (int, error) {
			if i == 7777 {
				return 0, errBoom
			}
			return i, nil
		}
		f := pipeline.FromSlice(upTo(10_000))
		_, err := pipeline.Then(f, fails, opts...).Collect(t.Context())
		require.Equal(t, &pipeline.Error{Stage: "then#1", Item: 7777, Err: errBoom}, err)
		require.EqualError(t, err, `pipeline: stage "then#1" failed at item 7777: boom`)
		_, err = pipeline.Then(f, fails, append(opts, pipeline.Name("parse"))...).Collect(t.Context())
		require.Equal(t, &pipeline.Error{Stage: "parse", Item: 7777, Err: errBoom}, err)
	})
}
