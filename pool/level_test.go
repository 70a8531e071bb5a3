package pool_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/pool"
)

func TestLaw10_Priorities(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p, release := busy(t)
		var l log
		require.NoError(t, p.Priority(pool.Low).Go(ctx, l.task("low 1")))
		require.NoError(t, p.Go(ctx, l.task("plain 1")))
		require.NoError(t, p.Priority(pool.Normal).Go(ctx, l.task("normal 2")))
		require.NoError(t, p.Priority(pool.High).Go(ctx, l.task("high 1")))
		require.NoError(t, p.Go(ctx, l.task("plain 3")))
		require.NoError(t, p.Named("x").Go(ctx, l.task("named 4")))
		require.NoError(t, p.Priority(pool.High).Go(ctx, l.task("high 2")))
		require.NoError(t, p.Priority(pool.Low).Named("y").Go(ctx, l.task("low 2")))
		require.Equal(t, 8, p.Stats().Queued)
		release()
		require.NoError(t, p.Shutdown(ctx))
		require.Equal(t, []string{"high 1", "high 2", "plain 1", "normal 2", "plain 3", "named 4", "low 1", "low 2"}, l.ran)
		balanced(t, p.Stats())
	})
}

// Under endless work of a higher priority each level has its turn after Ageing
// others, and the one above it one later.
func TestLaw10_LowIsDelayedNeverStarved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p, release := busy(t)
		high := p.Priority(pool.High)
		var at, turn int
		positions := map[string][]int{}
		note := func(name string) func(context.Context) {
			return func(context.Context) { positions[name] = append(positions[name], turn); turn++ }
		}
		for range 2 {
			require.NoError(t, p.Priority(pool.Low).Go(ctx, note("low")))
			require.NoError(t, p.Go(ctx, note("plain")))
		}
		var again func(context.Context)
		again = func(ctx context.Context) {
			turn++
			if at++; at < 100 {
				require.NoError(t, high.Go(ctx, again))
			}
		}
		require.NoError(t, high.Go(ctx, again))
		release()
		synctest.Wait()
		require.NoError(t, p.Shutdown(ctx))
		require.Equal(t, []int{16, 33}, positions["low"], "at most 16 others before each")
		require.Equal(t, []int{17, 34}, positions["plain"])
	})
}

func TestLaw8_ViewsCountInTheOneCapacity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p, release := busy(t, pool.Queue(4, pool.Reject))
		require.NoError(t, p.Go(ctx, nothing))
		require.NoError(t, p.Key(1).Go(ctx, nothing))
		require.NoError(t, p.Key(1).Go(ctx, nothing))
		require.NoError(t, p.Tenant("a", 1).Sub(1).Go(ctx, nothing))
		require.ErrorIs(t, p.Go(ctx, nothing), pool.ErrFull)
		require.ErrorIs(t, p.Priority(pool.High).Go(ctx, nothing), pool.ErrFull)
		require.ErrorIs(t, p.Priority(pool.High).TryGo(ctx, nothing), pool.ErrFull)
		release()
		require.NoError(t, p.Shutdown(ctx))
		require.ErrorIs(t, p.Key(1).Go(ctx, nothing), pool.ErrClosed)
		balanced(t, p.Stats())
	})
}

func TestLaw8_BadViewsPanic(t *testing.T) {
	p := pool.New(1)
	for name, call := range map[string]func(){
		"Priority":        func() { p.Priority(3) },
		"Key nil":         func() { p.Key(nil) },
		"Key slice":       func() { p.Key([]int{1}) },
		"Key NaN":         func() { p.Key(nan()) },
		"Tenant no id":    func() { p.Tenant("", 1) },
		"Tenant 0":        func() { p.Tenant("a", 0) },
		"Tenant too much": func() { p.Tenant("a", 1<<17) },
		"Sub 0":           func() { p.Sub(0) },
		"zero View":       func() { _ = pool.View{}.Go(context.Background(), nothing) },
		"zero View's Key": func() { pool.View{}.Key(1) },
		"Go nil fn":       func() { _ = p.Key(1).Go(context.Background(), nil) },
		"TryGo nil ctx":   func() { _ = p.Key(1).TryGo(nil, nothing) }, //nolint:staticcheck // on purpose
		"Execute nil":     func() { _ = p.Key(1).Execute(context.Background(), nil) },
		"Blocking nil":    func() { pool.Blocking(context.Background(), nil) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				text, _ := recover().(string)
				require.Regexp(t, `^pool: .*needs`, text)
			}()
			call()
			t.Error("did not panic")
		})
	}
}

func nan() any {
	zero := 0.0
	return zero / zero
}
