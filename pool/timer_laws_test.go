package pool_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/internal/race"
	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pool"
)

// watchedCtx is a ctx that knows how many others want to be told of its end.
type watchedCtx struct {
	context.Context
	told atomic.Int32
}

func (c *watchedCtx) Done() <-chan struct{} { return make(chan struct{}) } // not the standard library's

func (c *watchedCtx) AfterFunc(func()) (stop func() bool) {
	c.told.Add(1)
	return func() bool {
		c.told.Add(-1)
		return true
	}
}

// Law 1: a timer that has ended has let go of its ctx, however it ended.
func TestLaw1_TimersLetGoOfTheirContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := &watchedCtx{Context: context.Background()}
		p := pool.New(1)
		var timers []*pool.Timer
		for range 3 {
			timers = append(timers, p.After(ctx, second, nothing), p.After(ctx, time.Hour, nothing),
				p.Every(ctx, pool.Every(time.Minute), pool.QueueOne, nothing))
		}
		require.EqualValues(t, 9, ctx.told.Load())
		time.Sleep(2 * second)
		require.EqualValues(t, 6, ctx.told.Load(), "three have run")
		for _, timer := range timers[:5] {
			timer.Stop()
		}
		require.EqualValues(t, 3, ctx.told.Load(), "two of the hour and one that repeats were stopped")
		require.False(t, pool.HasClock(timers[1]))
		shutdown(t, p)
		require.Zero(t, ctx.told.Load())
		for _, timer := range timers {
			require.False(t, pool.HasClock(timer))
		}
		for _, timer := range timers {
			require.True(t, isDone(timer))
		}
	})
}

// Law 1: nor does the ctx know of a run that had to wait for room.
func TestLaw1_WaitForRoomLetsGoOfTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := &watchedCtx{Context: context.Background()}
		p := pool.New(1, pool.Queue(1, pool.Block))
		for range 2 {
			require.NoError(t, p.Go(context.Background(), func(context.Context) { time.Sleep(2 * second) }))
			synctest.Wait()
		}
		timer := p.Every(ctx, pool.Every(second), pool.QueueOne, nothing)
		time.Sleep(second + second/2)
		require.Equal(t, 1, p.Stats().Waiting)
		require.EqualValues(t, 2, ctx.told.Load())
		time.Sleep(10 * second)
		require.EqualValues(t, 1, ctx.told.Load())
		timer.Stop()
		shutdown(t, p)
	})
}

// Law 1: an orderly shutdown does not wait for timers, and a run that is queued
// by then is one of the tasks that it waits for.
func TestLaw1_ShutdownDoesNotWaitForTimers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, s := pool.New(1), newSeconds()
		ctx := context.Background()
		require.NoError(t, p.Go(ctx, func(context.Context) { time.Sleep(10 * second) }))
		queued := p.After(ctx, second, s.note)
		later := p.After(ctx, time.Minute, s.note)
		every := p.Every(ctx, pool.Every(5*second), pool.QueueOne, s.note)
		time.Sleep(2 * second)
		shutdown(t, p)
		require.Equal(t, 10.0, time.Since(s.start).Seconds())
		require.Equal(t, []float64{10}, s.all())
		require.True(t, isDone(queued))
		require.True(t, isDone(every))
		require.True(t, isDone(later))
		require.False(t, later.Stop())
		require.Len(t, s.all(), 1)
	})
}

// Law 1: a pool that stops now ends the runs: the one that runs has its ctx
// canceled, those that wait for their turn or for room are not run.
func TestLaw1_CloseEndsRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, s := pool.New(1, pool.Queue(1, pool.Block)), newSeconds()
		ctx := context.Background()
		var timers []*pool.Timer
		for i := range 3 { // one runs, one is queued, one is in line
			timers = append(timers, p.Every(ctx, pool.Every(time.Duration(i+1)*second), pool.QueueOne, func(ctx context.Context) {
				s.note(ctx)
				<-ctx.Done()
			}))
		}
		time.Sleep(10*second + second/2)
		require.Equal(t, 1, p.Stats().Waiting)
		require.ErrorContains(t, p.Close(), "1 tasks not run, 1 still running")
		synctest.Wait()
		for i, timer := range timers {
			require.True(t, isDone(timer), "%d", i)
			require.False(t, timer.Stop(), "%d", i)
		}
		require.Equal(t, pool.Closed, p.Stats().State)
		require.Equal(t, []float64{1}, s.all())
	})
}

// A timer of a pool that is closed already.
func TestTimerOfAClosedPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, s := pool.New(1), newSeconds()
		shutdown(t, p)
		after := p.After(context.Background(), second, s.note)
		every := p.Every(context.Background(), pool.Every(second), pool.QueueOne, s.note)
		require.True(t, isDone(after))
		require.True(t, isDone(every))
		time.Sleep(time.Minute)
		require.Empty(t, s.all())
	})
}

// Everything that can end a timer, at the very time of its ticks: every Done is
// closed, no run begins after that, and the books balance.
func TestTimersStressed(t *testing.T) {
	for range stress(50) {
		synctest.Test(t, func(t *testing.T) {
			p := pool.New(2, pool.Queue(1, pool.Block))
			ctx, cancel := context.WithCancel(context.Background())
			var wg sync.WaitGroup
			for i := range 30 {
				var done atomic.Bool
				fn := func(context.Context) {
					if done.Load() {
						t.Error("a run has begun after Done")
					}
					if i%3 == 0 {
						time.Sleep(1500 * time.Millisecond)
					}
				}
				var timer *pool.Timer
				if i%4 == 0 {
					timer = p.After(ctx, second, fn)
				} else {
					timer = p.Every(ctx, pool.Every(second), pool.Overlap(i%3), fn)
				}
				wg.Go(func() {
					time.Sleep(time.Duration(i%7) * second)
					if i%5 != 0 {
						timer.Stop()
					}
					<-timer.Done()
					done.Store(true)
				})
			}
			time.Sleep(5 * second)
			cancel()
			wg.Wait()
			require.NoError(t, p.Shutdown(context.Background()))
			s := p.Stats()
			require.Equal(t, s.Submitted, s.Completed+s.Failed+s.Canceled+s.Rejected+s.Dropped)
			require.Zero(t, s.Failed)
		})
	}
}

// Law 12: the surface of time, in two bubbles in a row.
func TestLaw12_TimersInTwoBubbles(t *testing.T) {
	testkit.TwoBubbles(t, func(t *testing.T) {
		p, s := pool.New(1), newSeconds()
		ctx, cancel := context.WithCancel(context.Background())
		after := p.After(ctx, second, s.note)
		every := p.Every(ctx, pool.Every(second/4*3), pool.Beside, s.note)
		time.Sleep(2 * second)
		<-after.Done()
		cancel()
		<-every.Done()
		require.Equal(t, []float64{0.75, 1, 1.5}, s.all())
		forgotten := p.Every(context.Background(), pool.Every(time.Hour), pool.SkipRun, nothing)
		shutdown(t, p)
		require.True(t, isDone(forgotten))
	})
}

func TestLaw13_TimerAllocations(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	p := pool.New(1)
	ran := make(chan struct{}, 1)
	timer := p.Every(context.Background(), pool.Every(time.Hour), pool.Beside, func(context.Context) { ran <- struct{}{} })
	require.Zero(t, testing.AllocsPerRun(1000, func() {
		pool.Tick(timer)
		<-ran
	}), "a tick and its run")
	require.True(t, timer.Stop())
	shutdown(t, p)
}
