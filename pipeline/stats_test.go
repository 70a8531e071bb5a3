package pipeline_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/pipeline"
)

func takes(d time.Duration) func(context.Context, int) (int, error) {
	return sleeper(func(int) time.Duration { return d })
}

// Times are those of the virtual clock, so they are exact.
func TestTheFiguresOfARun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := pipeline.Then(pipeline.FromSlice(upTo(100)), takes(10*time.Millisecond), pipeline.Workers(2), pipeline.Name("slow")).
			Filter(func(i int) bool { return i%4 != 0 })
		r := f.Start(t.Context(), func(context.Context, int) error { time.Sleep(time.Millisecond); return nil })
		require.NoError(t, r.Wait())
		s := r.Stats()
		require.Len(t, s, 4)
		// The last pair of items ends at 500ms; 96 and 97 did so at 490ms.
		elapsed := 502 * time.Millisecond
		require.Equal(t, pipeline.StageStats{
			Name: "source", Out: 100, Workers: 1,
			BlockedOut: s[0].BlockedOut,
		}, s[0])
		require.Equal(t, pipeline.StageStats{
			Name: "slow", In: 100, Out: 100, Workers: 2,
			Busy: time.Second, BlockedIn: s[1].BlockedIn, BlockedOut: s[1].BlockedOut,
		}, s[1])
		require.Zero(t, s[1].BlockedOut)
		require.Equal(t, pipeline.StageStats{
			Name: "filter#2", In: 100, Out: 75, Workers: 1,
			BlockedIn: s[2].BlockedIn,
		}, s[2])
		require.Equal(t, "start#3", s[3].Name)
		require.EqualValues(t, 75, s[3].In)
		require.EqualValues(t, 1, s[3].Workers)
		require.Equal(t, 75*time.Millisecond, s[3].Busy)
		require.InDelta(t, elapsed, s[3].Busy+s[3].BlockedIn, float64(2*time.Millisecond))
		require.Equal(t, "slow", r.Bottleneck())
		require.Equal(t, s, r.Stats(), "they change no more")
	})
}

// While the run is on, the figures of those that wait are exact.
func TestTheFiguresWhileTheRunIsOn(t *testing.T) {
	eachWay(t, func(t *testing.T, opts []pipeline.Option) {
		synctest.Test(t, func(t *testing.T) {
			taken := 0
			f := pipeline.Map(ticking(time.Millisecond, &taken), increment)
			f = pipeline.Then(f, takes(time.Hour), append(opts, pipeline.Name("stuck"))...)
			r := f.Start(t.Context(), ignore[int])
			time.Sleep(40*time.Millisecond + time.Microsecond)
			s := r.Stats()
			require.Len(t, s, 4)
			require.EqualValues(t, 40, s[0].Out)
			require.Equal(t, 1, s[0].InFlight)
			require.EqualValues(t, 40, s[1].In)
			require.EqualValues(t, 40, s[1].Out)
			require.Zero(t, s[1].Workers)
			workers := s[2].Workers
			require.EqualValues(t, workers, s[2].In)
			require.Equal(t, workers, s[2].InFlight)
			require.EqualValues(t, 40-workers, s[2].Queued)
			require.Zero(t, s[2].Out)
			require.Zero(t, s[3].In)
			require.Zero(t, s[3].InFlight)
			require.Equal(t, 40*time.Millisecond+time.Microsecond, s[3].BlockedIn)
			time.Sleep(time.Minute)
			s = r.Stats()
			require.Positive(t, s[0].BlockedOut, "the source waits for room")
			require.Equal(t, "stuck", r.Bottleneck())
			r.Cancel(nil)
			require.Error(t, r.Wait())
			for _, st := range r.Stats() {
				require.Zero(t, st.InFlight)
			}
		})
	})
}

func TestTheFiguresOfWhatIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		letters := 0
		odd := func(_ context.Context, i int) (int, error) {
			switch {
			case i%10 == 0:
				return 0, pipeline.ErrSkip
			case i%2 == 0:
				return 0, errBoom
			}
			return i, nil
		}
		to := func(context.Context, pipeline.Letter[int]) error { letters++; return nil }
		f := pipeline.Then(pipeline.FromSlice(upTo(1000)), pipeline.DeadLetter(to, odd)).
			Filter(func(i int) bool { return i%3 != 0 }, pipeline.Workers(3))
		r := f.Start(t.Context(), func(_ context.Context, i int) error {
			if i < 500 {
				return pipeline.ErrSkip
			}
			return nil
		})
		require.NoError(t, r.Wait())
		s := r.Stats()
		require.EqualValues(t, 100, s[1].Skipped)
		require.EqualValues(t, 400, s[1].Failed)
		require.Equal(t, 400, letters)
		require.EqualValues(t, 500, s[1].Out)
		require.Zero(t, s[2].Skipped, "what a Filter drops is not skipped")
		require.EqualValues(t, 500, s[2].In)
		require.Equal(t, s[2].Out, s[3].In)
		require.Positive(t, s[3].Skipped)
	})
}

// At the end every figure is exact, however quick the items were.
func TestTheFiguresOfManyItems(t *testing.T) {
	eachWay(t, func(t *testing.T, opts []pipeline.Option) {
		const n = 100_000
		f := pipeline.Map(pipeline.FromSlice(upTo(n)), increment).Filter(func(i int) bool { return i%2 == 0 })
		f = pipeline.Map(pipeline.Then(f, double, opts...), increment).Take(n / 4)
		b := pipeline.Batch(pipeline.Batch(f, 10, time.Hour), 10, 0)
		r := b.Start(t.Context(), ignore[[][]int])
		for range 100 {
			for _, s := range r.Stats() {
				require.GreaterOrEqual(t, s.In, int64(0))
				require.GreaterOrEqual(t, s.Queued, int64(0))
			}
		}
		require.NoError(t, r.Wait())
		s := r.Stats()
		require.Len(t, s, 9)
		require.Equal(t, s[0].Out, s[1].In)
		require.Equal(t, s[1].In, s[1].Out)
		require.Equal(t, s[1].Out, s[2].In)
		require.EqualValues(t, n/4, s[5].In)
		require.EqualValues(t, n/4, s[5].Out)
		require.EqualValues(t, n/4, s[6].In)
		require.EqualValues(t, n/40, s[6].Out)
		require.EqualValues(t, n/40, s[7].In)
		require.EqualValues(t, n/400, s[7].Out)
		require.EqualValues(t, n/400, s[8].In)
		for _, st := range s[5:] {
			require.Zero(t, st.Queued)
		}
	})
}

func TestBottleneck(t *testing.T) {
	ms := time.Millisecond
	for want, c := range map[string]struct{ source, first, second, last time.Duration }{
		"source":  {5 * ms, 4 * ms, 1 * ms, 1 * ms},
		"first":   {1 * ms, 4 * ms, 1 * ms, 1 * ms},
		"second":  {1 * ms, 4 * ms, 20 * ms, 1 * ms},
		"start#3": {1 * ms, 1 * ms, 8 * ms, 5 * ms},
	} {
		synctest.Test(t, func(t *testing.T) {
			taken := 0
			f := pipeline.Then(ticking(c.source, &taken), takes(c.first), pipeline.Name("first"))
			f = pipeline.Then(f, takes(c.second), pipeline.Name("second"), pipeline.Workers(4))
			r := f.Start(t.Context(), func(context.Context, int) error { time.Sleep(c.last); return nil })
			require.Empty(t, r.Bottleneck(), "no time has passed")
			time.Sleep(10 * time.Second)
			require.Equal(t, want, r.Bottleneck())
			r.Cancel(nil)
			require.Error(t, r.Wait())
			require.Equal(t, want, r.Bottleneck())
		})
	}
}

// The slow step is named wherever it stands.
func TestBottleneckOfBranchesBuffersAndKeys(t *testing.T) {
	slow := func(name string) pipeline.Stage[int, int] {
		return func(f flow) flow { return pipeline.Then(f, takes(50*time.Millisecond), pipeline.Name(name)) }
	}
	sleeps := func(i int) int { time.Sleep(50 * time.Millisecond); return i }
	quick := func(f flow) flow { return pipeline.Then(f, takes(time.Millisecond), pipeline.Name("same")) }
	for want, through := range map[string]pipeline.Stage[int, int]{
		"keys": func(f flow) flow {
			return pipeline.Partition(f, modulo(3), takes(50*time.Millisecond), pipeline.Name("keys"), pipeline.Workers(2))
		},
		"behind": func(f flow) flow { return slow("behind")(quick(f).Buffer(3, pipeline.Block)) },
		"fused": func(f flow) flow {
			return pipeline.Map(quick(f).Buffer(3, pipeline.Block), sleeps, pipeline.Name("fused"))
		},
		"split#1.no/same":    func(f flow) flow { return pipeline.Split(f, isEven, quick, slow("same")) },
		"broadcast#1.1/same": func(f flow) flow { return pipeline.Broadcast(f, quick, slow("same"), quick) },
		"groupby#1/same": func(f flow) flow {
			return pipeline.GroupBy(f, modulo(2), func(_ int, f flow) flow { return slow("same")(f) })
		},
		"expand": func(f flow) flow {
			return pipeline.Expand(f, func(_ context.Context, i int) seq2 { return twoButOne(nil, sleeps(1)) }, pipeline.Workers(2), pipeline.Name("expand"))
		},
	} {
		t.Run(want, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				taken := 0
				r := through(ticking(10*time.Millisecond, &taken)).Start(t.Context(), ignore[int])
				time.Sleep(20 * time.Second)
				require.Equal(t, want, r.Bottleneck())
				r.Cancel(nil)
				require.Error(t, r.Wait())
			})
		})
	}
}

// Who waits for room in a buffer, or for its turn, is not busy.
func TestTheFiguresOfWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := pipeline.Then(from(5).Buffer(1, pipeline.Block), takes(time.Second))
		r := f.Start(t.Context(), ignore[int])
		require.NoError(t, r.Wait())
		require.Zero(t, r.Stats()[0].Busy)
		require.Equal(t, 3*time.Second, r.Stats()[0].BlockedOut)

		f = pipeline.Partition(ticking(time.Second, new(int)).Take(5), modulo(2), takes(time.Millisecond), pipeline.Workers(2))
		r = f.Start(t.Context(), ignore[int])
		require.NoError(t, r.Wait())
		s := r.Stats()[2]
		require.Equal(t, 5*time.Millisecond, s.Busy)
		require.InDelta(t, 10*time.Second, s.BlockedIn, float64(20*time.Millisecond))

		// One item has a thousand results, the others wait for their turn.
		many := func(_ context.Context, i int) seq2 {
			return func(yield func(int, error) bool) {
				if i == 0 {
					time.Sleep(time.Minute)
				}
				for range 1000 {
					if !yield(i, nil) {
						return
					}
				}
			}
		}
		r = pipeline.Expand(from(2), many, pipeline.Workers(2), pipeline.Ahead(4)).Start(t.Context(), ignore[int])
		require.NoError(t, r.Wait())
		require.Equal(t, time.Minute, r.Stats()[1].Busy)
		require.Equal(t, time.Minute, r.Stats()[1].BlockedOut)
	})
}

func TestTheFiguresOfAStepOnAnExecutor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExecutor(2)
		r := pipeline.Then(pipeline.FromSlice(upTo(20)), takes(time.Second), pipeline.Workers(4), pipeline.On(e)).
			Start(t.Context(), ignore[int])
		require.NoError(t, r.Wait())
		e.tasks.Wait()
		s := r.Stats()[1]
		require.EqualValues(t, 20, s.In)
		require.EqualValues(t, 20, s.Out)
		require.Equal(t, 4, s.Workers)
		require.GreaterOrEqual(t, s.Busy, 20*time.Second)
	})
}
