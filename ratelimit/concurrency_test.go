package ratelimit_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/ratelimit"
)

// queue is a bubble's log of who got into a Concurrency, in order.
type queue struct {
	c   *ratelimit.Concurrency
	wg  sync.WaitGroup
	mu  sync.Mutex
	log []string
}

// add starts one who acquires n, and returns what makes it give up.
func (q *queue) add(name string, n int64) context.CancelFunc {
	ctx, cancel := context.WithCancel(context.Background())
	q.wg.Go(func() {
		if err := q.c.Acquire(ctx, n); err != nil {
			name += ": " + err.Error()
		}
		q.mu.Lock()
		defer q.mu.Unlock()
		q.log = append(q.log, name)
	})
	synctest.Wait()
	return cancel
}

// next returns who has come through since the last call.
func (q *queue) next() []string {
	synctest.Wait()
	q.mu.Lock()
	defer q.mu.Unlock()
	log := q.log
	q.log = nil
	return log
}

func TestConcurrencyIsFirstComeFirstServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{c: ratelimit.NewConcurrency(3)}
		require.NoError(t, q.c.Acquire(t.Context(), 2))
		q.add("great", 3)
		q.add("small", 1)
		q.add("nothing", 0)
		require.False(t, q.c.TryAcquire(1), "nobody overtakes")
		require.False(t, q.c.TryAcquire(0), "not even for nothing")
		require.Empty(t, q.next())
		q.c.Release(1)
		require.Empty(t, q.next())
		q.c.Release(1)
		require.Equal(t, []string{"great"}, q.next())
		q.c.Release(1)
		require.ElementsMatch(t, []string{"small", "nothing"}, q.next())
		q.c.Release(3)
		require.True(t, q.c.TryAcquire(3))
		require.True(t, q.c.TryAcquire(0))
		require.False(t, q.c.TryAcquire(1))
		require.False(t, q.c.TryAcquire(-1))
	})
}

func TestConcurrencyMovesUpWhenSomebodyGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{c: ratelimit.NewConcurrency(3)}
		require.True(t, q.c.TryAcquire(1))
		giveUp := q.add("great", 3)
		q.add("a", 1)
		middle := q.add("b", 1)
		q.add("c", 1)
		q.add("d", 2)
		middle()
		require.Equal(t, []string{"b: ratelimit: stopped waiting: context canceled"}, q.next())
		giveUp()
		require.ElementsMatch(t, []string{"great: ratelimit: stopped waiting: context canceled", "a", "c"}, q.next())
		q.c.Release(2)
		require.Equal(t, []string{"d"}, q.next())
	})
}

func TestConcurrencyResize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{c: ratelimit.NewConcurrency(3)}
		require.True(t, q.c.TryAcquire(3))
		q.add("a", 1)
		q.add("b", 3)
		q.add("c", 2)
		q.c.Resize(4)
		require.Equal(t, []string{"a"}, q.next())
		q.c.Resize(2)
		require.Equal(t, []string{"b: ratelimit: Acquire(3) is more than the capacity of 2: ask for less, or set a greater capacity"}, q.next())
		q.c.Release(2) // four were held: those inside stay
		require.Empty(t, q.next())
		require.False(t, q.c.TryAcquire(0))
		q.c.Release(2)
		require.Equal(t, []string{"c"}, q.next())

		q.add("e", 2)
		q.add("d", 1)
		q.c.Resize(3) // the one in front does not fit
		require.Empty(t, q.next())
		q.c.Resize(0)
		require.Len(t, q.next(), 2)
		require.False(t, q.c.TryAcquire(1))
		q.c.Release(2)
		require.True(t, q.c.TryAcquire(0))
		q.c.Resize(math.MaxInt64)
		require.True(t, q.c.TryAcquire(math.MaxInt64))
		require.False(t, q.c.TryAcquire(1))
		q.c.Resize(1)
		require.False(t, q.c.TryAcquire(1), "used is far beyond the capacity")
		q.c.Release(math.MaxInt64)
		require.True(t, q.c.TryAcquire(1))
	})
}

func TestConcurrencyAndTheContext(t *testing.T) {
	boom := errors.New("boom")
	synctest.Test(t, func(t *testing.T) {
		c := ratelimit.NewConcurrency(1)
		over, cancel := context.WithCancelCause(t.Context())
		cancel(boom)
		err := c.Acquire(over, 1)
		require.ErrorIs(t, err, boom)
		require.ErrorIs(t, err, context.Canceled)
		var stopped *ratelimit.WaitError
		require.ErrorAs(t, err, &stopped)
		require.NotErrorIs(t, err, ratelimit.ErrLimit)
		require.True(t, c.TryAcquire(1), "nothing was taken")

		start := time.Now()
		ctx, cancelTime := context.WithTimeout(t.Context(), time.Second)
		defer cancelTime()
		err = c.Acquire(ctx, 1)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Second, time.Since(start), "how long others hold is not known before")

		c.Release(1)
		require.NoError(t, c.Acquire(t.Context(), 1))

		for n, text := range map[int64]string{
			2:             "ratelimit: Acquire(2) is more than the capacity of 1: ask for less, or set a greater capacity",
			math.MaxInt64: "ratelimit: Acquire(9223372036854775807) is more than the capacity of 1: ask for less, or set a greater capacity",
			-1:            "ratelimit: Acquire(-1) asks for less than nothing: pass 0 or more",
			math.MinInt64: "ratelimit: Acquire(-9223372036854775808) asks for less than nothing: pass 0 or more",
		} {
			err := c.Acquire(over, n)
			require.EqualError(t, err, text)
			require.ErrorIs(t, err, ratelimit.ErrLimit)
			var refused *ratelimit.LimitError
			require.ErrorAs(t, err, &refused)
			require.Equal(t, ratelimit.Decision{Reason: ratelimit.OverBurst, RetryAfter: ratelimit.InfDuration, Limit: 1}, refused.Decision)
			require.EqualValues(t, n, refused.N)
		}
	})
}

// Who is let in at the very moment at which its context ends is either in or
// has given up; what it holds is never lost.
func TestConcurrencyCanceledWhileLetIn(t *testing.T) {
	var in, out int
	for range 2000 {
		c := ratelimit.NewConcurrency(1)
		require.True(t, c.TryAcquire(1))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- c.Acquire(ctx, 1) }()
		go cancel()
		c.Release(1)
		if err := <-done; err == nil {
			in++
			c.Release(1)
		} else {
			out++
			require.ErrorIs(t, err, context.Canceled)
		}
		require.True(t, c.TryAcquire(1))
	}
	t.Log(in, "in,", out, "gave up")
}

// Whoever is let in while it wakes because its context has ended is in, or
// what it was given would be lost.
func TestConcurrencyLetInWhileItGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := ratelimit.NewConcurrency(1)
		for range 200 {
			require.True(t, c.TryAcquire(1), "all came back")
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- c.Acquire(ctx, 1) }()
			synctest.Wait()
			cancel()
			c.Release(1) // most times before the other one runs
			if err := <-done; err == nil {
				c.Release(1)
			}
		}
	})
}

func TestTenThousandAreLetInExactlyInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 10_000
		c := ratelimit.NewConcurrency(1)
		require.True(t, c.TryAcquire(1))
		order := make([]int, 0, n) // whoever is inside writes
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() {
				time.Sleep(time.Duration(i))
				if c.Acquire(context.Background(), 1) == nil {
					order = append(order, i)
					c.Release(1)
				}
			})
		}
		time.Sleep(n)
		synctest.Wait()
		require.Empty(t, order)
		c.Release(1)
		wg.Wait()
		require.Len(t, order, n)
		require.True(t, slices.IsSorted(order))
	})
}

// A Release wakes those who fit, and nobody else: each runs once.
func TestConcurrencyWakesWhoFits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := ratelimit.NewConcurrency(5)
		require.True(t, c.TryAcquire(5))
		var in atomic.Int64
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if c.Acquire(ctx, 2) == nil {
					in.Add(1)
				}
			})
		}
		synctest.Wait()
		c.Release(4)
		synctest.Wait()
		require.EqualValues(t, 2, in.Load())
		c.Release(1)
		synctest.Wait()
		require.EqualValues(t, 2, in.Load())
		cancel()
		wg.Wait()
		c.Release(4)
		require.True(t, c.TryAcquire(5))
	})
}

func TestConcurrencyBadInput(t *testing.T) {
	c := ratelimit.NewConcurrency(1)
	for name, bad := range map[string]struct {
		call func()
		says string
	}{
		"negative capacity":  {func() { ratelimit.NewConcurrency(-1) }, "NewConcurrency needs a capacity of 0 or more, got -1: pass how much may be under way at once"},
		"negative, resized":  {func() { c.Resize(math.MinInt64) }, "Resize needs a capacity of 0 or more, got -9223372036854775808: pass how much may be under way at once"},
		"nothing was held":   {func() { c.Release(1) }, "Release(1) of a Concurrency of which Acquire holds 0: pass what was acquired, once"},
		"negative release":   {func() { c.Release(-1) }, "Release(-1) of a Concurrency of which Acquire holds 0: pass what was acquired, once"},
		"no context":         {func() { _ = c.Acquire(nil, 1) }, "Acquire needs a context, got nil: pass context.Background() if there is none"},      //nolint:staticcheck // the mistake itself
		"no context to hold": {func() { _, _ = c.Hold(nil, "x", 1) }, "Acquire needs a context, got nil: pass context.Background() if there is none"}, //nolint:staticcheck // the mistake itself
	} {
		t.Run(name, func(t *testing.T) { require.PanicsWithValue(t, "ratelimit: "+bad.says, bad.call) })
	}
	require.True(t, c.TryAcquire(1), "and nothing has changed")

	var zero ratelimit.Concurrency
	require.False(t, zero.TryAcquire(1))
	require.ErrorIs(t, zero.Acquire(t.Context(), 1), ratelimit.ErrLimit)
	zero.Resize(1)
	require.NoError(t, zero.Acquire(t.Context(), 1))
}

// Under everything at once: never more inside than the greatest capacity, and
// in the end nobody is left over.
func TestConcurrencyStress(t *testing.T) {
	const most = 8
	c := ratelimit.NewConcurrency(most)
	var inside, got, gaveUp atomic.Int64
	var wg sync.WaitGroup
	for client := range 8 {
		wg.Go(func() {
			for i := range 300 {
				n := 1 + rand.Int64N(3)
				ctx, cancel := context.WithCancel(t.Context())
				if rand.IntN(3) == 0 {
					go cancel()
				}
				var lease *ratelimit.Lease
				var err error
				if i%2 == 0 {
					lease, err = c.Hold(ctx, fmt.Sprint(client), n)
				} else {
					err = c.Acquire(ctx, n)
				}
				if err == nil {
					if sum := inside.Add(n); sum > most {
						t.Errorf("%d inside", sum)
					}
					got.Add(1)
					c.Holders()
					inside.Add(-n)
					if lease != nil {
						lease.Release()
					} else {
						c.Release(n)
					}
				} else {
					gaveUp.Add(1)
				}
				cancel()
			}
		})
	}
	wg.Go(func() {
		for range 500 {
			c.Resize(3 + rand.Int64N(most-2))
		}
		c.Resize(most)
	})
	wg.Wait()
	require.NotZero(t, got.Load())
	require.Empty(t, c.Holders())
	require.True(t, c.TryAcquire(most), "all came back")
}
