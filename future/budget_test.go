package future_test

import (
	"context"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/thence-go/thence/future"
)

// drain counts the tokens that there are.
func drain(b *future.Budget) (n int) {
	for n < 1e6 && b.Spend() {
		n++
	}
	return n
}

func earn(b *future.Budget, n int) {
	for range n {
		b.Earn()
	}
}

func TestBudgetIsExact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := future.NewBudget(0.2, 10)
		require.Equal(t, 100, drain(b), "ten seconds' worth at the start")
		time.Sleep(100*time.Millisecond - 1)
		require.Equal(t, 0, drain(b))
		time.Sleep(time.Nanosecond)
		require.Equal(t, 1, drain(b), "ten a second")
		time.Sleep(time.Hour)
		require.Equal(t, 100, drain(b), "no more than that is kept")

		earn(b, 4)
		require.Equal(t, 0, drain(b))
		earn(b, 1)
		require.Equal(t, 1, drain(b), "a fifth of the successes")
		earn(b, 3)
		time.Sleep(40 * time.Millisecond)
		require.Equal(t, 1, drain(b), "0.6 earned and 0.4 from the floor")
		require.Equal(t, 0, drain(b))
	})
}

func TestBudgetCreditExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := future.NewBudget(1, 0)
		require.Equal(t, 0, drain(b), "no floor")
		for range 10 {
			earn(b, 1)
			time.Sleep(time.Second)
		}
		require.Equal(t, 9, drain(b), "the first is ten seconds old")
		earn(b, 5)
		time.Sleep(10*time.Second - 1)
		require.True(t, b.Spend())
		time.Sleep(time.Nanosecond)
		require.Equal(t, 0, drain(b))

		earn(b, 1)
		time.Sleep(5 * time.Second)
		earn(b, 1)
		require.True(t, b.Spend())
		time.Sleep(5 * time.Second)
		require.Equal(t, 1, drain(b), "the oldest was spent first")
	})
}

func TestBudgetOfLittleOrNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := future.NewBudget(0, 1.0/60)
		require.Equal(t, 1, drain(slow))
		time.Sleep(59 * time.Second)
		require.Equal(t, 0, drain(slow))
		time.Sleep(time.Hour)
		require.Equal(t, 1, drain(slow), "one token is always kept")
		require.Equal(t, 0, drain(future.NewBudget(0, 0)))
		require.Equal(t, 0, drain(new(future.Budget)))
		require.Equal(t, 1, drain(future.NewBudget(0, 1e-300)))
		third := future.NewBudget(0, 3)
		require.Equal(t, 30, drain(third))
		time.Sleep(time.Second)
		require.Equal(t, 2, drain(third), "a third of a second is rounded up")
		time.Sleep(2 * time.Nanosecond)
		require.Equal(t, 1, drain(third))
	})
	for _, bad := range [][2]float64{{-1, 0}, {1001, 0}, {math.NaN(), 0}, {0, -1}, {0, math.Inf(1)}, {0, math.NaN()}} {
		require.Contains(t, panicText(func() { future.NewBudget(bad[0], bad[1]) }), "future: NewBudget needs a ")
	}
}

// A budget that a package keeps is used in one bubble after another.
func TestLaw12_OneBudgetInManyBubbles(t *testing.T) {
	b := future.NewBudget(0, 10)
	require.Equal(t, 100, drain(b))
	for range 2 {
		synctest.Test(t, func(t *testing.T) {
			drain(b)
			time.Sleep(time.Second)
			require.Equal(t, 10, drain(b))
		})
	}
}

// Whatever happens in whatever order: never more than floor x time + ratio x
// successes + what there is at the start.
func TestLaw8_BudgetBoundsRetries(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		ratio := float64(rapid.IntRange(0, 2000).Draw(rt, "ratio in thousandths")) / 1000
		floor := float64(rapid.IntRange(0, 50_000).Draw(rt, "floor in thousandths")) / 1000
		steps := rapid.SliceOfN(rapid.IntRange(0, 3), 1, 60).Draw(rt, "steps")
		waits := rapid.SliceOfN(rapid.Int64Range(1, int64(20*time.Second)), len(steps), len(steps)).Draw(rt, "waits")
		synctest.Test(t, func(t *testing.T) {
			b := future.NewBudget(ratio, floor)
			initial := floor * 10
			if floor > 0 {
				initial = max(initial, 1)
			}
			start, earned, spent := time.Now(), 0, 0
			for i, step := range steps {
				switch step {
				case 0:
					time.Sleep(time.Duration(waits[i]))
				case 1:
					n := int(waits[i] % 40)
					earn(b, n)
					earned += n
				case 2:
					spent += drain(b)
				case 3:
					if b.Spend() {
						spent++
					}
				}
				limit := floor*time.Since(start).Seconds() + ratio*float64(earned) + initial
				if float64(spent) > limit+1e-6 {
					rt.Fatalf("%d spent, at most %v may be", spent, limit)
				}
			}
		})
	})
}

func TestBudgetIsSharedByManyGoroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := future.NewBudget(0.5, 10)
		var wg sync.WaitGroup
		spent := make([]int, 8)
		for i := range spent {
			wg.Go(func() {
				for range 1000 {
					b.Earn()
					if b.Spend() {
						spent[i]++
					}
				}
			})
		}
		wg.Wait()
		sum := drain(b)
		for _, n := range spent {
			sum += n
		}
		require.Equal(t, 100+4000, sum, "none is lost, none is made twice")
	})
}

// An outage: of all retries that policies would make, the budget lets through
// what it promises, and the errors say why there were no more.
func TestLaw8_RetriesCannotStorm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := future.NewBudget(0.2, 1)
		calls, refused := 0, 0
		down := future.Retry(future.RetryPolicy{Attempts: 5, Base: 1, Max: 1, Budget: b}, func(context.Context) (int, error) {
			calls++
			return 0, errDisk
		})
		for range 1000 {
			_, err := down(context.Background())
			require.ErrorIs(t, err, errDisk)
			var failed *future.RetryError
			require.ErrorAs(t, err, &failed)
			if failed.Attempts < 5 {
				refused++
				require.ErrorIs(t, err, future.ErrBudget)
				require.ErrorContains(t, err, ", the retry budget is empty: disk")
			} else {
				require.NotErrorIs(t, err, future.ErrBudget)
			}
		}
		require.Equal(t, 1010, calls)
		require.Equal(t, 998, refused) // two calls had four retries, one had two
		up := future.Retry(future.RetryPolicy{Budget: b}, func(context.Context) (int, error) { return 1, nil })
		for range 10 {
			_, err := up(context.Background())
			require.NoError(t, err)
		}
		require.Equal(t, 2, drain(b))
	})
}
