package lane_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pipeline/internal/lane"
)

var fullBoxes = map[string]lane.Full{"wait": lane.Wait, "oldest": lane.DropOldest, "newest": lane.DropNewest}

func TestAFullBox(t *testing.T) {
	for name, want := range map[string][]int{"oldest": {3, 4}, "newest": {0, 1}} {
		var dropped atomic.Int64
		e := lane.New[int](lane.Config{Consumers: 1, Ahead: 2})
		in := e.Box(2, fullBoxes[name], &dropped)
		for v := range 5 {
			require.True(t, in.Put(0, v))
		}
		in.Close()
		var got []int
		each(e.Consumer(0), func(v int) { got = append(got, v) })
		require.Equal(t, want, got, name)
		require.EqualValues(t, 3, dropped.Load(), name)
	}
}

func TestABoxThatWaits(t *testing.T) {
	for _, ahead := range []int{1, 3, 100} {
		testkit.Ends(t, func(t *testing.T) {
			e := lane.New[int](lane.Config{Consumers: 1, Ahead: ahead})
			in := e.Box(ahead, lane.Wait, nil)
			put := 0
			go func() {
				defer in.Close()
				for v := range 1000 {
					in.Put(0, v)
					put = v + 1
				}
			}()
			synctest.Wait()
			require.LessOrEqual(t, put, ahead)
			c := e.Consumer(0)
			require.True(t, c.Take())
			synctest.Wait()
			require.Equal(t, ahead+1, put, "and one in the consumer's hand")
			n := 0
			for ok := true; ok; ok = c.Next() || c.Take() {
				require.Equal(t, n, c.Item())
				n++
			}
			require.Equal(t, 1000, n)
		})
	}
}

func TestTakeBack(t *testing.T) {
	testkit.Ends(t, func(t *testing.T) {
		e := lane.New[int](lane.Config{Consumers: 1})
		in := e.Box(1, lane.DropOldest, nil)
		_, ok := in.TakeBack()
		require.False(t, ok)
		in.Put(0, 1)
		v, ok := in.TakeBack()
		require.True(t, ok)
		require.Equal(t, 1, v)
		got := make(chan int)
		go each(e.Consumer(0), func(v int) { got <- v })
		synctest.Wait() // it is idle, and nothing is there
		in.Put(0, 2)
		require.Equal(t, 2, <-got)
		in.Put(0, 3)
		e.Stop()
		_, ok = in.TakeBack()
		require.False(t, ok, "it belongs to Leftover now")
	})
}

func TestStopOfABoxKeepsWhatIsLeft(t *testing.T) {
	for name, full := range fullBoxes {
		testkit.Ends(t, func(t *testing.T) {
			e := lane.New[int](lane.Config{Consumers: 1, Ahead: 2})
			in := e.Box(2, full, nil)
			var wg sync.WaitGroup
			wg.Go(func() {
				for v := range 3 {
					in.Put(0, v)
				}
			})
			synctest.Wait()
			e.Stop()
			wg.Wait()
			require.False(t, in.Put(0, 9), name)
			var left []int
			in.Leftover(func(v int) { left = append(left, v) })
			want := map[string][]int{"wait": {0, 1, 2, 9}, "oldest": {1, 2, 9}, "newest": {0, 1, 9}}[name]
			require.Equal(t, want, left, name)
		})
	}
}

// Whatever a box does not drop comes to one of the consumers, once.
func TestABoxUnderLoad(t *testing.T) {
	for name, full := range fullBoxes {
		for _, consumers := range []int{1, 4} {
			var dropped, got atomic.Int64
			e := lane.New[int](lane.Config{Consumers: consumers, Ahead: 16})
			in := e.Box(16, full, &dropped)
			var wg sync.WaitGroup
			for i := range consumers {
				wg.Go(func() {
					last := -1
					each(e.Consumer(i), func(v int) {
						if v <= last && consumers == 1 {
							t.Errorf("%d after %d", v, last)
						}
						last = v
						got.Add(1)
					})
				})
			}
			for v := range 20_000 {
				in.Put(0, v)
			}
			in.Close()
			wg.Wait()
			require.EqualValues(t, 20_000, dropped.Load()+got.Load(), name)
			if full == lane.Wait {
				require.Zero(t, dropped.Load())
			}
		}
	}
}

func TestFIFOIsASlice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q lane.FIFO[int]
		var model []int
		for i := range rapid.IntRange(0, 200).Draw(t, "steps") {
			if len(model) > 0 && rapid.IntRange(0, 2).Draw(t, "pop") == 0 {
				if got := q.Pop(); got != model[0] {
					t.Fatalf("got %d, want %d", got, model[0])
				}
				model = model[1:]
			} else {
				q.Push(i)
				model = append(model, i)
			}
			if q.Len() != len(model) {
				t.Fatalf("Len is %d, want %d", q.Len(), len(model))
			}
			for i, v := range model {
				if q.At(i) != v {
					t.Fatalf("At(%d) is %d, want %d", i, q.At(i), v)
				}
			}
		}
	})
}
