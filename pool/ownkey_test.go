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

// A task that maps over the view of its own key does it itself, in order.
func TestLaw9_ForEachOnOnesOwnKey(t *testing.T) {
	for _, opts := range [][]pool.Option{
		{pool.Queue(0, pool.Block)}, {pool.Queue(1, pool.Block)}, {pool.Queue(1, pool.CallerRuns)}, nil, {pool.MeasureTimes()},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx := context.Background()
			p := pool.New(1, opts...)
			sub := p.Sub(2)
			view := sub.Key("k").Named("n")
			var g testkit.Gauge
			var order []int
			work := func(ctx context.Context, i int) (int, error) {
				g.Enter()
				order = append(order, i)
				time.Sleep(time.Second)
				g.Leave()
				return pool.Submit(ctx, p, one).Await(ctx) // gives the slot back as ever
			}
			sums := pool.Submit(ctx, sub.Sub(1).Key("k"), func(ctx context.Context) ([]int, error) {
				return pool.Map(ctx, &view, []int{1, 2, 3}, func(ctx context.Context, i int) (int, error) {
					return i, pool.ForEach(ctx, p.Priority(pool.High).Key("k"), []int{10 * i, 10*i + 1}, func(ctx context.Context, i int) error {
						_, err := work(ctx, i)
						return err
					})
				})
			})
			synctest.Wait()
			last := pool.Submit(ctx, view, func(ctx context.Context) (int, error) { return work(ctx, 99) })
			got, err := sums.Await(ctx)
			require.NoError(t, err)
			require.Equal(t, []int{1, 2, 3}, got)
			_, err = last.Await(ctx)
			require.NoError(t, err)
			require.Equal(t, []int{10, 11, 20, 21, 30, 31, 99}, order)
			require.Equal(t, 1, g.Peak())
			require.NoError(t, p.Shutdown(ctx))
			balanced(t, p.Stats())
		})
	}
}

func TestLaw9_ForEachOnOnesOwnKeyFails(t *testing.T) {
	quiet(t)
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(2)
		onItself := func(fn func(context.Context, int) error) error {
			ctx, cancel := context.WithTimeoutCause(context.Background(), time.Minute, errCause)
			defer cancel()
			_, err := pool.Submit(ctx, p.Key("k"), future.Void(func(ctx context.Context) error {
				return pool.ForEach(ctx, p.Key("k"), []int{0, 1, 2}, fn)
			})).Await(context.Background())
			return err
		}
		var at future.IndexedError
		require.ErrorAs(t, onItself(func(_ context.Context, i int) error {
			if i == 1 {
				return errDisk
			}
			return nil
		}), &at)
		require.Equal(t, future.IndexedError{Index: 1, Err: errDisk}, at)
		var panicked *future.PanicError
		require.ErrorAs(t, onItself(func(context.Context, int) error { panic("boom") }), &panicked)
		require.ErrorIs(t, onItself(func(context.Context, int) error { runtime.Goexit(); return nil }), future.ErrGoexit)
		require.ErrorIs(t, onItself(func(ctx context.Context, _ int) error { <-ctx.Done(); return nil }), errCause)
		require.NoError(t, p.Shutdown(context.Background()))
		balanced(t, p.Stats())
	})
}

// In a Sub that the task is not in, it must not run, and cannot wait.
func TestLaw9_ForEachOnOnesOwnKeyInAnotherSub(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(2)
		for _, from := range []pool.View{p.Key("k"), p.Sub(1).Key("k")} {
			_, err := pool.Submit(ctx, from, func(ctx context.Context) ([]int, error) {
				return pool.Map(ctx, p.Sub(1).Key("k"), []int{1}, func(context.Context, int) (int, error) {
					t.Error("called")
					return 0, nil
				})
			}).Await(ctx)
			require.ErrorIs(t, err, future.ErrDeadlock)
		}
		require.NoError(t, p.Shutdown(ctx))
		balanced(t, p.Stats())
	})
}

func ExampleForEach_ownKey() {
	ctx := context.Background()
	p := pool.New(4)
	defer p.Close()
	account := p.Key("account 7")
	_, err := pool.Submit(ctx, account, future.Void(func(ctx context.Context) error {
		return pool.ForEach(ctx, account, []int{1, 2, 3}, func(_ context.Context, n int) error {
			fmt.Println("event", n)
			return nil
		})
	})).Await(ctx)
	fmt.Println(err)
	// Output:
	// event 1
	// event 2
	// event 3
	// <nil>
}
