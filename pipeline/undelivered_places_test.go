package pipeline_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/pipeline"
)

// left is what a point was told, once for each item.
type left struct {
	mu   sync.Mutex
	seen map[int]int
}

func (l *left) see(i int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen == nil {
		l.seen = map[int]int{}
	}
	l.seen[i]++
}

// waitsFor ends with ctx, or when the time has come.
func waitsFor(d time.Duration) waiter {
	return func(ctx context.Context) error {
		select {
		case <-time.After(d):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Each item that was taken is delivered or seen, once: with the stop at the
// first, in the middle, and after the last one.
func TestUndeliveredInEveryPlace(t *testing.T) {
	const items = 20
	never := pipeline.Generate(func(ctx context.Context, yield func(int) bool) error {
		<-ctx.Done()
		return ctx.Err()
	})
	for name, stage := range map[string]pipeline.Stage[int, int]{
		"merge": func(f pipeline.Flow[int]) pipeline.Flow[int] { return pipeline.Merge(f, never) },
		"merge and workers": func(f pipeline.Flow[int]) pipeline.Flow[int] {
			return pipeline.Merge(never, f)
		},
		"branch": func(f pipeline.Flow[int]) pipeline.Flow[int] { // the point stands at its end
			return pipeline.Merge(f, pipeline.Split(never, func(int) bool { return true }, identity, identity))
		},
		"throttle": func(f pipeline.Flow[int]) pipeline.Flow[int] { return f.Throttle(waitsFor(time.Second)) },
		"zip": func(f pipeline.Flow[int]) pipeline.Flow[int] {
			return pipeline.Zip(f, paced(time.Second, 1<<20), func(a, _ int) int { return a })
		},
		"zip that ends": func(f pipeline.Flow[int]) pipeline.Flow[int] {
			return pipeline.Zip(f, pipeline.FromSlice(upTo(items/2)), func(a, _ int) int { return a })
		},
		"debounce": func(f pipeline.Flow[int]) pipeline.Flow[int] { return f.Debounce(time.Millisecond) },
	} {
		for _, stop := range []time.Duration{0, 1500 * time.Millisecond, 10 * time.Second, time.Hour} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var l left
					came := 0
					f := paced(time.Second, items).Tap(func(i int) { came++ }).OnUndelivered(l.see)
					f = stage(f).OnUndelivered(func(i int) {
						if name != "merge" && name != "merge and workers" && name != "branch" { // both see it
							l.see(i)
						}
					})
					ctx, cancel := context.WithTimeout(t.Context(), stop+time.Nanosecond)
					defer cancel()
					_ = f.ForEach(ctx, func(_ context.Context, i int) error { l.see(i); return nil })
					require.Len(t, l.seen, came)
					for i, n := range l.seen {
						require.Equal(t, 1, n, "item %d", i)
					}
				})
			})
		}
	}
}

// What a subscription has not given to its run is seen by a point behind it.
func TestUndeliveredOfASubscription(t *testing.T) {
	for _, o := range []pipeline.Overflow{pipeline.Block, pipeline.DropOldest, pipeline.DropNewest} {
		for _, stopped := range []int{1, 5, 10} {
			t.Run(o.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var l left
					topic := pipeline.NewTopic[int]()
					f := topic.Subscribe(10, o).OnUndelivered(l.see)
					for i := range 10 {
						require.NoError(t, topic.Publish(t.Context(), i))
					}
					n := 0
					err := f.ForEach(t.Context(), func(_ context.Context, i int) error {
						l.see(i)
						if n++; n == stopped {
							return errBoom
						}
						return nil
					})
					require.ErrorIs(t, err, errBoom)
					require.Len(t, l.seen, 10)
					for i, n := range l.seen {
						require.Equal(t, 1, n, "item %d", i)
					}
				})
			})
		}
	}
}

// A run that is told to stop does not read the buffer to its end: what is left
// there is seen.
func TestUndeliveredOfASubscriptionThatIsStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l left
		topic := pipeline.NewTopic[int]()
		f := topic.Subscribe(200, pipeline.Block).OnUndelivered(l.see).InFlight(1)
		for i := range 200 {
			require.NoError(t, topic.Publish(t.Context(), i))
		}
		r := f.Start(t.Context(), func(_ context.Context, i int) error {
			time.Sleep(time.Second)
			l.see(i)
			return nil
		})
		time.Sleep(10 * time.Second)
		require.NoError(t, r.Stop(t.Context()))
		require.Len(t, l.seen, 200)
	})
}

// A branch of GroupBy that has ended leaves nothing of its points behind, whether
// they stand in it or at its end.
func TestOnUndeliveredEndsWithItsBranch(t *testing.T) {
	for name, each := range map[string]pipeline.Stage[int, int]{
		"inside": func(f pipeline.Flow[int]) pipeline.Flow[int] {
			return pipeline.Then(f.OnUndelivered(func(int) {}).Take(1), double)
		},
		"at the end": func(f pipeline.Flow[int]) pipeline.Flow[int] { return f.Take(1).OnUndelivered(func(int) {}) },
	} {
		t.Run(name, func(t *testing.T) {
			f := pipeline.GroupBy(endless(), func(i int) int { return i / 2 }, func(_ int, f pipeline.Flow[int]) pipeline.Flow[int] { return each(f) })
			var early, late uint64
			n := 0
			for range f.All(t.Context()) {
				switch n++; n {
				case 30_000:
					early = heap()
				case 100_000:
					late = heap()
				}
				if late != 0 {
					break
				}
			}
			require.Less(t, late, early+16<<20)
		})
	}
}
