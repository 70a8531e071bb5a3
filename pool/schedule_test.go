package pool_test

import (
	"context"
	"math"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pool"
)

// scheduleFunc is a function as a schedule.
type scheduleFunc func(time.Time) time.Time

func (f scheduleFunc) Next(t time.Time) time.Time { return f(t) }

// panics collects what the panic hook is told.
func panics(t *testing.T) *[]any {
	values := new([]any)
	var mu sync.Mutex
	old := future.SetHooks(future.Hooks{Panic: func(e *future.PanicError) {
		mu.Lock()
		defer mu.Unlock()
		*values = append(*values, e.Value)
	}})
	t.Cleanup(func() { future.SetHooks(old) })
	return values
}

func TestEveryByItself(t *testing.T) {
	at := time.Date(2026, 1, 1, 12, 0, 0, 1, time.UTC)
	require.Equal(t, at.Add(time.Minute), pool.Every(time.Minute).Next(at))
}

// However long a pause was, the next tick is found at once, and is one of those
// that the start has set.
func TestEveryKeepsItsStart(t *testing.T) {
	start := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		every, since, want time.Duration
	}{
		{second, 0, second},
		{second, 1, second},
		{second, second - 1, second},
		{second, second, 2 * second},
		{second, 10*second + second/2, 11 * second},
		{time.Nanosecond, 100 * 365 * 24 * time.Hour, 100*365*24*time.Hour + 1},
		{7 * second, 8 * time.Hour, 4115 * 7 * second},
	} {
		s := pool.StartedAt(pool.Every(c.every), start)
		require.Equal(t, c.want, s.Next(start.Add(c.since)).Sub(start), "every %v, %v later", c.every, c.since)
	}
}

// Schedules that end: by themselves, or because they break. What has been
// accepted runs, and nothing comes after.
func TestLaw6_SchedulesThatEnd(t *testing.T) {
	const notAfter = "pool: a schedule must return a time after the one it is asked about: got "
	for _, c := range []struct {
		name string
		next func(time.Time) time.Time
		says string // to the hook
	}{
		{"no more", func(time.Time) time.Time { return time.Time{} }, ""},
		{"panic", func(time.Time) time.Time { panic("boom") }, "boom"},
		{"Goexit", func(time.Time) time.Time { runtime.Goexit(); return time.Time{} }, ""},
		{"now", func(t time.Time) time.Time { return t }, notAfter},
		{"before", func(t time.Time) time.Time { return t.Add(-time.Hour) }, notAfter},
	} {
		for _, good := range []int{0, 2} {
			t.Run(c.name, func(t *testing.T) {
				told := panics(t)
				synctest.Test(t, func(t *testing.T) {
					p, s := pool.New(1), newSeconds()
					asked := 0
					schedule := scheduleFunc(func(at time.Time) time.Time {
						if asked++; asked <= good {
							return at.Add(second)
						}
						return c.next(at)
					})
					var timer *pool.Timer
					made := make(chan struct{})
					go func() { // which Goexit ends, if the schedule is asked at once
						defer close(made)
						timer = p.Every(context.Background(), schedule, pool.SkipRun, func(ctx context.Context) {
							s.note(ctx)
							time.Sleep(second / 2)
						})
					}()
					<-made
					if timer != nil {
						<-timer.Done()
						require.False(t, timer.Stop())
					}
					time.Sleep(time.Hour)
					require.Equal(t, []float64{1, 2}[:good], append([]float64{}, s.all()...))
					require.Equal(t, good+1, asked, "it is not asked again")
					if c.says == "" {
						require.Empty(t, *told)
					} else {
						require.Len(t, *told, 1)
						require.Contains(t, (*told)[0], c.says)
					}
					shutdown(t, p)
				})
			})
		}
	}
}

// A schedule that ends at a tick whose run has to wait: for room, or for the run
// before it.
func TestTheLastRunMayHaveToWait(t *testing.T) {
	for _, end := range []func(){func() {}, runtime.Goexit} {
		synctest.Test(t, func(t *testing.T) {
			p, s := pool.New(1, pool.Queue(1, pool.Block)), newSeconds()
			for range 2 {
				require.NoError(t, p.Go(context.Background(), func(context.Context) { time.Sleep(2 * second) }))
				synctest.Wait()
			}
			timer := p.Every(context.Background(), scheduleFunc(func(at time.Time) time.Time {
				if time.Since(s.start) > 0 {
					end()
					return time.Time{}
				}
				return at.Add(second)
			}), pool.QueueOne, s.note)
			time.Sleep(second + second/2)
			require.False(t, isDone(timer))
			<-timer.Done()
			require.Equal(t, []float64{4}, s.all(), "in line for room")
			shutdown(t, p)
		})
	}
	synctest.Test(t, func(t *testing.T) {
		p, s := pool.New(1), newSeconds()
		timer := p.Every(context.Background(), scheduleFunc(func(at time.Time) time.Time {
			if time.Since(s.start) >= 2*second {
				return time.Time{}
			}
			return at.Add(second)
		}), pool.QueueOne, func(ctx context.Context) {
			s.note(ctx)
			time.Sleep(3 * second)
		})
		<-timer.Done()
		require.Equal(t, []float64{1, 4}, s.all(), "behind the run before it")
		require.Equal(t, 7.0, time.Since(s.start).Seconds())
		shutdown(t, p)
	})
}

// A panic or Goexit in a run is loud and ends that run only.
func TestLaw6_RunsThatPanic(t *testing.T) {
	for _, o := range []pool.Overlap{pool.SkipRun, pool.QueueOne, pool.Beside} {
		told := panics(t)
		synctest.Test(t, func(t *testing.T) {
			p, s := pool.New(1), newSeconds()
			timer := p.Every(context.Background(), pool.Every(second), o, func(context.Context) {
				switch s.count() {
				case 1:
					panic("boom")
				case 2:
					runtime.Goexit()
				}
			})
			time.Sleep(4*second + second/2)
			timer.Stop()
			require.True(t, isDone(timer))
			require.Equal(t, []float64{1, 2, 3, 4}, s.all())
			require.Equal(t, []any{"boom"}, *told)
			require.EqualValues(t, 1, p.Stats().Panicked)
			once := p.After(context.Background(), 0, func(context.Context) { panic("once") })
			<-once.Done()
			require.Equal(t, []any{"boom", "once"}, *told)
			shutdown(t, p)
		})
	}
}

// A schedule that takes its time stands for a machine that was suspended: one run
// for all the ticks that passed, and no burst after it.
func TestMissedTicksMakeOneRun(t *testing.T) {
	for _, o := range []pool.Overlap{pool.SkipRun, pool.QueueOne, pool.Beside} {
		synctest.Test(t, func(t *testing.T) {
			p, s := pool.New(1), newSeconds()
			start, asked := time.Now(), 0
			aligned := pool.StartedAt(pool.Every(second), start)
			timer := p.Every(context.Background(), scheduleFunc(func(at time.Time) time.Time {
				asked++
				next := aligned.Next(at)
				if asked == 3 {
					time.Sleep(100*second + second/4)
				}
				return next
			}), o, s.note)
			time.Sleep(105*second - second/2)
			timer.Stop()
			require.Equal(t, []float64{1, 2, 102.25, 103, 104}, s.all())
			shutdown(t, p)
		})
	}
}

// A wall clock that is set back, or a timer that strikes early, asks for what
// comes after the tick that was due: the same tick never comes twice.
func TestNoTickComesTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, s := pool.New(1), newSeconds()
		timer := p.Every(context.Background(), pool.Every(time.Minute), pool.SkipRun, s.note)
		time.Sleep(59 * second)
		pool.Tick(timer)
		time.Sleep(time.Minute) // the tick at 60 has been
		require.Equal(t, []float64{59}, s.all())
		time.Sleep(2 * second)
		timer.Stop()
		require.Equal(t, []float64{59, 120}, s.all())
		shutdown(t, p)
	})
}

// The rarest tick there is: a clock must take it.
func TestFarTicks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(1)
		far := p.Every(context.Background(), scheduleFunc(func(time.Time) time.Time {
			return time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
		}), pool.SkipRun, func(context.Context) { t.Error("too soon") })
		after := p.After(context.Background(), math.MaxInt64, func(context.Context) { t.Error("too soon") })
		time.Sleep(1000 * time.Hour)
		require.True(t, far.Stop())
		require.True(t, after.Stop())
		shutdown(t, p)
	})
}
