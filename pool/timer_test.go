package pool_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/pool"
)

// seconds collects when something happened, in seconds since the bubble began.
type seconds struct {
	start time.Time
	mu    sync.Mutex
	at    []float64
}

func newSeconds() *seconds { return &seconds{start: time.Now()} }

// count notes the present time, and returns how many there are.
func (s *seconds) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = append(s.at, time.Since(s.start).Seconds())
	return len(s.at)
}

// note is count as a function for a timer.
func (s *seconds) note(context.Context) { s.count() }

func (s *seconds) all() []float64 {
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.at)
}

func isDone(t *pool.Timer) bool {
	select {
	case <-t.Done():
		return true
	default:
		return false
	}
}

func shutdown(t *testing.T, p *pool.Pool) {
	t.Helper()
	require.NoError(t, p.Shutdown(context.Background()))
}

func TestAfterRunsOnce(t *testing.T) {
	for name, c := range map[string]struct {
		d    time.Duration
		want float64
	}{
		"later":    {90 * time.Second, 90},
		"at once":  {0, 0},
		"long ago": {-time.Hour, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, s := pool.New(1), newSeconds()
				timer := p.After(context.Background(), c.d, s.note)
				<-timer.Done()
				require.Equal(t, []float64{c.want}, s.all())
				time.Sleep(time.Hour)
				require.Equal(t, []float64{c.want}, s.all())
				require.False(t, timer.Stop(), "it is over")
				shutdown(t, p)
			})
		})
	}
}

func TestStopOfAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, s := pool.New(1), newSeconds()
		timer := p.After(context.Background(), time.Minute, s.note)
		require.False(t, isDone(timer))
		require.True(t, timer.Stop())
		require.False(t, timer.Stop(), "only the first stops it")
		require.True(t, isDone(timer))
		time.Sleep(time.Hour)
		require.Empty(t, s.all())
		require.Zero(t, p.Stats().Submitted, "nothing has reached the pool")
		shutdown(t, p)
	})
}

// A run that waits for its turn can be stopped, one that has begun cannot.
func TestStopOfAfterInTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, s := pool.New(1), newSeconds()
		require.NoError(t, p.Go(context.Background(), func(context.Context) { time.Sleep(10 * time.Second) }))
		queued := p.After(context.Background(), time.Second, s.note)
		time.Sleep(2 * time.Second)
		require.Equal(t, 1, p.Stats().Queued)
		require.True(t, queued.Stop())
		require.True(t, isDone(queued))

		begun := p.After(context.Background(), 10*time.Second, func(context.Context) { time.Sleep(time.Minute) })
		time.Sleep(20 * time.Second)
		require.False(t, begun.Stop())
		require.False(t, isDone(begun), "it runs")
		<-begun.Done()
		require.Equal(t, 72.0, time.Since(s.start).Seconds())
		require.Empty(t, s.all())
		shutdown(t, p)
		require.EqualValues(t, 1, p.Stats().Canceled)
	})
}

func TestEveryTicksAtAFixedRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, s := pool.New(1), newSeconds()
		time.Sleep(300 * time.Millisecond) // aligned to the timer's own start
		timer := p.Every(context.Background(), pool.Every(time.Second), pool.SkipRun, func(ctx context.Context) {
			s.note(ctx)
			time.Sleep(700 * time.Millisecond)
		})
		time.Sleep(4500 * time.Millisecond)
		require.Equal(t, []float64{1.3, 2.3, 3.3, 4.3}, s.all())
		require.True(t, timer.Stop())
		require.False(t, timer.Stop())
		require.False(t, isDone(timer), "the last run is running")
		<-timer.Done()
		require.Equal(t, 5.0, time.Since(s.start).Seconds())
		time.Sleep(time.Hour)
		require.Len(t, s.all(), 4)
		shutdown(t, p)
	})
}

// Law 2: the run's ctx is the caller's, and ends with it.
func TestLaw2_TimerContext(t *testing.T) {
	type key struct{}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(context.WithValue(context.Background(), key{}, "v"))
		p := pool.New(1)
		var value, cause any
		timer := p.After(ctx, time.Second, func(ctx context.Context) {
			value = ctx.Value(key{})
			<-ctx.Done()
			cause = context.Cause(ctx)
		})
		time.Sleep(2 * time.Second)
		require.False(t, timer.Stop())
		cancel(errCause)
		<-timer.Done()
		require.Equal(t, "v", value)
		require.Equal(t, errCause, cause)
		shutdown(t, p)
	})
}

// Law 2: no run begins when the ctx has ended.
func TestLaw2_TimersEndWithTheirContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, s := pool.New(1), newSeconds()
		ctx, cancel := context.WithTimeout(context.Background(), 2500*time.Millisecond)
		defer cancel()
		after := p.After(ctx, time.Minute, s.note)
		every := p.Every(ctx, pool.Every(time.Second), pool.SkipRun, s.note)
		<-after.Done()
		<-every.Done()
		require.Equal(t, 2.5, time.Since(s.start).Seconds())
		require.Equal(t, []float64{1, 2}, s.all())
		require.False(t, after.Stop())
		require.False(t, every.Stop())

		late := p.After(ctx, 0, s.note)
		require.True(t, isDone(late))
		require.True(t, isDone(p.Every(ctx, pool.Every(time.Second), pool.SkipRun, s.note)))
		time.Sleep(time.Minute)
		require.Len(t, s.all(), 2)
		shutdown(t, p)
	})
}

// A timer that a task starts with the ctx it has on loan belongs to the ctx
// behind it, and outlives the task.
func TestTimerOutlivesTheTaskThatStartedIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, s := pool.New(1), newSeconds()
		ctx, cancel := context.WithCancel(context.Background())
		var timer *pool.Timer
		require.NoError(t, p.Go(ctx, func(ctx context.Context) {
			_ = ctx.Done() // a look: the loan ends with the task
			timer = p.Every(ctx, pool.Every(time.Second), pool.SkipRun, s.note)
		}))
		time.Sleep(2500 * time.Millisecond)
		require.Equal(t, []float64{1, 2}, s.all())
		cancel()
		<-timer.Done()
		shutdown(t, p)
	})
}

// What a run starts with its ctx may outlive the run, as in Go.
func TestWorkStartedByARunOutlivesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, s := pool.New(2), newSeconds()
		timer := p.After(context.Background(), time.Second, func(ctx context.Context) {
			_ = ctx.Done()
			_ = p.Go(ctx, func(ctx context.Context) {
				time.Sleep(time.Second)
				if ctx.Err() == nil {
					s.note(ctx)
				}
			})
		})
		<-timer.Done()
		shutdown(t, p)
		require.Equal(t, []float64{2}, s.all())
	})
}

func TestTimerMistakes(t *testing.T) {
	p := pool.New(1)
	defer shutdown(t, p)
	ctx := context.Background()
	for want, call := range map[string]func(){
		"pool: After needs a context, got nil: pass context.Background() if there is none": func() {
			p.After(nil, 0, nothing) //nolint:staticcheck // the mistake
		},
		"pool: After needs a function, got nil": func() { p.After(ctx, 0, nil) },
		"pool: Every needs a function, got nil": func() { p.Every(ctx, pool.Every(1), pool.SkipRun, nil) },
		"pool: Every needs a schedule, got nil: pass pool.Every(time.Minute), say": func() {
			p.Every(ctx, nil, pool.SkipRun, nothing)
		},
		"pool: Every needs an overlap policy, got 3: pass SkipRun, QueueOne or Beside": func() {
			p.Every(ctx, pool.Every(1), pool.Beside+1, nothing)
		},
		"pool: Every needs a positive duration, got -1ns": func() { pool.Every(-1) },
		"pool: Every needs a positive duration, got 0s":   func() { pool.Every(0) },
	} {
		require.PanicsWithValue(t, want, call)
	}
}
