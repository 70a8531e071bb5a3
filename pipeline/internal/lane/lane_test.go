package lane_test

import (
	"math"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pipeline/internal/lane"
)

// producer is what lanes and ports have in common.
type producer interface {
	Put(number uint64, v int) bool
	Skip(number uint64) bool
	Close()
}

var waysIn = map[string]func(e *lane.Edge[int], n int) []producer{
	"lanes": func(e *lane.Edge[int], n int) (ps []producer) {
		for _, l := range e.Lanes(n) {
			ps = append(ps, l)
		}
		return ps
	},
	"ring": func(e *lane.Edge[int], n int) (ps []producer) {
		for _, p := range e.Ring(n) {
			ps = append(ps, p)
		}
		return ps
	},
}

func eachWayIn(t *testing.T, fn func(t *testing.T, open func(e *lane.Edge[int], n int) []producer)) {
	for name, open := range waysIn {
		t.Run(name, func(t *testing.T) { fn(t, open) })
	}
}

// each calls fn for all that c gets.
func each(c *lane.Consumer[int], fn func(int)) {
	for c.Take() {
		for {
			fn(c.Item())
			if !c.Next() {
				break
			}
		}
	}
}

func TestTheNumberOfAnItemIsItsPlace(t *testing.T) {
	e := lane.New[int](lane.Config{Consumers: 1})
	in := e.Lanes(1)[0]
	c := e.Consumer(0)
	for round := range 3 {
		for i := range 10 {
			in.Put(0, round*10+i)
		}
		require.True(t, c.Take())
		for {
			require.EqualValues(t, c.Item(), c.Number())
			if !c.Next() {
				break
			}
		}
	}
}

func TestIndexesWrapAround(t *testing.T) {
	e := lane.New[int](lane.Config{Consumers: 1})
	in := e.Lanes(1)[0]
	in.StartAt(math.MaxUint32 - 100)
	want := 0
	var wg sync.WaitGroup
	wg.Go(func() {
		defer in.Close()
		for v := range 1000 {
			in.Put(0, v)
		}
	})
	each(e.Consumer(0), func(v int) {
		require.Equal(t, want, v)
		want++
	})
	wg.Wait()
	require.Equal(t, 1000, want)
}

func TestPutWaitsForRoom(t *testing.T) {
	eachWayIn(t, func(t *testing.T, open func(e *lane.Edge[int], n int) []producer) {
		testkit.Ends(t, func(t *testing.T) {
			e := lane.New[int](lane.Config{Consumers: 1, Ahead: 3})
			in := open(e, 1)[0]
			put := 0
			go func() {
				defer in.Close()
				for v := range 10 {
					in.Put(uint64(v), v)
					put = v + 1
				}
			}()
			synctest.Wait()
			require.Equal(t, 3, put)
			c := e.Consumer(0)
			require.True(t, c.Take())
			synctest.Wait()
			require.Equal(t, 4, put, "one is in the consumer's hand")
			n := 0
			for ok := true; ok; ok = c.Next() || c.Take() {
				n++
			}
			require.Equal(t, 10, n)
		})
	})
}

func TestStopWakesEverybody(t *testing.T) {
	eachWayIn(t, func(t *testing.T, open func(e *lane.Edge[int], n int) []producer) {
		testkit.Ends(t, func(t *testing.T) {
			e := lane.New[int](lane.Config{Consumers: 3, Ahead: 8})
			idle := lane.New[int](lane.Config{Consumers: 3})
			ps := open(e, 1)
			open(idle, 1)
			var wg sync.WaitGroup
			wg.Go(func() {
				n := uint64(0)
				for ps[0].Put(n, 1) {
					n++
				}
				require.False(t, ps[0].Put(n, 1))
			})
			for i := range 3 {
				wg.Go(func() { require.False(t, idle.Consumer(i).Take()) })
			}
			synctest.Wait()
			e.Stop()
			idle.Stop()
			e.Stop()
			wg.Wait()
			require.False(t, e.Consumer(0).Take())
		})
	})
}

func TestTakeUntilIsLateOnce(t *testing.T) {
	testkit.Ends(t, func(t *testing.T) {
		e := lane.New[int](lane.Config{Consumers: 1})
		in := e.Lanes(1)[0]
		c := e.Consumer(0)
		ok, late := c.TakeUntil(time.After(time.Second))
		require.False(t, ok)
		require.True(t, late)
		go func() {
			time.Sleep(time.Second)
			in.Put(0, 7)
		}()
		ok, late = c.TakeUntil(time.After(time.Minute))
		require.True(t, ok)
		require.False(t, late)
		require.Equal(t, 7, c.Item())
	})
}

// A lane grows while it is read quickly, and stays small for slow items.
func TestOnlyAQuickLaneGrows(t *testing.T) {
	for _, c := range []struct {
		work  time.Duration
		slots int
	}{{0, 4096}, {time.Millisecond, 64}} {
		t.Run(c.work.String(), func(t *testing.T) {
			testkit.Ends(t, func(t *testing.T) {
				e := lane.New[int](lane.Config{Consumers: 1})
				in := e.Lanes(1)[0]
				go func() {
					for in.Put(0, 1) {
					}
				}()
				n := 0
				each(e.Consumer(0), func(int) {
					if n++; n%64 == 0 {
						time.Sleep(64 * c.work)
						synctest.Wait() // full again
					}
					if n == 40_000 {
						require.Equal(t, c.slots, in.Slots())
						e.Stop()
					}
				})
			})
		})
	}
}

func TestLeftoverIsWhatNobodyBegan(t *testing.T) {
	eachWayIn(t, func(t *testing.T, open func(e *lane.Edge[int], n int) []producer) {
		testkit.Ends(t, func(t *testing.T) {
			e := lane.New[int](lane.Config{Consumers: 2})
			in := open(e, 1)[0]
			put := 0
			var wg sync.WaitGroup
			wg.Go(func() {
				for in.Put(uint64(put), put) {
					put++
				}
			})
			synctest.Wait()
			var began []int
			for i := range 2 {
				c := e.Consumer(i)
				require.True(t, c.Take())
				for range 200 {
					began = append(began, c.Item())
					require.True(t, c.Next() || c.Take())
				}
				began = append(began, c.Item())
				require.True(t, c.Next(), "it is inside a batch")
				began = append(began, c.Item())
			}
			e.Stop()
			require.False(t, e.Consumer(0).Next())
			wg.Wait()
			all := began
			e.Leftover(func(v int) { all = append(all, v) })
			slices.Sort(all)
			for i, v := range all {
				require.Equal(t, i, v)
			}
			require.GreaterOrEqual(t, len(all), put)
		})
	})
}
