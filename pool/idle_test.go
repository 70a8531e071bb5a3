package pool_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/internal/race"
	"github.com/thence-go/thence/pool"
)

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// A pool that has been idle for its timeout holds no goroutine and no memory to
// speak of, whatever it has done before.
func TestLaw13_IdlePoolsCostLittle(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		const n = 100
		var wg sync.WaitGroup
		for range 10 * n { // the runtime never frees what it knows of a goroutine
			wg.Go(func() { time.Sleep(time.Second) })
		}
		wg.Wait()
		before := heap()
		var pools [n]*pool.Pool
		work := func(p *pool.Pool) {
			sub := p.Sub(2)
			for i := range 300 {
				for _, v := range []pool.View{p.Priority(pool.Low), p.Key(i), p.Tenant(fmt.Sprint(i), 1), sub} {
					require.NoError(t, v.Go(ctx, nothing))
					require.NoError(t, p.Go(ctx, nothing))
				}
			}
		}
		for i := range pools {
			pools[i] = pool.New(8)
			work(pools[i])
		}
		busy := heap()
		time.Sleep(3 * time.Second)
		synctest.Wait()
		for _, p := range pools {
			require.Zero(t, p.Stats().Workers)
		}
		each := (heap() - before) / n
		t.Logf("%d bytes a pool, %d while it works", each, (busy-before)/n)
		require.Less(t, each, uint64(700))
		for _, p := range pools {
			work(p)
			require.NoError(t, p.Shutdown(ctx))
			s := p.Stats()
			balanced(t, s)
			require.Equal(t, uint64(2*300*8), s.Completed)
		}
	})
}

// A million tasks in the queue take 40 bytes each, and those of views 64.
func TestLaw8_QueuedTasksAreSmall(t *testing.T) {
	if race.Enabled || testing.Short() {
		t.Skip("measures memory")
	}
	ctx := context.Background()
	const n = 1 << 20
	for name, most := range map[string]uint64{"plain": 41, "low": 65, "key": 65} {
		p := pool.New(1, pool.Queue(n, pool.Block))
		gate := make(chan struct{})
		require.NoError(t, p.Go(ctx, func(context.Context) { <-gate }))
		view := map[string]goer{"plain": p, "low": p.Priority(pool.Low), "key": p.Key("k")}[name]
		before := heap()
		for range n {
			require.NoError(t, view.Go(ctx, nothing))
		}
		each := float64(heap()-before) / n
		if name == "plain" {
			each += 40 // the ring was made for the first task
		}
		t.Logf("%s: %.1f bytes a task", name, each)
		require.Less(t, each, float64(most))
		close(gate)
		require.NoError(t, p.Shutdown(ctx))
	}
}
