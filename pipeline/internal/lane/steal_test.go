package lane_test

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pipeline/internal/lane"
)

// Consumers that steal from each other all the time must not run an item
// twice, nor lose one: if a thief does not look at the claim again, they do.
func TestEachItemOnce(t *testing.T) {
	const items = 60_000
	const consumers = 4
	eachWayIn(t, func(t *testing.T, open func(e *lane.Edge[int], n int) []producer) {
		for _, followed := range []bool{false, true} {
			e := lane.New[int](lane.Config{Consumers: consumers})
			in := open(e, 1)[0]
			out := lane.New[int](lane.Config{Consumers: 1})
			var outs []producer
			var ports []*lane.Port[int]
			var lanes []*lane.Lane[int]
			if followed {
				ports = out.Ring(consumers)
			} else {
				lanes = out.Lanes(consumers)
			}
			for i := range consumers {
				if followed {
					e.Consumer(i).Follow(ports[i].Done)
					outs = append(outs, ports[i])
				} else {
					e.Consumer(i).Share(lanes[i])
					outs = append(outs, lanes[i])
				}
			}
			if followed {
				e.Limit(ports[0].Share())
			}
			ran := make([]atomic.Int32, items)
			var wg sync.WaitGroup
			for i := range consumers {
				wg.Go(func() {
					defer outs[i].Close()
					c := e.Consumer(i)
					for c.Take() {
						for {
							v := c.Item()
							ran[v].Add(1)
							if v%5 == 0 {
								outs[i].Skip(c.Number())
							} else {
								outs[i].Put(c.Number(), v)
							}
							if !c.Next() {
								break
							}
						}
					}
				})
			}
			wg.Go(func() {
				defer in.Close()
				for v := range items {
					in.Put(uint64(v), v)
					for range v % 64 { // slow enough that consumers run dry
						_ = ran[v].Load()
					}
				}
			})
			var got []int
			each(out.Consumer(0), func(v int) { got = append(got, v) })
			wg.Wait()
			for v := range ran {
				require.EqualValues(t, 1, ran[v].Load(), "item %d", v)
			}
			require.Len(t, got, items-items/5)
			if followed {
				require.True(t, slices.IsSorted(got))
			}
		}
	})
}

// What a consumer has taken and cannot come to is run by its sibling: all of
// it, in the end, but for the item that it is at.
func TestASiblingStealsWhatWaits(t *testing.T) {
	for _, followed := range []bool{false, true} {
		testkit.Ends(t, func(t *testing.T) {
			e := lane.New[int](lane.Config{Consumers: 2})
			in := e.Lanes(1)[0]
			out := lane.New[int](lane.Config{Consumers: 1, Ahead: 5000})
			outs := out.Ring(2)
			if followed {
				e.Consumer(0).Follow(outs[0].Done)
				e.Consumer(1).Follow(outs[1].Done)
			}
			go func() {
				defer in.Close()
				for v := range 1000 {
					in.Put(0, v)
				}
			}()
			var stuck int
			var wg sync.WaitGroup
			wg.Go(func() {
				c := e.Consumer(0)
				each(c, func(v int) {
					if v == 700 {
						time.Sleep(time.Hour)
						stuck++
					}
					outs[0].Put(c.Number(), v)
				})
			})
			synctest.Wait() // 700 is inside a batch of many
			c := e.Consumer(1)
			last := time.Now()
			each(c, func(v int) {
				require.NotEqual(t, 700, v)
				outs[1].Put(c.Number(), v)
				require.Equal(t, last, time.Now(), "while its sibling sleeps")
			})
			wg.Wait()
			require.Equal(t, 1, stuck)
			outs[0].Close()
			outs[1].Close()
			want := 0
			each(out.Consumer(0), func(v int) {
				require.Equal(t, want, v)
				want++
			})
			require.Equal(t, 1000, want)
		})
	}
}

// A victim that goes on while it is being robbed keeps what it has claimed,
// even beyond the thief's cut.
func TestAThiefGivesWay(t *testing.T) {
	for _, c := range []struct{ claimed, stolen int }{{0, 8}, {7, 8}, {8, 7}, {11, 4}, {15, 0}} {
		e := lane.New[int](lane.Config{Consumers: 2})
		in := e.Lanes(1)[0]
		victim, thief := e.Consumer(0), e.Consumer(1)
		for v := range 16 {
			in.Put(0, v)
		}
		in.Close()
		victim.TakesUpTo(16)
		looks := 0
		victim.Follow(func(number uint64) bool {
			if number == 0 {
				looks++
			}
			// The thief looks twice to see whether there is anything to steal,
			// and once more when it has set the limit.
			return looks > 2 && number < uint64(c.claimed)
		})
		require.True(t, victim.Take())
		stolen := 0
		for ok := thief.Take(); ok; ok = thief.Next() {
			require.Greater(t, thief.Item(), c.claimed)
			stolen++
		}
		require.Equal(t, c.stolen, stolen)
		kept := 1
		for victim.Next() {
			kept++
		}
		require.Equal(t, 16, kept+stolen)
	}
}

// A victim that meets the thief's limit before the thief gives way waits for
// the thief, and keeps its item.
func TestAVictimWaitsForTheThief(t *testing.T) {
	for range 50 {
		e := lane.New[int](lane.Config{Consumers: 2})
		in := e.Lanes(1)[0]
		victim, thief := e.Consumer(0), e.Consumer(1)
		for v := range 16 {
			in.Put(0, v)
		}
		in.Close()
		victim.TakesUpTo(16)
		looks := 0
		kept := make(chan int, 1)
		victim.Follow(func(number uint64) bool {
			if number == 0 {
				looks++
			}
			if number == 0 && looks == 3 { // the limit is 8 now, and mu is held
				go func() {
					n := 8
					for victim.Next() {
						n++
					}
					kept <- n
				}()
				for range 50 {
					runtime.Gosched()
				}
			}
			return looks > 2 && number < 8
		})
		require.True(t, victim.Take())
		for range 7 {
			require.True(t, victim.Next())
		}
		stolen := 0
		for ok := thief.Take(); ok; ok = thief.Next() {
			stolen++
		}
		require.Equal(t, 7, stolen)
		require.Equal(t, 9, <-kept)
	}
}
