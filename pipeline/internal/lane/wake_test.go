package lane_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pipeline/internal/lane"
)

// Each side parks before the other one puts: if a consumer parks without a
// second look, one Put is lost and the bubble is deadlocked.
func TestPingPong(t *testing.T) {
	rounds := uint64(30_000)
	if testing.Short() {
		rounds /= 10
	}
	eachWayIn(t, func(t *testing.T, open func(e *lane.Edge[int], n int) []producer) {
		for _, consumers := range []int{1, 3} {
			testkit.Ends(t, func(t *testing.T) {
				there, back := lane.New[int](lane.Config{Consumers: consumers}), lane.New[int](lane.Config{Consumers: 1})
				ping, pong := open(there, 1)[0], back.Lanes(consumers)
				var wg sync.WaitGroup
				for i := range consumers {
					wg.Go(func() {
						defer pong[i].Close()
						each(there.Consumer(i), func(v int) { pong[i].Put(0, v+1) })
					})
				}
				c := back.Consumer(0)
				for n := range rounds {
					require.True(t, ping.Put(n, int(n)))
					require.True(t, c.Take())
					require.Equal(t, int(n)+1, c.Item())
					require.False(t, c.Next())
				}
				ping.Close()
				require.False(t, c.Take())
				wg.Wait()
			})
		}
	})
}

// Two items that need each other must be run by two consumers at once: if a
// wake is not passed on, or passed on without a second look, one of them stays
// idle beside the second item and the bubble is deadlocked.
func TestPairsMeet(t *testing.T) {
	rounds := 20_000
	if testing.Short() {
		rounds /= 10
	}
	eachWayIn(t, func(t *testing.T, open func(e *lane.Edge[int], n int) []producer) {
		testkit.Ends(t, func(t *testing.T) {
			e := lane.New[int](lane.Config{Consumers: 3})
			in := open(e, 1)[0]
			meet, met := make(chan int), make(chan int)
			var wg sync.WaitGroup
			for i := range 3 {
				wg.Go(func() {
					each(e.Consumer(i), func(v int) {
						if v%2 == 0 {
							meet <- v
							return
						}
						met <- <-meet + 1 - v
					})
				})
			}
			for v := range rounds {
				in.Put(uint64(2*v), 2*v)
				in.Put(uint64(2*v+1), 2*v+1)
				require.Zero(t, <-met)
			}
			in.Close()
			wg.Wait()
		})
	})
}

// A Put between a look and the word that somebody is idle is seen by the second
// look: of the consumer that parks, and of the one that passes a wake on.
func TestAPutBetweenTwoLooks(t *testing.T) {
	eachWayIn(t, func(t *testing.T, open func(e *lane.Edge[int], n int) []producer) {
		for when := range 4 { // how many times a consumer has armed before
			testkit.Ends(t, func(t *testing.T) {
				e := lane.New[int](lane.Config{Consumers: 2})
				in := open(e, 1)[0]
				arms, put := 0, uint64(0)
				e.BeforeArm(func() {
					if arms == when {
						in.Put(put, int(put))
						put++
					}
					arms++
				})
				meet := make(chan int)
				var met atomic.Uint64
				var wg sync.WaitGroup
				for i := range 2 {
					wg.Go(func() {
						each(e.Consumer(i), func(int) {
							select {
							case meet <- 1:
							case <-meet:
							}
							met.Add(1)
						})
					})
				}
				synctest.Wait()
				for put < 2 || put%2 == 1 {
					put++
					in.Put(put-1, int(put-1))
					synctest.Wait()
				}
				require.Equal(t, put, met.Load(), "all have met, without the wake of Close")
				in.Close()
				wg.Wait()
			})
		}
	})
}
