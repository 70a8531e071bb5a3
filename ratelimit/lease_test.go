package ratelimit_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/ratelimit"
)

func TestHolders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := ratelimit.NewConcurrency(6)
		require.Empty(t, c.Holders())
		start := time.Now()
		hold := func(name string, n int64) *ratelimit.Lease {
			l, err := c.Hold(t.Context(), name, n)
			require.NoError(t, err)
			return l
		}
		a := hold("a", 1)
		time.Sleep(time.Second)
		b := hold("b", 2)
		require.NoError(t, c.Acquire(t.Context(), 1))
		a2 := hold("a", 2)
		require.Equal(t, []ratelimit.Holder{
			{"a", 1, start}, {"b", 2, start.Add(time.Second)}, {"a", 2, start.Add(time.Second)},
		}, c.Holders())

		require.PanicsWithValue(t, "ratelimit: Release(2) of a Concurrency of which Acquire holds 1: pass what was acquired, once", func() { c.Release(2) })
		var late *ratelimit.Lease
		var wg sync.WaitGroup
		wg.Go(func() { late = hold("late", 3) })
		synctest.Wait()
		time.Sleep(time.Second)
		b.Release()
		b.Release() // does nothing
		synctest.Wait()
		require.Nil(t, late)
		require.Len(t, c.Holders(), 2, "who waits does not hold")
		a.Release()
		wg.Wait()
		require.Equal(t, []ratelimit.Holder{
			{"a", 2, start.Add(time.Second)}, {"late", 3, start.Add(2 * time.Second)},
		}, c.Holders())
		a2.Release()
		late.Release()
		c.Release(1)
		require.Empty(t, c.Holders())
		require.True(t, c.TryAcquire(6))

		over, cancel := context.WithCancel(t.Context())
		cancel()
		l, err := c.Hold(over, "never", 1)
		require.ErrorIs(t, err, context.Canceled)
		require.Nil(t, l)
		require.Empty(t, c.Holders())
	})
}
