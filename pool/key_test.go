package pool_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pool"
)

func TestLaw10_AKeyIsOneAtATimeInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(4)
		var gauges [3]testkit.Gauge
		var order [3][]int
		var all testkit.Gauge
		start := time.Now()
		for i := range 30 {
			k := i % 3
			level := pool.Level(i%2) - pool.Level(i%3/2)
			require.NoError(t, p.Priority(level).Key(k).Go(ctx, func(context.Context) {
				gauges[k].Enter()
				defer gauges[k].Leave()
				all.Enter()
				defer all.Leave()
				order[k] = append(order[k], i)
				time.Sleep(time.Second)
			}))
		}
		require.NoError(t, p.Shutdown(ctx))
		for k := range 3 {
			require.Equal(t, 1, gauges[k].Peak())
			require.IsIncreasing(t, order[k])
			require.Len(t, order[k], 10)
		}
		require.Equal(t, 3, all.Peak(), "keys in parallel")
		require.Equal(t, 10*time.Second, time.Since(start))
		balanced(t, p.Stats())
	})
}

// Tasks of a busy key do not keep workers from others.
func TestABusyKeyIsInNobodysWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(2)
		start := time.Now()
		for range 10 {
			require.NoError(t, p.Key("k").Go(ctx, func(context.Context) { time.Sleep(time.Minute) }))
		}
		_, err := pool.Submit(ctx, p, one).Await(ctx)
		require.NoError(t, err)
		_, err = pool.Submit(ctx, p.Key("other"), one).Await(ctx)
		require.NoError(t, err)
		require.Zero(t, time.Since(start))
		require.NoError(t, p.Shutdown(ctx))
	})
}

// Whatever ends a task of a key, the next one has its turn.
func TestLaw6_AKeyGoesOnAfterPanicAndGoexit(t *testing.T) {
	quiet(t)
	ctx := context.Background()
	p := pool.New(2)
	var order []int
	for i := range stress(500) {
		require.NoError(t, p.Sub(1).Key("k").Go(ctx, func(context.Context) {
			order = append(order, i)
			switch i % 10 {
			case 3:
				panic(i)
			case 7:
				runtime.Goexit()
			}
		}))
	}
	require.NoError(t, p.Shutdown(ctx))
	require.Len(t, order, stress(500))
	require.IsIncreasing(t, order)
	balanced(t, p.Stats())
}

// A parked task keeps its key, and nothing else.
func TestLaw9_AKeyIsHeldWhileParked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(1)
		var l log
		first := pool.Submit(ctx, p.Key("k"), func(ctx context.Context) (int, error) {
			l.task("first begins")(ctx)
			v, err := pool.Submit(ctx, p, func(ctx context.Context) (int, error) { l.task("other")(ctx); return 1, nil }).Await(ctx)
			l.task("first ends")(ctx)
			return v, err
		})
		require.NoError(t, p.Key("k").Go(ctx, l.task("second")))
		_, err := first.Await(ctx)
		require.NoError(t, err)
		require.NoError(t, p.Shutdown(ctx))
		require.Equal(t, []string{"first begins", "other", "first ends", "second"}, l.ran)
	})
}

func TestLaw9_AwaitingOnesOwnKeyIsADeadlock(t *testing.T) {
	for _, opts := range [][]pool.Option{nil, {pool.MeasureTimes()}} {
		synctest.Test(t, func(t *testing.T) {
			ctx := context.Background()
			p := pool.New(2, opts...)
			var queued *future.Future[int]
			_, err := pool.Submit(ctx, p.Key("k"), func(ctx context.Context) (int, error) {
				other, err := pool.Submit(ctx, p.Key("other"), one).Await(ctx)
				require.NoError(t, err)
				queued = pool.Submit(context.WithoutCancel(ctx), p.Key("k"), one)
				_, err = queued.Await(ctx)
				return other, err
			}).Await(ctx)
			require.ErrorIs(t, err, future.ErrDeadlock)
			v, err := queued.Await(ctx)
			require.NoError(t, err, "it has its turn then")
			require.Equal(t, 1, v)
			require.NoError(t, p.Shutdown(ctx))
		})
	}
}

// A queue that is full of one's own key cannot empty before one goes on.
func TestLaw9_SubmittingToOnesOwnKey(t *testing.T) {
	for _, capacity := range []int{0, 1, 3} {
		t.Run(fmt.Sprint(capacity), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := context.Background()
				p := pool.New(2, pool.Queue(capacity, pool.Block))
				ran := 0
				_, err := pool.Submit(ctx, p.Key("k"), func(ctx context.Context) (int, error) {
					for range capacity {
						require.NoError(t, p.Key("k").Go(context.WithoutCancel(ctx), func(context.Context) { ran++ }))
					}
					return 0, p.Key("k").Go(ctx, func(context.Context) { t.Error("run") })
				}).Await(ctx)
				require.ErrorIs(t, err, future.ErrDeadlock)
				require.NoError(t, p.Shutdown(ctx))
				require.Equal(t, capacity, ran)
				balanced(t, p.Stats())
			})
		})
	}
}

// But what could run at once does not wait behind what waits for a key.
func TestLaw9_AQueueFullOfOneKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(2, pool.Queue(3, pool.Block))
		f := pool.Submit(ctx, p.Key("k"), func(context.Context) (int, error) {
			// As the goroutine of a future, nobody knows where it belongs.
			return future.Go(ctx, func(ctx context.Context) (int, error) {
				time.Sleep(time.Second)
				a, err := pool.Submit(ctx, p, one).Await(ctx)
				require.NoError(t, err)
				b, err := pool.Submit(ctx, p.Key("other"), one).Await(ctx)
				return a + b, err
			}).Await(ctx)
		})
		synctest.Wait()
		for range 3 {
			require.NoError(t, p.Key("k").Go(ctx, nothing))
		}
		go func() { _ = p.Key("k").Go(ctx, nothing) }()
		v, err := f.Await(ctx)
		require.NoError(t, err)
		require.Equal(t, 2, v)
		synctest.Wait()
		require.NoError(t, p.Shutdown(ctx))
		balanced(t, p.Stats())
	})
}

// Two tasks that hold a key each, and fill the queue with tasks of the two.
func TestLaw9_SubmittersThatWaitForEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(2, pool.Queue(4, pool.Block))
		var errs []error
		for _, keys := range [][2]string{{"a", "b"}, {"b", "a"}} {
			require.NoError(t, p.Key(keys[0]).Go(ctx, func(ctx context.Context) {
				for i := range 4 {
					time.Sleep(time.Second)
					if err := p.Key(keys[i%2]).Go(ctx, nothing); err != nil {
						errs = append(errs, err)
						return
					}
				}
			}))
		}
		time.Sleep(time.Minute)
		require.NoError(t, p.Shutdown(ctx))
		require.Len(t, errs, 1, "one is enough")
		require.ErrorIs(t, errs[0], future.ErrDeadlock)
		balanced(t, p.Stats())
	})
}

// The same, if it comes to that only while the submitter waits.
func TestLaw9_SubmittingToOnesOwnKeyLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(1, pool.Queue(2, pool.Block))
		var ran int
		count := func(context.Context) { ran++ }
		f := pool.Submit(ctx, p.Key("k"), func(ctx context.Context) (int, error) {
			ctx = context.WithoutCancel(ctx) // what is queued outlives this task
			require.NoError(t, p.Key("k").Go(ctx, count))
			require.NoError(t, p.Go(ctx, func(context.Context) { time.Sleep(time.Second) }))
			require.NoError(t, p.Key("k").Go(ctx, count), "room comes when the plain task begins")
			return 0, p.Key("k").Go(ctx, count)
		})
		_, err := f.Await(ctx)
		require.ErrorIs(t, err, future.ErrDeadlock)
		require.NoError(t, p.Shutdown(ctx))
		require.Equal(t, 2, ran)
		balanced(t, p.Stats())
	})
}

// Keys that have nothing to do cost nothing.
func TestKeysAreForgotten(t *testing.T) {
	ctx := context.Background()
	p := pool.New(2)
	for i := range 10_000 {
		require.NoError(t, p.Key(i).Tenant(fmt.Sprint(i), 1).Go(ctx, nothing))
	}
	require.NoError(t, p.Shutdown(ctx))
	keys, tenants := p.Remembered()
	require.Zero(t, keys)
	require.LessOrEqual(t, tenants, 2*1024+64, "twice as many as had tasks at a time")
}
