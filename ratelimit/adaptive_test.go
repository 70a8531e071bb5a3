package ratelimit_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/ratelimit"
)

// knee is a server that works on so many calls at once and has the others wait
// in line: latency is flat up to the knee, and rises beyond it.
type knee struct {
	workers chan struct{}
	slow    atomic.Int64 // factor of the time of a call
	done    atomic.Int64
}

func newKnee(workers int) *knee {
	s := &knee{workers: make(chan struct{}, workers)}
	s.slow.Store(1)
	return s
}

func (s *knee) call() {
	s.workers <- struct{}{}
	time.Sleep(10 * time.Millisecond * time.Duration(s.slow.Load()))
	<-s.workers
	s.done.Add(1)
}

// load keeps as many clients calling until stop.
func (s *knee) load(a *ratelimit.Adaptive, clients int) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for {
				release, err := a.Acquire(ctx)
				if err != nil {
					return
				}
				s.call()
				release(ratelimit.Success)
			}
		})
	}
	return func() { cancel(); wg.Wait() }
}

// settled returns the least and the most that the limit was in a time, but for
// when it is halved to measure.
func settled(a *ratelimit.Adaptive, d time.Duration) (typical, most int) {
	var seen []int
	for end := time.Now().Add(d); time.Now().Before(end); {
		time.Sleep(5 * time.Millisecond)
		seen = append(seen, a.Limit())
		most = max(most, a.Limit())
	}
	count, best := map[int]int{}, 0
	for _, n := range seen {
		if count[n]++; count[n] > best {
			best, typical = count[n], n
		}
	}
	return typical, most
}

// The limit finds the knee of the server from below, follows it through a
// slow-down and is back after it.
func TestAdaptiveFindsTheKnee(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const workers = 30
		a, s := ratelimit.NewAdaptive(ratelimit.AdaptiveConfig{Min: 1, Max: 1000}), newKnee(workers)
		stop := s.load(a, 300)
		defer stop()
		atKnee := func(when string) {
			typical, most := settled(a, 10*time.Second)
			require.GreaterOrEqual(t, typical, workers, when)
			require.LessOrEqual(t, most, workers*3/2+15, when)
			require.LessOrEqual(t, a.InFlight(), most, when)
		}
		time.Sleep(10 * time.Second)
		atKnee("at first")
		before := s.done.Load()
		time.Sleep(10 * time.Second)
		require.InDelta(t, 10*100*workers, s.done.Load()-before, 10*100*workers/20, "the server is busy")
		s.slow.Store(4)
		time.Sleep(10 * time.Second)
		atKnee("slow, which load is not the cause of")
		s.slow.Store(1)
		time.Sleep(4 * time.Second)
		atKnee("after the slow-down")
	})
}

// Less than half of the limit in use: no reason to grow.
func TestAdaptiveDoesNotGrowUnderHalfUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, s := ratelimit.NewAdaptive(ratelimit.AdaptiveConfig{Min: 20, Max: 1000}), newKnee(1000)
		stop := s.load(a, 9)
		time.Sleep(time.Minute)
		require.LessOrEqual(t, a.Limit(), 20)
		stop()
		stop = s.load(a, 60)
		time.Sleep(time.Minute)
		require.InDelta(t, 120, a.Limit(), 12, "to twice of what is in use, and a step")
		stop()
		require.Zero(t, a.InFlight())
	})
}

func TestAdaptiveOutcomes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := ratelimit.NewAdaptive(ratelimit.AdaptiveConfig{Min: 4, Max: 100})
		grow := func(o ratelimit.Outcome) int {
			for range 400 {
				var all []func(ratelimit.Outcome)
				for release, ok := a.TryAcquire(); ok; release, ok = a.TryAcquire() {
					all = append(all, release)
				}
				require.Equal(t, a.Limit(), a.InFlight())
				time.Sleep(time.Millisecond)
				for _, release := range all {
					release(o)
					release(ratelimit.Dropped) // does nothing
				}
				require.Zero(t, a.InFlight())
			}
			return a.Limit()
		}
		require.Equal(t, 4, grow(ratelimit.Ignore), "no say")
		grown := grow(ratelimit.Success)
		require.Greater(t, grown, 40)
		release, ok := a.TryAcquire()
		require.True(t, ok)
		release(ratelimit.Dropped)
		require.Less(t, a.Limit(), grown, "at once")
		require.Equal(t, 4, grow(ratelimit.Dropped), "Min is the least")
	})
}

func TestAdaptiveLine(t *testing.T) {
	boom := errors.New("boom")
	synctest.Test(t, func(t *testing.T) {
		a := ratelimit.NewAdaptive(ratelimit.AdaptiveConfig{Min: 1, Max: 1})
		release, err := a.Acquire(t.Context())
		require.NoError(t, err)
		ended, end := context.WithCancelCause(t.Context())
		end(boom)
		_, err = a.Acquire(ended)
		require.ErrorIs(t, err, boom)

		var order []int
		var wg sync.WaitGroup
		ctx := counted{t.Context(), new(atomic.Int64)}
		for i := range 10000 {
			wait, cancel := context.WithCancelCause(t.Context())
			wg.Go(func() {
				var c context.Context = ctx
				if i%3 == 1 {
					c = wait
				}
				release, err := a.Acquire(c)
				if i%3 == 1 {
					var stopped *ratelimit.WaitError
					if !errors.As(err, &stopped) || stopped.Cause != boom || release != nil {
						t.Errorf("%d: %v", i, err)
					}
					return
				}
				order = append(order, i) // one at a time
				release(ratelimit.Success)
			})
			synctest.Wait()
			if i%3 == 1 {
				cancel(boom)
				synctest.Wait()
			} else {
				defer cancel(nil)
			}
		}
		require.Equal(t, 10000-3333, a.Sleeping(), "who gives up is gone at once")
		_, ok := a.TryAcquire()
		require.False(t, ok)
		release(ratelimit.Success)
		wg.Wait()
		require.Len(t, order, 10000-3333)
		require.IsIncreasing(t, order)
		require.EqualValues(t, len(order), ctx.looks.Load(), "each sleeps once")
		require.Zero(t, a.InFlight())
	})
}

// Those that give up at random lose no place, in the moment of being served
// neither, and there are never more in flight than the limit was.
func TestAdaptiveStress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := ratelimit.NewAdaptive(ratelimit.AdaptiveConfig{Min: 1, Max: 8})
		var in atomic.Int64
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				for range 100 {
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rand.IntN(20))*time.Millisecond)
					release, err := a.Acquire(ctx)
					if err == nil {
						if n := in.Add(1); n > 8 {
							t.Errorf("%d in flight", n)
						}
						time.Sleep(time.Duration(rand.IntN(3)) * time.Millisecond)
						in.Add(-1)
						release(ratelimit.Outcome(rand.IntN(3)))
					} else if !errors.Is(err, context.DeadlineExceeded) {
						t.Error(err)
					}
					cancel()
				}
			})
		}
		wg.Wait()
		require.Zero(t, a.InFlight())
		require.Zero(t, a.Sleeping())
		release, err := a.Acquire(t.Context())
		require.NoError(t, err)
		release(ratelimit.Ignore)
	})
}

func TestAdaptiveMistakes(t *testing.T) {
	for _, c := range []ratelimit.AdaptiveConfig{{}, {Min: -1, Max: 5}, {Min: 5, Max: 4}, {Max: math.MaxInt}} {
		require.PanicsWithValue(t, fmt.Sprintf("ratelimit: NewAdaptive needs 1 <= Min <= Max, got Min %d and Max %d: pass the fewest and the most calls that may be in flight", c.Min, c.Max),
			func() { ratelimit.NewAdaptive(c) })
	}
	a := ratelimit.NewAdaptive(ratelimit.AdaptiveConfig{Min: 1, Max: math.MaxInt})
	require.PanicsWithValue(t, "ratelimit: Acquire needs a context, got nil: pass context.Background() if there is none",
		func() { _, _ = a.Acquire(nil) }) //nolint:staticcheck // the mistake itself
	release, ok := a.TryAcquire()
	require.True(t, ok)
	require.PanicsWithValue(t, "ratelimit: release needs an Outcome, got 7: pass ratelimit.Success, Ignore or Dropped", func() { release(7) })
	require.Equal(t, 1, a.InFlight(), "and nothing has changed")
	release(ratelimit.Ignore)

	var zero ratelimit.Adaptive
	_, ok = zero.TryAcquire()
	require.False(t, ok)
	require.Equal(t, "success ignore dropped Outcome(3)", fmt.Sprint(ratelimit.Success, " ", ratelimit.Ignore, " ", ratelimit.Dropped, " ", ratelimit.Outcome(3)))
}

// Whoever gives up in the very moment in which it is served has its place.
func TestAdaptiveServedWhileGivingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := ratelimit.NewAdaptive(ratelimit.AdaptiveConfig{Min: 1, Max: 1})
		for range 200 {
			first, ok := a.TryAcquire()
			require.True(t, ok, "no place was lost")
			ctx, cancel := context.WithCancel(t.Context())
			var wg sync.WaitGroup
			wg.Go(func() {
				if release, err := a.Acquire(ctx); err == nil {
					release(ratelimit.Ignore)
				}
			})
			synctest.Wait()
			cancel()
			first(ratelimit.Ignore)
			wg.Wait()
			require.Zero(t, a.InFlight())
		}
	})
}
