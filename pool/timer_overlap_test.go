package pool_test

import (
	"context"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pool"
)

const second = time.Second

// Ticks at 1, 2, 3, ... The run that the first one makes takes 2.5 seconds, the
// others half of one.
func TestOverlap(t *testing.T) {
	for _, c := range []struct {
		name    string
		overlap pool.Overlap
		want    []float64
		peak    int
	}{
		{"skip", pool.SkipRun, []float64{1, 4, 5}, 1},
		{"queue one", pool.QueueOne, []float64{1, 3.5, 4, 5}, 1},
		{"beside", pool.Beside, []float64{1, 2, 3, 4, 5}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := pool.New(4)
				s, gauge := newSeconds(), new(testkit.Gauge)
				timer := p.Every(context.Background(), pool.Every(second), c.overlap, func(context.Context) {
					gauge.Enter()
					defer gauge.Leave()
					if s.count() == 1 {
						time.Sleep(2500 * time.Millisecond)
					} else {
						time.Sleep(second / 2)
					}
				})
				time.Sleep(5*second + second/4)
				require.True(t, timer.Stop())
				<-timer.Done()
				require.Equal(t, c.want, s.all())
				require.Equal(t, c.peak, gauge.Peak())
				shutdown(t, p)
			})
		})
	}
}

// Ticks at 1, 2, 3, ... on a pool without room from 0.5 to 3.5: neither a worker
// nor a place in the queue, which comes free at 3.25.
func TestTicksOfAFullPool(t *testing.T) {
	for _, c := range []struct {
		name    string
		overlap pool.Overlap
		policy  pool.Overflow
		want    []float64
		waiting int
	}{
		{"skip", pool.SkipRun, pool.Block, []float64{4, 5}, 0},
		{"beside", pool.Beside, pool.Block, []float64{4, 5}, 0},
		{"queue one", pool.QueueOne, pool.Block, []float64{3.5, 4, 5}, 1},
		{"queue one, of a pool that rejects", pool.QueueOne, pool.Reject, []float64{3.5, 4, 5}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, s := pool.New(1, pool.Queue(1, c.policy)), newSeconds()
				timer := p.Every(context.Background(), pool.Every(second), c.overlap, s.note)
				time.Sleep(second / 2)
				require.NoError(t, p.Go(context.Background(), func(context.Context) { time.Sleep(2750 * time.Millisecond) }))
				synctest.Wait()
				require.NoError(t, p.Go(context.Background(), func(context.Context) { time.Sleep(second / 4) }))
				synctest.Wait()
				before := runtime.NumGoroutine()
				time.Sleep(2600 * time.Millisecond) // ticks at 1, 2, 3 have found no room
				synctest.Wait()
				require.Equal(t, c.waiting, p.Stats().Waiting, "in line")
				require.Equal(t, before+c.waiting, runtime.NumGoroutine(), "they do not pile up")
				time.Sleep(2150 * time.Millisecond)
				require.True(t, timer.Stop())
				require.Equal(t, c.want, s.all())
				shutdown(t, p)
			})
		})
	}
}

// A run that follows another, when the queue has become full meanwhile.
func TestFollowingRunWaitsForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, s := pool.New(1, pool.Queue(1, pool.Block)), newSeconds()
		timer := p.Every(context.Background(), pool.Every(second), pool.QueueOne, func(ctx context.Context) {
			s.note(ctx)
			time.Sleep(2500 * time.Millisecond)
		})
		time.Sleep(2 * second) // it runs, and is to follow itself
		require.NoError(t, p.Go(context.Background(), func(context.Context) { time.Sleep(second) }))
		inLine := make(chan error, 1)
		go func() {
			inLine <- p.Go(context.Background(), func(context.Context) { time.Sleep(second) })
		}()
		time.Sleep(1750 * time.Millisecond)
		require.NoError(t, <-inLine)
		require.Equal(t, 1, p.Stats().Waiting, "behind those who came first")
		time.Sleep(2 * second)
		require.Equal(t, []float64{1, 5.5}, s.all())
		timer.Stop()
		shutdown(t, p)
	})
}

// A timer that is stopped forgets the run that was to follow.
func TestStopOfAFollowingRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(1)
		timer := p.Every(context.Background(), pool.Every(second), pool.QueueOne, func(context.Context) { time.Sleep(5 * second) })
		time.Sleep(3*second + second/2)
		require.True(t, timer.Stop())
		<-timer.Done()
		shutdown(t, p)
		require.EqualValues(t, 1, p.Stats().Submitted)
	})
}

// A run in line for room leaves it when nobody wants it any more.
func TestRunInLineEndsWithItsTimer(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(*pool.Timer, context.CancelFunc)
	}{
		{"stop", func(timer *pool.Timer, _ context.CancelFunc) { timer.Stop() }},
		{"cancel", func(_ *pool.Timer, cancel context.CancelFunc) { cancel() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, s := pool.New(1, pool.Queue(1, pool.Block)), newSeconds()
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				for range 2 {
					require.NoError(t, p.Go(context.Background(), func(context.Context) { time.Sleep(10 * second) }))
					synctest.Wait()
				}
				timers := []*pool.Timer{
					p.After(ctx, second, s.note),
					p.Every(ctx, pool.Every(second), pool.QueueOne, s.note),
				}
				time.Sleep(5 * second)
				require.Equal(t, 2, p.Stats().Waiting)
				for _, timer := range timers {
					c.end(timer, cancel)
				}
				synctest.Wait()
				require.Zero(t, p.Stats().Waiting)
				for _, timer := range timers {
					require.True(t, isDone(timer))
					require.False(t, timer.Stop())
				}
				shutdown(t, p)
				require.Empty(t, s.all())
			})
		})
	}
}

// The slot that a timer's ctx comes with is not the timer's: a run in line for
// room must not give it back.
func TestLaw9_RunInLineKeepsTheTasksSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(1, pool.Queue(1, pool.Block))
		f := pool.Submit(context.Background(), p, func(ctx context.Context) (int, error) {
			timer := p.After(ctx, second, nothing)
			if err := p.Go(ctx, nothing); err != nil { // the queue is full
				return 0, err
			}
			time.Sleep(2 * second)
			s := p.Stats()
			require.Equal(t, 1, s.Waiting)
			require.Equal(t, 1, s.Running)
			require.Zero(t, s.Parked)
			timer.Stop()
			return 1, nil
		})
		_, err := f.Await(context.Background())
		require.NoError(t, err)
		shutdown(t, p)
	})
}

// Random runs against a naive model of the three policies.
func TestOverlapAgainstAModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		overlap := rapid.SampledFrom([]pool.Overlap{pool.SkipRun, pool.QueueOne, pool.Beside}).Draw(rt, "overlap")
		// Runs take a millisecond more than some tenths, ticks come at whole
		// seconds: a run never ends with a tick.
		lengths := rapid.SliceOfN(rapid.IntRange(0, 60), 1, 12).Draw(rt, "lengths")
		for i := range lengths {
			lengths[i] = 100*lengths[i] + 1
		}
		const ticks = 15
		want := model(overlap, lengths, ticks)
		var got []int
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			p := pool.New(ticks)
			starts := make(chan int, 2*ticks)
			var n atomic.Int64
			timer := p.Every(context.Background(), pool.Every(second), overlap, func(context.Context) {
				starts <- int(time.Since(start).Milliseconds())
				length := lengths[int(n.Add(1)-1)%len(lengths)]
				time.Sleep(time.Duration(length) * time.Millisecond)
			})
			time.Sleep(ticks*second + second/20)
			timer.Stop()
			<-timer.Done()
			close(starts)
			for at := range starts {
				got = append(got, at)
			}
			_ = p.Shutdown(context.Background())
		})
		if !slices.Equal(want, got) {
			rt.Fatalf("want %v, got %v", want, got)
		}
	})
}

// model says when runs begin, in milliseconds.
func model(o pool.Overlap, lengths []int, ticks int) (starts []int) {
	busyUntil, follow := -1, false
	run := func(at int) {
		busyUntil = at + lengths[len(starts)%len(lengths)]
		starts = append(starts, at)
	}
	for now := 1; now < ticks*1000+50; now++ {
		if follow && now == busyUntil {
			follow = false
			run(now)
		}
		if now%1000 != 0 {
			continue
		}
		switch {
		case o == pool.Beside || busyUntil < now:
			run(now)
		case o == pool.QueueOne:
			follow = true
		}
	}
	return starts
}
