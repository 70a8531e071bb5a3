package ratelimit_test

import (
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/internal/race"
	"github.com/thence-go/thence/ratelimit"
)

func TestKeyedForgetsWithoutNewKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := ratelimit.NewKeyed[int](10, 1000, 100_000)
		for i := range 10_000 {
			require.True(t, k.Allow(i))
		}
		require.Equal(t, 10_000, k.Len())
		time.Sleep(time.Hour)
		for i := range 1000 {
			for range 100 {
				k.Allow(i % 500)
			}
		}
		require.Less(t, k.Len(), 2000, "while others are asked for")
	})
}

func TestKeyedMemory(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector needs memory of its own")
	}
	const n = 100_000
	heap := func() int64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	measure := func(name string, size int64, fill func() any) {
		t.Run(name, func(t *testing.T) {
			before := heap()
			k := fill()
			each := (heap() - before) / n
			runtime.KeepAlive(k)
			t.Log(each, "bytes a key, with the key")
			require.LessOrEqual(t, each, size+48)
		})
	}
	names := make([]string, 2*n)
	for i := range names {
		names[i] = fmt.Sprint("user-", i)
	}
	measure("strings", 16, func() any {
		k := ratelimit.NewKeyed[string](1, 5, n)
		for _, name := range names[:n] {
			k.Allow(name)
		}
		return k
	})
	measure("numbers, of five limits", 8, func() any {
		k := ratelimit.NewKeyedFunc(func(key uint64) (ratelimit.Limit, int) { return ratelimit.Limit(1 + key%5), 5 }, n)
		for i := range uint64(n) {
			k.Allow(i)
		}
		return k
	})
	measure("big keys", 64, func() any {
		k := ratelimit.NewKeyed[[8]uint64](1, 5, n)
		for i := range uint64(n) {
			k.Allow([8]uint64{i})
		}
		return k
	})
	measure("twice as many as there is room for", 16, func() any {
		k := ratelimit.NewKeyed[string](ratelimit.Every(time.Hour), 5, n)
		for _, name := range names {
			k.Allow(name)
		}
		require.Equal(t, n, k.Len())
		return k
	})
	measure("nearly all forgotten", 0, func() any {
		k := ratelimit.NewKeyed[string](1e9, 1, n)
		for range 3 {
			for _, name := range names[:n] {
				k.Allow(name)
			}
			for range 2 * n * 16 / 4 {
				k.Allow("x")
			}
		}
		require.Less(t, k.Len(), n/10)
		return k
	})
	runtime.KeepAlive(names)
}
