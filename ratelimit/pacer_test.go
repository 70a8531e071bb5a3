package ratelimit_test

import (
	"context"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/thence-go/thence/ratelimit"
)

// Slack is idle time that is caught up, and none of it is there at first.
func TestPacerSlack(t *testing.T) {
	for _, slack := range []int{0, 1, 3} {
		synctest.Test(t, func(t *testing.T) {
			p := ratelimit.NewPacer(tick, slack)
			next := func() time.Duration {
				begin := time.Now()
				require.NoError(t, p.Wait(t.Context()))
				return time.Since(begin)
			}
			require.Zero(t, next())
			require.Equal(t, tick, next(), "no burst at first")
			time.Sleep(10 * tick)
			for range 1 + slack {
				require.Zero(t, next())
			}
			require.Equal(t, tick, next())
			time.Sleep(tick + tick/2) // half of an interval is idle
			require.Zero(t, next())
			if slack == 0 {
				require.Equal(t, tick, next())
			} else {
				require.Equal(t, tick/2, next())
			}
		})
	}
}

// Against the textbook: the next turn is an interval after the last one, but no
// more than slack intervals ago.
func TestPacerAgainstModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		every := time.Duration(rapid.Int64Range(1, 1e12).Draw(rt, "every"))
		slack := rapid.IntRange(0, 5).Draw(rt, "slack")
		idle := rapid.SliceOfN(rapid.Int64Range(0, 10*int64(every)), 1, 50).Draw(rt, "idle")
		var bad string
		synctest.Test(t, func(t *testing.T) {
			p, start := ratelimit.NewPacer(every, slack), time.Now()
			var turn time.Duration // of the next one
			for i, d := range idle {
				if d < int64(every)*3 {
					time.Sleep(time.Duration(d))
				}
				now := time.Since(start)
				if turn = max(turn, now-time.Duration(slack)*every); i == 0 {
					turn = now
				}
				if err := p.Wait(t.Context()); err != nil {
					bad = err.Error()
					return
				}
				if got := time.Since(start); got != max(turn, now) {
					bad = "at " + got.String() + ", not " + turn.String()
					return
				}
				turn += every
			}
		})
		if bad != "" {
			rt.Fatal(bad)
		}
	})
}

func TestPacerSetEveryReachesThoseWhoSleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, start := ratelimit.NewPacer(4*tick, 0), time.Now()
		var wg sync.WaitGroup
		got := make([]time.Duration, 4)
		for i := range got {
			wg.Go(func() {
				if err := p.Wait(t.Context()); err != nil {
					t.Error(err)
				}
				got[i] = time.Since(start)
			})
			synctest.Wait()
		}
		time.Sleep(2 * tick) // half of an interval
		p.SetEvery(2 * tick)
		time.Sleep(tick) // the first goes
		synctest.Wait()
		p.SetEvery(10 * tick)
		wg.Wait()
		require.Equal(t, []time.Duration{0, 3 * tick, 13 * tick, 23 * tick}, got)
	})
}

func TestPacerBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := ratelimit.NewPacer(1, math.MaxInt)
		require.NoError(t, p.Wait(t.Context()))
		time.Sleep(time.Hour)
		begin := time.Now()
		for range 1000 {
			require.NoError(t, p.Wait(t.Context()))
		}
		require.Zero(t, time.Since(begin))

		p = ratelimit.NewPacer(math.MaxInt64, 0)
		require.NoError(t, p.Wait(t.Context()))
		ctx, cancel := context.WithTimeout(t.Context(), 200*365*24*time.Hour)
		defer cancel()
		require.ErrorIs(t, p.Wait(ctx), context.DeadlineExceeded)
		require.Error(t, new(ratelimit.Pacer).Wait(t.Context()), "the zero value lets nothing through")
	})
	for name, c := range map[string]struct {
		call func()
		says string
	}{
		"no interval":       {func() { ratelimit.NewPacer(0, 0) }, "NewPacer needs a positive interval, got 0s: pass how long to leave between two events"},
		"negative interval": {func() { ratelimit.NewPacer(-1, 0) }, "NewPacer needs a positive interval, got -1ns: pass how long to leave between two events"},
		"negative slack":    {func() { ratelimit.NewPacer(1, -2) }, "NewPacer needs a slack of 0 or more, got -2: pass how many intervals of idle time may be caught up"},
		"set to nothing":    {func() { ratelimit.NewPacer(1, 0).SetEvery(0) }, "SetEvery needs a positive interval, got 0s: pass how long to leave between two events"},
		"no context":        {func() { _ = ratelimit.NewPacer(1, 0).Wait(nil) }, "Wait needs a context, got nil: pass context.Background() if there is none"}, //nolint:staticcheck // the mistake itself
	} {
		t.Run(name, func(t *testing.T) { require.PanicsWithValue(t, "ratelimit: "+c.says, c.call) })
	}
}

func TestPacerOfAllSlackIsExact(t *testing.T) {
	for _, every := range []time.Duration{1, time.Second, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			p := ratelimit.NewPacer(every, math.MaxInt)
			begin := time.Now()
			for i := range 3 {
				require.NoError(t, p.Wait(t.Context()))
				require.Equal(t, time.Duration(i)*every, time.Since(begin))
			}
		})
	}
}
