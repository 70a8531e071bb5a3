package pipeline_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/thence-go/thence/pipeline"
)

// Whenever a Partition is stopped: what has come was begun or is reported, and
// nothing is both or twice.
func TestOnUndeliveredSeesWhatAPartitionHolds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		keys := rapid.IntRange(1, 20).Draw(rt, "keys")
		workers := rapid.IntRange(1, 4).Draw(rt, "workers")
		items := rapid.IntRange(0, 800).Draw(rt, "items")
		stop := time.Duration(rapid.IntRange(0, 40).Draw(rt, "stop")) * time.Millisecond
		slow := rapid.IntRange(1, 50).Draw(rt, "slow")
		opts := []pipeline.Option{pipeline.Workers(workers)}
		if rapid.Bool().Draw(rt, "unordered") {
			opts = append(opts, pipeline.Unordered())
		}
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			seen := map[int]int{}
			came := 0
			see := func(i int) { mu.Lock(); seen[i]++; mu.Unlock() }
			f := pipeline.FromSlice(upTo(items)).Tap(func(int) { came++ }).OnUndelivered(see)
			f = pipeline.Partition(f, modulo(keys), func(_ context.Context, i int) (int, error) {
				see(i)
				if i%slow == 0 {
					time.Sleep(10 * time.Millisecond)
				}
				return i, nil
			}, opts...)
			ctx, cancel := context.WithTimeout(t.Context(), stop+time.Microsecond)
			defer cancel()
			_ = f.Drain(ctx)
			require.Len(t, seen, came)
			for i, n := range seen {
				require.Equal(t, 1, n, "item %d", i)
			}
		})
	})
}

// A branch that has ended leaves no goroutine of its Progress behind.
func TestProgressEndsWithItsBranch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told sync.Map
		most, lines := 0, 0
		f := paced(time.Second, 300)
		g := pipeline.GroupBy(f, func(i int) int { return i }, func(k int, f pipeline.Flow[int]) pipeline.Flow[int] {
			return f.Progress(time.Hour, func(p pipeline.Progress) { told.Store(k, p.Done) }).Take(1)
		})
		for range g.All(t.Context()) {
			synctest.Wait()
			lines++
			n := 0
			told.Range(func(any, any) bool { n++; return true })
			most = max(most, lines-n)
		}
		require.Equal(t, 300, lines)
		require.LessOrEqual(t, most, 2, "told when the branch has ended")
	})
}
