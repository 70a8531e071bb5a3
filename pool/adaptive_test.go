package pool_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/race"
	"github.com/thence-go/thence/pool"
)

// sized is a pool that only knows its size, and whether it was told twice at once.
type sized struct {
	busy, twice atomic.Bool
	size        atomic.Int64
	all         []int
}

func (s *sized) Resize(n int) error {
	if !s.busy.CompareAndSwap(false, true) {
		s.twice.Store(true)
	}
	defer s.busy.Store(false)
	s.size.Store(int64(n))
	s.all = append(s.all, n)
	return nil
}

func TestAdaptiveBegins(t *testing.T) {
	for _, c := range []struct{ workers, want int }{{1, 4}, {4, 4}, {10, 10}, {50, 20}} {
		_, first := pool.NewAdapter(pool.AdaptiveConfig{Min: 4, Max: 20}, c.workers, new(sized))
		require.Equal(t, c.want, first)
	}
}

// Latency in proportion to what runs, beyond a knee of 50: the pool is sized to
// it, and told of changes only.
func TestAdaptiveFollowsLatency(t *testing.T) {
	s := new(sized)
	a, first := pool.NewAdapter(pool.AdaptiveConfig{Min: 2, Max: 500}, 8, s)
	s.size.Store(int64(first))
	for range 100_000 {
		n := int(s.size.Load())
		a.Sample(time.Millisecond*time.Duration(max(50, n))/50, n, nil)
	}
	require.InDelta(t, 64, s.size.Load(), 6)
	for i := range s.all[1:] {
		require.NotEqual(t, s.all[i], s.all[i+1])
	}
	// Each is measured by half of it: below the knee, but no lower.
	require.Less(t, len(s.all), 1500)
}

func TestAdaptiveOutcomes(t *testing.T) {
	gone, cancel := context.WithCancelCause(context.Background())
	cancel(errCause)
	late, cancelLate := context.WithDeadline(context.Background(), time.Unix(0, 0))
	defer cancelLate()
	for _, c := range []struct {
		name string
		err  error
		want int // of 100
	}{
		{"success", nil, 100},
		{"its own failure", errDisk, 100},
		{"panic", &future.PanicError{Value: "boom"}, 100},
		{"Goexit", future.ErrGoexit, 100},
		{"canceled", future.Outcome(gone, gone.Err()), 100},
		{"the caller's deadline", future.Outcome(late, late.Err()), 90},
		{"its own deadline", fmt.Errorf("call: %w", context.DeadlineExceeded), 90},
		{"a wait within it", future.StoppedWaiting(late), 90},
	} {
		s := new(sized)
		a, _ := pool.NewAdapter(pool.AdaptiveConfig{Min: 1, Max: 1000}, 100, s)
		a.Sample(time.Millisecond, 100, c.err)
		require.Equal(t, c.want, a.Limit(), c.name)
		require.Equal(t, c.want != 100, s.size.Load() == 90, c.name)
	}
}

// Many at once: one at a time resizes, and the last size is the limit.
func TestAdaptiveRaces(t *testing.T) {
	for range stress(20) {
		s := new(sized)
		a, _ := pool.NewAdapter(pool.AdaptiveConfig{Min: 1, Max: 1000}, 8, s)
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				for n := range 2000 {
					var err error
					if n%500 == 499 {
						err = context.DeadlineExceeded
					}
					a.Sample(time.Duration(1+(n+i)%50)*time.Microsecond, a.Limit(), err)
				}
			})
		}
		wg.Wait()
		require.EqualValues(t, a.Limit(), s.size.Load())
		require.False(t, s.twice.Load())
	}
}

// during runs something else while it is resized for the first time.
type during struct {
	sized
	what func()
}

func (d *during) Resize(n int) error {
	defer d.sized.Resize(n)
	if what := d.what; what != nil {
		d.what = nil
		what()
	}
	return nil
}

// A task that is done while the pool is resized does not wait for that, and has
// its say.
func TestAdaptiveWhileItResizes(t *testing.T) {
	d := new(during)
	a, _ := pool.NewAdapter(pool.AdaptiveConfig{Min: 1, Max: 1000}, 100, d)
	d.what = func() {
		for range 101 { // those in flight with the first one, and another
			a.Sample(0, 100, context.DeadlineExceeded)
		}
		require.Equal(t, 81, a.Limit())
		require.Empty(t, d.all, "one at a time")
	}
	a.Sample(0, 100, context.DeadlineExceeded)
	require.Equal(t, []int{90, 81}, d.all)
}

func TestAdaptiveMistakes(t *testing.T) {
	for _, c := range []pool.AdaptiveConfig{{}, {Min: 0, Max: 5}, {Min: 5, Max: 4}, {Min: -1, Max: -1}} {
		require.PanicsWithValue(t,
			fmt.Sprintf("pool: Adaptive needs 1 <= Min <= Max, got Min %d and Max %d", c.Min, c.Max),
			func() { pool.NewAdapter(c, 1, new(sized)) })
	}
}

func TestLaw13_AdaptiveAllocations(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	a, _ := pool.NewAdapter(pool.AdaptiveConfig{Min: 1, Max: 100}, 10, nowhere{})
	require.Zero(t, testing.AllocsPerRun(10000, func() { a.Sample(time.Millisecond, 10, nil) }))
}

type nowhere struct{}

func (nowhere) Resize(int) error { return nil }

func BenchmarkAdaptiveSample(b *testing.B) {
	a, _ := pool.NewAdapter(pool.AdaptiveConfig{Min: 1, Max: 100}, 10, nowhere{})
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			a.Sample(time.Millisecond, 10, nil)
		}
	})
}
