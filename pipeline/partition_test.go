package pipeline_test

import (
	"context"
	"fmt"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/internal/race"
	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pipeline"
)

// keyLog notes what happens to each key.
type keyLog struct {
	mu   sync.Mutex
	busy map[int]bool
	last map[int]int
	bad  string
}

func (l *keyLog) begin(k, i int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.busy[k] {
		l.bad = fmt.Sprintf("two items of key %d at once", k)
	}
	if last, ok := l.last[k]; ok && last >= i {
		l.bad = fmt.Sprintf("item %d of key %d came after %d", i, k, last)
	}
	l.busy[k], l.last[k] = true, i
}

func (l *keyLog) end(k int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy[k] = false
}

// No two items of a key run at once, they run in order, and so do their results
// go on.
func TestPartitionKeepsTheOrderOfAKey(t *testing.T) {
	for name, opts := range ways {
		for _, keys := range []int{1, 7, 1000, 5000} {
			for _, most := range []time.Duration{1, time.Millisecond} {
				t.Run(fmt.Sprint(name, " ", keys, " ", most), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						log := keyLog{busy: map[int]bool{}, last: map[int]int{}}
						pause := jitter(1, most)
						n := 5000
						fn := func(_ context.Context, i int) (int, error) {
							log.begin(i%keys, i)
							defer log.end(i % keys)
							if most > 1 {
								time.Sleep(pause(i))
							}
							if i%11 == 0 {
								return 0, pipeline.ErrSkip
							}
							return i, nil
						}
						f := pipeline.Partition(pipeline.FromSlice(upTo(n)), modulo(keys), fn, opts...)
						got, last := map[int]bool{}, map[int]int{}
						ordered := true
						for i, err := range pipeline.Map(f, func(i int) int { return i }).All(t.Context()) {
							require.NoError(t, err)
							if before, ok := last[i%keys]; ok && before >= i {
								ordered = false
							}
							got[i], last[i%keys] = true, i
						}
						require.Empty(t, log.bad)
						require.Len(t, got, n-(n+10)/11)
						require.True(t, ordered || name == "unordered" || name == "unordered ahead")
					})
				})
			}
		}
	}
}

func TestPartitionRunsKeysInParallel(t *testing.T) {
	for _, on := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			var gauge testkit.Gauge
			opts := []pipeline.Option{pipeline.Workers(4)}
			if on {
				opts = append(opts, pipeline.On(newExecutor(4)))
			}
			begun := time.Now()
			err := pipeline.Partition(pipeline.FromSlice(upTo(400)), modulo(8), func(_ context.Context, i int) (int, error) {
				gauge.Enter()
				defer gauge.Leave()
				time.Sleep(time.Second)
				return i, nil
			}, opts...).Drain(t.Context())
			require.NoError(t, err)
			require.Equal(t, 4, gauge.Peak())
			require.Equal(t, 100*time.Second, time.Since(begun))
		})
	}
}

// One slow item holds nobody back but its own key, even if its worker has taken
// others as well.
func TestPartitionASlowItemAmongQuickOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		slow := 2000
		err := pipeline.Partition(pipeline.FromSlice(upTo(4000)), modulo(100), func(_ context.Context, i int) (int, error) {
			if i == slow {
				time.Sleep(time.Hour)
			} else if i%100 != slow%100 && time.Since(begun) > 0 {
				t.Error("item", i, "waited")
			}
			return i, nil
		}, pipeline.Workers(2)).Drain(t.Context())
		require.NoError(t, err)
		require.Equal(t, time.Hour, time.Since(begun))
	})
}

// A hot key holds the others back only when as many of its items wait as the
// documentation says.
func TestPartitionAHotKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		var mu sync.Mutex
		others := 0
		hot := func(i int) int { return i % 2 * i } // all even items
		err := pipeline.Partition(endless(), hot, func(ctx context.Context, i int) (int, error) {
			if i%2 == 0 {
				<-ctx.Done()
				return 0, ctx.Err()
			}
			mu.Lock()
			defer mu.Unlock()
			others++
			return i, nil
		}, pipeline.Workers(3)).Drain(ctx)
		require.Error(t, err)
		require.GreaterOrEqual(t, others, 256)
		require.LessOrEqual(t, others, 256+256+1)
	})
}

func TestPartitionNamesTheItem(t *testing.T) {
	for name, opts := range ways {
		for _, at := range []int{0, 1, 500, 999} {
			t.Run(fmt.Sprint(name, at), func(t *testing.T) {
				var e *pipeline.Error
				fail := func(_ context.Context, i int) (int, error) {
					if i == at {
						panic("oops")
					}
					return i, nil
				}
				opts := append([]pipeline.Option{pipeline.Name("store")}, opts...)
				require.ErrorAs(t, pipeline.Partition(pipeline.FromSlice(upTo(1000)), modulo(30), fail, opts...).Drain(t.Context()), &e)
				require.Equal(t, "store", e.Stage)
				require.EqualValues(t, at, e.Item)
				key := func(i int) int {
					if i == at {
						panic("oops")
					}
					return i
				}
				require.ErrorAs(t, pipeline.Partition(pipeline.FromSlice(upTo(1000)), key, double, opts...).Drain(t.Context()), &e)
				require.EqualValues(t, at, e.Item)
			})
		}
	}
}

// Keys that have nothing to do are forgotten.
func TestPartitionForgetsKeys(t *testing.T) {
	if race.Enabled || testing.Short() {
		t.Skip("long")
	}
	for name, key := range map[string]func(int) float64{
		"new ones": func(i int) float64 { return float64(i) },
		"NaN":      func(int) float64 { return math.NaN() },
	} {
		t.Run(name, func(t *testing.T) {
			f := pipeline.Partition(endless(), key, double, pipeline.Workers(2))
			var early, late uint64
			n := 0
			for range f.All(t.Context()) {
				switch n++; n {
				case 50_000:
					early = heap()
				case 500_000:
					late = heap()
				}
				if late != 0 {
					break
				}
			}
			require.Less(t, late, early+1<<20)
		})
	}
}

// Allocations are for what a run begins with, not for its items.
func TestPartitionNoAllocationForAnItem(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	eachWay(t, func(t *testing.T, opts []pipeline.Option) {
		for _, keys := range []int{10, 1000, 3000} {
			allocs := func(n int) float64 {
				items := upTo(n)
				return testing.AllocsPerRun(3, func() {
					require.NoError(t, pipeline.Partition(pipeline.FromSlice(items), modulo(keys), double, opts...).Drain(context.Background()))
				})
			}
			few, many := allocs(10_000), allocs(100_000)
			require.Less(t, many, few+3000, "%d keys", keys)
		}
	})
}
