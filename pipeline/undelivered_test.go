package pipeline_test

import (
	"context"
	"iter"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pipeline"
)

// Every item that the source has handed over is begun by the step or reported,
// once.
func TestOnUndelivered(t *testing.T) {
	eachWay(t, func(t *testing.T, opts []pipeline.Option) {
		for _, upstream := range []int{1, 3} {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				seen := map[int]int{}
				put := 0
				f := pipeline.From(func(yield func(int) bool) {
					for yield(put) {
						put++
					}
				})
				if upstream > 1 {
					f = pipeline.Map(f, func(i int) int { return i }, pipeline.Workers(upstream))
				}
				f = f.OnUndelivered(func(i int) { seen[i]++ })
				err := pipeline.Then(f, func(_ context.Context, i int) (int, error) {
					mu.Lock()
					defer mu.Unlock()
					seen[i]++
					if i == 1000 {
						return 0, errBoom
					}
					return i, nil
				}, opts...).Drain(t.Context())
				require.ErrorIs(t, err, errBoom)
				for i, n := range seen {
					require.Equal(t, 1, n, "item %d", i)
				}
				if upstream == 1 {
					require.GreaterOrEqual(t, len(seen), put)
					require.LessOrEqual(t, len(seen), put+1) // the one whose yield was refused
				}
			})
		}
	})
}

func TestOnUndeliveredOfABreak(t *testing.T) {
	left := 0
	for i := range pipeline.FromSlice(upTo(50)).OnUndelivered(func(int) { left++ }).All(t.Context()) {
		if i == 9 {
			break
		}
	}
	require.LessOrEqual(t, left, 40)
	seen := 0
	require.NoError(t, pipeline.FromSlice(upTo(50)).OnUndelivered(func(int) { t.Error("nothing was left") }).
		ForEach(t.Context(), func(context.Context, int) error { seen++; return nil }))
	require.Equal(t, 50, seen)
}

func TestOnUndeliveredThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		err := pipeline.FromSlice(upTo(50)).OnUndelivered(func(int) { panic("oops") }).
			ForEach(ctx, func(ctx context.Context, _ int) error {
				synctest.Wait() // the others are there
				cancel()
				<-ctx.Done()
				return ctx.Err()
			})
		var p *future.PanicError
		require.ErrorAs(t, err, &p)
		var e *pipeline.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, "undelivered#1", e.Stage)
	})
}

// What a step still had when the one behind it had enough is reported too.
func TestOnUndeliveredBeforeATakeThatHadEnough(t *testing.T) {
	heavy := func(int) int64 { return 2 }
	var left [][]int
	got, err := pipeline.BatchWeight(pipeline.FromSlice(upTo(10)), 3, heavy, 0).
		OnUndelivered(func(b []int) { left = append(left, b) }).Take(2).Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, [][]int{{0}, {1}}, got)
	require.Equal(t, [][]int{{2}}, left)
}

// A producer that was parked with several items in its hand loses none.
func TestOnUndeliveredOfWhatWasInAHand(t *testing.T) {
	came := map[int]int{}
	var mu sync.Mutex
	seen := func(i int) {
		mu.Lock()
		defer mu.Unlock()
		came[i]++
	}
	for name, f := range map[string]pipeline.Flow[int]{
		"a chunk": pipeline.FromSlice(upTo(300)).Tap(seen).Skip(0),
		"a burst": pipeline.Expand(pipeline.FromSlice(upTo(300)), func(_ context.Context, i int) iter.Seq2[int, error] {
			return func(yield func(int, error) bool) {
				for k := range 20 {
					seen(20*i + k)
					if !yield(20*i+k, nil) {
						return
					}
				}
			}
		}, pipeline.Workers(2)),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				clear(came)
				ctx, cancel := context.WithCancel(t.Context())
				left := map[int]int{}
				err := f.OnUndelivered(func(i int) { left[i]++ }).ForEach(ctx, func(ctx context.Context, i int) error {
					left[i]++
					synctest.Wait() // all who can make something have
					cancel()
					<-ctx.Done()
					return ctx.Err()
				})
				require.ErrorIs(t, err, future.ErrCanceled)
				require.Equal(t, came, left)
			})
		})
	}
}
