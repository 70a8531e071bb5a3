package ratelimit_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/ratelimit"
)

// scene is a bubble with a limiter, a clock that starts at 0 and a log of who
// got through when.
type scene struct {
	*testing.T
	l     *ratelimit.Limiter
	start time.Time
	wg    sync.WaitGroup
	mu    sync.Mutex
	log   []event
}

// event is one line of the log.
type event struct {
	at   time.Duration
	what string
}

func (e event) String() string { return fmt.Sprint(e.what, " at ", e.at) }

func play(t *testing.T, limit ratelimit.Limit, burst int, fn func(s *scene)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &scene{T: t, l: ratelimit.NewLimiter(limit, burst), start: time.Now()}
		fn(s)
		s.wg.Wait()
		require.Zero(t, s.l.Sleeping())
	})
}

func (s *scene) now() time.Duration { return time.Since(s.start) }

// until sleeps until the clock of the scene says ticks.
func (s *scene) until(ticks float64) {
	time.Sleep(time.Until(s.start.Add(time.Duration(ticks * float64(tick)))))
	synctest.Wait()
}

// wait starts a waiter, logs how and when it ends, and returns what makes it
// give up.
func (s *scene) wait(name string, n int) context.CancelFunc {
	ctx, cancel := context.WithCancel(context.Background())
	s.waitOn(ctx, name, n)
	return cancel
}

func (s *scene) waitOn(ctx context.Context, name string, n int) {
	s.wg.Go(func() {
		err := s.l.WaitN(ctx, n)
		s.mu.Lock()
		defer s.mu.Unlock()
		switch {
		case errors.Is(err, ratelimit.ErrLimit):
			name += " refused"
		case err != nil:
			name += " gave up"
		}
		s.log = append(s.log, event{s.now(), name})
	})
	synctest.Wait()
}

// then ends the scene: everybody is through, and this is what happened, what
// happened at once in the order of its text.
func (s *scene) then(want ...string) {
	s.Helper()
	s.wg.Wait()
	slices.SortFunc(s.log, func(a, b event) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.what, b.what))
	})
	var got []string
	for _, e := range s.log {
		got = append(got, e.String())
	}
	require.Equal(s, want, got)
}

func TestWaitTable(t *testing.T) {
	play(t, 10, 3, func(s *scene) {
		require.Error(t, s.l.WaitN(s.Context(), 4), "more than the burst")
		require.NoError(t, s.l.WaitN(s.Context(), 2))
		require.Zero(t, s.now())
		require.NoError(t, s.l.WaitN(s.Context(), 3))
		require.Equal(t, 2*tick, s.now())
		over, cancel := context.WithCancel(s.Context())
		cancel()
		require.Error(t, s.l.WaitN(over, 1))
		require.Equal(t, 2*tick, s.now())
	})
}

func TestLaw10_FairWaiters(t *testing.T) {
	play(t, 10, 3, func(s *scene) {
		s.wait("burst", 3)
		s.wait("a", 2)
		s.wait("b", 3)
		s.wait("c", 1)
		s.wait("d", 0)
		require.Equal(t, -6.0, s.l.Tokens())
		for ticks := 0.5; ticks < 6; ticks++ {
			s.until(ticks)
			require.False(t, s.l.Allow(), "nobody overtakes")
		}
		s.then("burst at 0s", "a at 200ms", "b at 500ms", "c at 600ms", "d at 600ms")
	})
	t.Run("a thousand", func(t *testing.T) {
		play(t, 1e6, 1, func(s *scene) {
			var want []string
			s.l.Allow()
			for i := range 1000 {
				s.wait(fmt.Sprint(i), 1)
				want = append(want, fmt.Sprint(i, " at ", time.Duration(i+1)*time.Microsecond))
			}
			s.then(want...)
		})
	})
}

func TestWhoGivesUpMakesRoom(t *testing.T) {
	for name, c := range map[string]struct {
		leaves string
		want   []string
	}{
		"the first":  {"a", []string{"a gave up at 50ms", "b at 200ms", "c at 300ms", "d at 600ms"}},
		"the middle": {"b", []string{"b gave up at 50ms", "a at 100ms", "c at 200ms", "d at 500ms"}},
		"the last":   {"d", []string{"d gave up at 50ms", "a at 100ms", "b at 300ms", "c at 400ms"}},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, 10, 3, func(s *scene) {
				s.l.AllowN(time.Now(), 3)
				giveUp := map[string]context.CancelFunc{
					"a": s.wait("a", 1), "b": s.wait("b", 2), "c": s.wait("c", 1), "d": s.wait("d", 3),
				}
				s.until(0.5)
				giveUp[c.leaves]()
				s.then(c.want...)
			})
		})
	}
	t.Run("one that is due at once", func(t *testing.T) {
		play(t, 10, 3, func(s *scene) {
			s.l.AllowN(time.Now(), 3)
			giveUp := s.wait("big", 3)
			s.wait("small", 1)
			s.until(2)
			giveUp()
			s.then("big gave up at 200ms", "small at 200ms")
			require.Equal(t, 1.0, s.l.Tokens())
		})
	})
	t.Run("and the bucket has the rest", func(t *testing.T) {
		play(t, 10, 3, func(s *scene) {
			s.l.AllowN(time.Now(), 2)
			giveUp := s.wait("a", 3)
			require.Equal(t, -2.0, s.l.Tokens())
			s.until(1)
			giveUp()
			s.then("a gave up at 100ms")
			require.Equal(t, 2.0, s.l.Tokens())
		})
	})
	t.Run("all", func(t *testing.T) {
		play(t, 10, 3, func(s *scene) {
			s.l.AllowN(time.Now(), 3)
			ctx, cancel := context.WithCancel(context.Background())
			for range 100 {
				s.waitOn(ctx, "all", 2)
			}
			require.Equal(t, 100, s.l.Sleeping())
			cancel()
			s.wg.Wait()
			require.Zero(t, s.l.Tokens())
		})
	})
}

// Between two waiters lies a reservation, whose time is promised.
func TestWhoGivesUpMakesRoomBeyondAReservation(t *testing.T) {
	for name, c := range map[string]struct {
		a, r, b, c int // tokens
		want       []string
		after      float64 // tokens at the end
	}{
		"it fits":      {1, 1, 1, 1, []string{"b at 100ms", "c at 300ms"}, 0},
		"two fit":      {2, 2, 1, 1, []string{"b at 100ms", "c at 200ms"}, -2},
		"one fits":     {1, 1, 1, 2, []string{"b at 100ms", "c at 400ms"}, 0},
		"none fits":    {1, 1, 2, 1, []string{"b at 400ms", "c at 500ms"}, 0},
		"only smaller": {2, 1, 1, 2, []string{"b at 100ms", "c at 500ms"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, 10, 3, func(s *scene) {
				s.l.AllowN(time.Now(), 3)
				giveUp := s.wait("a", c.a)
				r := s.l.ReserveN(time.Now(), c.r)
				at := time.Duration(c.a+c.r) * tick
				require.Equal(t, at, r.Delay())
				s.wait("b", c.b)
				s.wait("c", c.c)
				giveUp()
				synctest.Wait()
				require.Equal(t, at, r.Delay(), "a promise")
				s.then(append([]string{"a gave up at 0s"}, c.want...)...)
				require.Equal(t, c.after, s.l.Tokens())
			})
		})
	}
}

func TestWhoGivesUpMakesRoomBeyondReservations(t *testing.T) {
	play(t, 10, 3, func(s *scene) {
		s.l.AllowN(time.Now(), 3)
		giveUp := s.wait("a", 1)
		s.l.Reserve()
		s.wait("b", 1)
		s.l.Reserve()
		s.wait("c", 1)
		require.Equal(t, -5.0, s.l.Tokens())
		giveUp()
		s.then("a gave up at 0s", "b at 100ms", "c at 300ms")
		require.Equal(t, -1.0, s.l.Tokens())
	})
}

func TestCanceledReservationMakesRoom(t *testing.T) {
	play(t, 10, 3, func(s *scene) {
		s.l.AllowN(time.Now(), 3)
		r := s.l.ReserveN(time.Now(), 2)
		s.wait("a", 1)
		s.wait("b", 3)
		s.until(0.5)
		r.Cancel()
		r.Cancel() // does nothing
		s.then("a at 100ms", "b at 400ms")
		require.Zero(t, s.l.Tokens())
	})
}

func TestWaitTakesWhatIsThereWhenTheContextEnds(t *testing.T) {
	play(t, 10, 1, func(s *scene) {
		s.l.Allow()
		ctx, cancel := context.WithTimeout(s.Context(), tick) // to the nanosecond
		defer cancel()
		require.NoError(t, s.l.Wait(ctx))
		require.Equal(t, tick, s.now())
	})
}

// A bucket's scale reaches some years: it may end while somebody sleeps.
func TestWaitForYears(t *testing.T) {
	const year = 365 * 24 * time.Hour
	play(t, ratelimit.Every(4*year), 1, func(s *scene) {
		s.l.Allow()
		for i := range 4 {
			s.wait(fmt.Sprint(i), 1)
		}
		s.then("0 at 35040h0m0s", "1 at 70080h0m0s", "2 at 105120h0m0s", "3 at 140160h0m0s")
		require.Zero(t, s.l.Tokens())
	})
}

func TestZeroLimiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l ratelimit.Limiter
		require.Zero(t, l.Limit())
		require.Zero(t, l.Burst())
		require.False(t, l.Allow())
		require.False(t, l.AllowN(time.Now(), 1))
		require.False(t, l.Reserve().OK())
		require.Error(t, l.Wait(t.Context()))
		require.Zero(t, l.Tokens())
		l.SetLimit(10)
		l.SetBurst(1)
		require.NoError(t, l.Wait(t.Context()))
	})
	var l ratelimit.Limiter
	require.Error(t, l.Wait(t.Context()))
	l = ratelimit.Limiter{}
	require.False(t, l.ReserveN(time.Now(), 1).OK())
	require.Zero(t, new(ratelimit.Limiter).Tokens())
}

// What was made outside of a bubble works inside.
func TestLimiterFromOutside(t *testing.T) {
	l := ratelimit.NewLimiter(10, 1)
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		require.NoError(t, l.Wait(t.Context()))
		require.NoError(t, l.Wait(t.Context()))
		require.Equal(t, tick, time.Since(start))
	})
}
