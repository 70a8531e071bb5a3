package pool_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pool"
)

type fut = *future.Future[int]

// underKey has a task with a key submit tasks to that key, and await what make
// makes of them. The task's ctx ends after a minute.
func underKey(t *testing.T, opts []pool.Option, make func(own func() fut) fut) (v int, took time.Duration, err error) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(2, opts...)
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		start := time.Now()
		ran, submitted := 0, 0
		_, _ = pool.Submit(ctx, p.Key("k"), func(ctx context.Context) (int, error) {
			own := func() fut {
				submitted++
				return pool.Submit(context.WithoutCancel(ctx), p.Key("k"), func(context.Context) (int, error) { ran++; return 1, nil })
			}
			v, err = make(own).Await(ctx)
			took = time.Since(start)
			return v, err
		}).Await(context.Background())
		require.NoError(t, p.Shutdown(context.Background()))
		time.Sleep(time.Hour) // for what sleeps
		require.Equal(t, submitted, ran, "they have their turn when the task is gone")
		balanced(t, p.Stats())
	})
	return v, took, err
}

func sum(_ context.Context, a, b int) (int, error) { return a + b, nil }

func first(f *future.Future[[]int]) fut { return future.Map(f, func(vs []int) int { return vs[0] }) }

func after(d time.Duration, err error) fut {
	return future.Go(context.Background(), func(context.Context) (int, error) { time.Sleep(d); return 7, err })
}

// What is made of tasks of one's own key cannot settle either.
func TestLaw9_AwaitingWhatIsMadeOfOnesOwnKey(t *testing.T) {
	for name, make := range map[string]func(own func() fut) fut{
		"itself": func(own func() fut) fut { return own() },
		"Shield": func(own func() fut) fut { return own().Shield() },
		"a chain": func(own func() fut) fut {
			return future.Map(own().Finally(func() {}), func(v int) int { return v }).WithFallback(1)
		},
		"FlatMap": func(own func() fut) fut { return future.FlatMap(own(), future.Resolved[int]) },
		"FlatMap to it": func(own func() fut) fut {
			f := future.FlatMap(future.Resolved(1), func(int) fut { return own() })
			synctest.Wait()
			return f
		},
		"On":            func(own func() fut) fut { return own().On(other{}) },
		"All":           func(own func() fut) fut { return first(future.All(own(), future.Resolved(1), own())) },
		"All of All":    func(own func() fut) fut { return first(future.All(first(future.All(own())), own().Shield())) },
		"All of one":    func(own func() fut) fut { f := own(); return first(future.All(f, f)) },
		"Join2":         func(own func() fut) fut { return future.Join2(own(), own(), sum) },
		"Join2 and one": func(own func() fut) fut { return future.Join2(future.Resolved(1), own(), sum) },
		"AllSettled": func(own func() fut) fut {
			return future.Map(future.AllSettled(own(), after(time.Hour, nil)), func([]future.Result[int]) int { return 0 })
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, opts := range [][]pool.Option{nil, {pool.MeasureTimes()}} {
				_, took, err := underKey(t, opts, make)
				require.ErrorIs(t, err, future.ErrDeadlock)
				require.Zero(t, took)
			}
		})
	}
}

// But what may settle all the same is waited for.
func TestLaw9_AwaitingWhatOnesOwnKeyIsAPartOf(t *testing.T) {
	for name, make := range map[string]func(own func() fut) fut{
		"Any":     func(own func() fut) fut { return future.Any(own().Shield(), after(time.Second, nil)) },
		"Race":    func(own func() fut) fut { return future.Race(own().Shield(), after(time.Second, nil)).Shield() },
		"Timeout": func(own func() fut) fut { return own().Shield().Timeout(time.Second).WithFallback(7) },
		"All that fails": func(own func() fut) fut {
			return first(future.All(own().Shield(), after(time.Second, errDisk))).WithFallback(7)
		},
		"Join2 that fails": func(own func() fut) fut {
			return future.Join2(own().Shield(), after(time.Second, errDisk), sum).WithFallback(7)
		},
		"another": func(own func() fut) fut { own(); return after(time.Second, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			v, took, err := underKey(t, nil, make)
			require.NoError(t, err)
			require.Equal(t, 7, v)
			require.Equal(t, time.Second, took)
		})
	}
}

// Ways around corners hang, until the ctx ends.
func TestLaw9_AwaitingOnesOwnKeyAroundCorners(t *testing.T) {
	for name, make := range map[string]func(own func() fut) fut{
		"an All that might have failed": func(own func() fut) fut {
			return first(future.All(own().Shield(), after(time.Second, nil)))
		},
		"a goroutine": func(own func() fut) fut {
			f := own()
			return future.Go(context.Background(), func(ctx context.Context) (int, error) { return f.Await(ctx) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, took, err := underKey(t, nil, make)
			require.ErrorIs(t, err, future.ErrStoppedWaiting)
			require.Equal(t, time.Minute, took)
		})
	}
}
