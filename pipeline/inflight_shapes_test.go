package pipeline_test

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/pipeline"
)

// passed follows items from a gate to the end: each is in flight as long as
// any part of it is left.
type passed struct {
	mu   sync.Mutex
	left map[int]int // parts of each item
	peak int
}

func (p *passed) add(i, parts int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left == nil {
		p.left = map[int]int{}
	}
	if p.left[i] += parts; p.left[i] == 0 {
		delete(p.left, i)
	}
	p.peak = max(p.peak, len(p.left))
}

// wide are the steps behind a gate whose items go several ways, wait for their
// keys, or in a box. Each makes parts of an item.
var wide = map[string]struct {
	stage pipeline.Stage[int, int]
	parts int
}{
	"partition": {partitioned(3, 4), 1},
	"partition, unordered": {func(f pipeline.Flow[int]) pipeline.Flow[int] {
		return pipeline.Partition(f, modulo(3), resting, pipeline.Workers(4), pipeline.Unordered())
	}, 1},
	"partition of one worker": {partitioned(5, 1), 1},
	"buffer":                  {func(f pipeline.Flow[int]) pipeline.Flow[int] { return f.Buffer(20, pipeline.Block) }, 1},
	"buffer and workers": {func(f pipeline.Flow[int]) pipeline.Flow[int] {
		return pipeline.Then(f.Buffer(20, pipeline.Block), resting, pipeline.Workers(2))
	}, 1},
	"buffer and a fused step": {func(f pipeline.Flow[int]) pipeline.Flow[int] {
		return f.Buffer(20, pipeline.Block).Filter(func(int) bool { return true })
	}, 1},
	"buffer behind workers": {func(f pipeline.Flow[int]) pipeline.Flow[int] {
		return pipeline.Then(f, resting, pipeline.Workers(2)).Buffer(20, pipeline.Block)
	}, 1},
	"buffer and partition": {func(f pipeline.Flow[int]) pipeline.Flow[int] {
		return partitioned(2, 2)(f.Buffer(20, pipeline.Block))
	}, 1},
	"split": {func(f pipeline.Flow[int]) pipeline.Flow[int] {
		return pipeline.Split(f, func(i int) bool { return i%3 == 0 }, thenResting, partitioned(2, 2))
	}, 1},
	"split of fused branches": {func(f pipeline.Flow[int]) pipeline.Flow[int] {
		return pipeline.Split(f, func(i int) bool { return i%3 == 0 }, identity, identity)
	}, 1},
	"broadcast": {func(f pipeline.Flow[int]) pipeline.Flow[int] {
		return pipeline.Broadcast(f, thenResting, identity, partitioned(2, 2))
	}, 3},
	"flatmap": {func(f pipeline.Flow[int]) pipeline.Flow[int] {
		return pipeline.FlatMap(thenResting(f), threeOf)
	}, 3},
	"expand": {func(f pipeline.Flow[int]) pipeline.Flow[int] {
		return pipeline.Expand(f, threeSlow)
	}, 3},
	"expand, workers": {func(f pipeline.Flow[int]) pipeline.Flow[int] {
		return pipeline.Expand(f, threeSlow, pipeline.Workers(3))
	}, 3},
	"expand, unordered": {func(f pipeline.Flow[int]) pipeline.Flow[int] {
		return pipeline.Expand(f, threeSlow, pipeline.Workers(3), pipeline.Unordered())
	}, 3},
	"groupby": {func(f pipeline.Flow[int]) pipeline.Flow[int] { return grouped(f, thenResting) }, 1},
	"groupby of fused branches": {func(f pipeline.Flow[int]) pipeline.Flow[int] {
		return grouped(f, identity)
	}, 1},
	"groupby of partitions": {func(f pipeline.Flow[int]) pipeline.Flow[int] {
		return grouped(f, partitioned(2, 2))
	}, 1},
	"groupby of buffers": {func(f pipeline.Flow[int]) pipeline.Flow[int] {
		return grouped(f, func(f pipeline.Flow[int]) pipeline.Flow[int] {
			return thenResting(f.Buffer(9, pipeline.Block))
		})
	}, 1},
	"groupby in groupby": {func(f pipeline.Flow[int]) pipeline.Flow[int] {
		return grouped(f, func(f pipeline.Flow[int]) pipeline.Flow[int] {
			return grouped(thenResting(f), func(f pipeline.Flow[int]) pipeline.Flow[int] {
				return grouped(f, thenResting)
			})
		})
	}, 1},
	"groupby of branches that end": {func(f pipeline.Flow[int]) pipeline.Flow[int] {
		return pipeline.GroupBy(f, func(i int) int { return i / 5 }, func(_ int, f pipeline.Flow[int]) pipeline.Flow[int] {
			return thenResting(f).Take(5)
		})
	}, 1},
	"groupby behind workers": {func(f pipeline.Flow[int]) pipeline.Flow[int] {
		return grouped(pipeline.Then(f, resting, pipeline.Workers(3)), thenResting)
	}, 1},
	"broadcast in groupby": {func(f pipeline.Flow[int]) pipeline.Flow[int] {
		return grouped(thenResting(f), func(f pipeline.Flow[int]) pipeline.Flow[int] {
			return pipeline.Broadcast(f, thenResting, identity)
		})
	}, 2},
	"timed batches": {func(f pipeline.Flow[int]) pipeline.Flow[int] {
		return pipeline.FlatMap(pipeline.Batch(f, 1, time.Second), func(b []int) iter.Seq[int] {
			return func(yield func(int) bool) { yield(b[0]) }
		})
	}, 1},
}

func resting(_ context.Context, i int) (int, error) {
	time.Sleep(jitter(3, 2*time.Millisecond)(i))
	return i, nil
}

func thenResting(f pipeline.Flow[int]) pipeline.Flow[int] { return pipeline.Then(f, resting) }

func partitioned(keys, workers int) pipeline.Stage[int, int] {
	return func(f pipeline.Flow[int]) pipeline.Flow[int] {
		return pipeline.Partition(f, modulo(keys), resting, pipeline.Workers(workers))
	}
}

func grouped(f pipeline.Flow[int], each pipeline.Stage[int, int]) pipeline.Flow[int] {
	return pipeline.GroupBy(f, modulo(4), func(_ int, f pipeline.Flow[int]) pipeline.Flow[int] { return each(f) })
}

func threeOf(i int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for range 3 {
			if !yield(i) {
				return
			}
		}
	}
}

func threeSlow(_ context.Context, i int) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for range 3 {
			time.Sleep(jitter(5, time.Millisecond)(i))
			if !yield(i, nil) {
				return
			}
		}
	}
}

// Whatever is behind the gate: no more items than its bound are between it and
// the end, with a terminal that is slow, and with one that is quick. All come to
// the end.
func TestTheBoundOfInFlightWhateverIsBehind(t *testing.T) {
	const items = 60
	for name, w := range wide {
		for _, n := range []int{1, 3, 10} {
			for _, slow := range []time.Duration{0, time.Millisecond} {
				for _, before := range []string{"source", "then"} {
					t.Run(fmt.Sprint(name, " ", n, " ", slow, " ", before), func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) {
							var p passed
							f := pipeline.FromSlice(upTo(items))
							if before == "then" {
								f = pipeline.Then(f, double).Filter(func(int) bool { return true })
							}
							f = f.InFlight(n).Tap(func(i int) { p.add(i, w.parts) })
							got := 0
							require.NoError(t, w.stage(f).ForEach(t.Context(), func(_ context.Context, i int) error {
								time.Sleep(slow)
								p.add(i, -1)
								got++
								return nil
							}))
							require.Equal(t, items*w.parts, got)
							require.Empty(t, p.left)
							require.LessOrEqual(t, p.peak, n)
							if n > 1 && slow > 0 && w.parts == 1 && name != "timed batches" {
								require.Equal(t, n, p.peak, "the bound is used")
							}
						})
					})
				}
			}
		}
	}
}
