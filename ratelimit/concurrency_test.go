package ratelimit_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/thence-go/thence/ratelimit"
)

// queue is a bubble's log of who got into a Concurrency, in order.
type queue struct {
	c   *ratelimit.Concurrency
	wg  sync.WaitGroup
	mu  sync.Mutex
	log []string
}

// add starts one who acquires n, and returns what makes it give up.
func (q *queue) add(name string, n int64) context.CancelFunc {
	ctx, cancel := context.WithCancel(context.Background())
	q.wg.Go(func() {
		if err := q.c.Acquire(ctx, n); err != nil {
			name += ": " + err.Error()
		}
		q.mu.Lock()
		defer q.mu.Unlock()
		q.log = append(q.log, name)
	})
	synctest.Wait()
	return cancel
}

// next returns who has come through since the last call.
func (q *queue) next() []string {
	synctest.Wait()
	q.mu.Lock()
	defer q.mu.Unlock()
	log := q.log
	q.log = nil
	return log
}

func TestConcurrencyIsFirstComeFirstServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{c: ratelimit.NewConcurrency(3)}
		require.NoError(t, q.c.Acquire(t.Context(), 2))
		q.add("great", 3)
		q.add("small", 1)
		q.add("nothing", 0)
		require.False(t, q.c.TryAcquire(1), "nobody overtakes")
		require.False(t, q.c.TryAcquire(0), "not even for nothing")
		require.Empty(t, q.next())
		q.c.Release(1)
		require.Empty(t, q.next())
		q.c.Release(1)
		require.Equal(t, []string{"great"}, q.next())
		q.c.Release(1)
		require.ElementsMatch(t, []string{"small", "nothing"}, q.next())
		q.c.Release(3)
		require.True(t, q.c.TryAcquire(3))
		require.True(t, q.c.TryAcquire(0))
		require.False(t, q.c.TryAcquire(1))
		require.False(t, q.c.TryAcquire(-1))
	})
}

func TestConcurrencyMovesUpWhenSomebodyGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{c: ratelimit.NewConcurrency(3)}
		require.True(t, q.c.TryAcquire(1))
		giveUp := q.add("great", 3)
		q.add("a", 1)
		middle := q.add("b", 1)
		q.add("c", 1)
		q.add("d", 2)
		middle()
		require.Equal(t, []string{"b: ratelimit: stopped waiting: context canceled"}, q.next())
		giveUp()
		require.ElementsMatch(t, []string{"great: ratelimit: stopped waiting: context canceled", "a", "c"}, q.next())
		q.c.Release(2)
		require.Equal(t, []string{"d"}, q.next())
	})
}

func TestConcurrencyResize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{c: ratelimit.NewConcurrency(3)}
		require.True(t, q.c.TryAcquire(3))
		q.add("a", 1)
		q.add("b", 3)
		q.add("c", 2)
		q.c.Resize(4)
		require.Equal(t, []string{"a"}, q.next())
		q.c.Resize(2)
		require.Equal(t, []string{"b: ratelimit: Acquire(3) is more than the capacity of 2: ask for less, or set a greater capacity"}, q.next())
		q.c.Release(2) // four were held: those inside stay
		require.Empty(t, q.next())
		require.False(t, q.c.TryAcquire(0))
		q.c.Release(2)
		require.Equal(t, []string{"c"}, q.next())

		q.add("e", 2)
		q.add("d", 1)
		q.c.Resize(3) // the one in front does not fit
		require.Empty(t, q.next())
		q.c.Resize(0)
		require.Len(t, q.next(), 2)
		require.False(t, q.c.TryAcquire(1))
		q.c.Release(2)
		require.True(t, q.c.TryAcquire(0))
		q.c.Resize(math.MaxInt64)
		require.True(t, q.c.TryAcquire(math.MaxInt64))
		require.False(t, q.c.TryAcquire(1))
		q.c.Resize(1)
		require.False(t, q.c.TryAcquire(1), "used is far beyond the capacity")
		q.c.Release(math.MaxInt64)
		require.True(t, q.c.TryAcquire(1))
	})
}

func TestConcurrencyAndTheContext(t *testing.T) {
	boom := errors.New("boom")
	synctest.Test(t, func(t *testing.T) {
		c := ratelimit.NewConcurrency(1)
		over, cancel := context.WithCancelCause(t.Context())
		cancel(boom)
		err := c.Acquire(over, 1)
		require.ErrorIs(t, err, boom)
		require.ErrorIs(t, err, context.Canceled)
		var stopped *ratelimit.WaitError
		require.ErrorAs(t, err, &stopped)
		require.NotErrorIs(t, err, ratelimit.ErrLimit)
		require.True(t, c.TryAcquire(1), "nothing was taken")

		start := time.Now()
		ctx, cancelTime := context.WithTimeout(t.Context(), time.Second)
		defer cancelTime()
		err = c.Acquire(ctx, 1)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Second, time.Since(start), "how long others hold is not known before")

		c.Release(1)
		require.NoError(t, c.Acquire(t.Context(), 1))

		for n, text := range map[int64]string{
			2:             "ratelimit: Acquire(2) is more than the capacity of 1: ask for less, or set a greater capacity",
			math.MaxInt64: "ratelimit: Acquire(9223372036854775807) is more than the capacity of 1: ask for less, or set a greater capacity",
			-1:            "ratelimit: Acquire(-1) asks for less than nothing: pass 0 or more",
			math.MinInt64: "ratelimit: Acquire(-9223372036854775808) asks for less than nothing: pass 0 or more",
		} {
			err := c.Acquire(over, n)
			require.EqualError(t, err, text)
			require.ErrorIs(t, err, ratelimit.ErrLimit)
			var refused *ratelimit.LimitError
			require.ErrorAs(t, err, &refused)
			require.Equal(t, ratelimit.Decision{Reason: ratelimit.OverBurst, RetryAfter: ratelimit.InfDuration, Limit: 1}, refused.Decision)
			require.EqualValues(t, n, refused.N)
		}
	})
}

// Who is let in at the very moment at which its context ends is either in or
// has given up; what it holds is never lost.
func TestConcurrencyCanceledWhileLetIn(t *testing.T) {
	var in, out int
	for range 2000 {
		c := ratelimit.NewConcurrency(1)
		require.True(t, c.TryAcquire(1))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- c.Acquire(ctx, 1) }()
		go cancel()
		c.Release(1)
		if err := <-done; err == nil {
			in++
			c.Release(1)
		} else {
			out++
			require.ErrorIs(t, err, context.Canceled)
		}
		require.True(t, c.TryAcquire(1))
	}
	t.Log(in, "in,", out, "gave up")
}

// Whoever is let in while it wakes because its context has ended is in, or
// what it was given would be lost.
func TestConcurrencyLetInWhileItGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := ratelimit.NewConcurrency(1)
		for range 200 {
			require.True(t, c.TryAcquire(1), "all came back")
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- c.Acquire(ctx, 1) }()
			synctest.Wait()
			cancel()
			c.Release(1) // most times before the other one runs
			if err := <-done; err == nil {
				c.Release(1)
			}
		}
	})
}

func TestTenThousandAreLetInExactlyInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 10_000
		c := ratelimit.NewConcurrency(1)
		require.True(t, c.TryAcquire(1))
		order := make([]int, 0, n) // whoever is inside writes
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() {
				time.Sleep(time.Duration(i))
				if c.Acquire(context.Background(), 1) == nil {
					order = append(order, i)
					c.Release(1)
				}
			})
		}
		time.Sleep(n)
		synctest.Wait()
		require.Empty(t, order)
		c.Release(1)
		wg.Wait()
		require.Len(t, order, n)
		for i := range n {
			require.Equal(t, i, order[i])
		}
	})
}

// A Release wakes those who fit, and nobody else: each runs once.
func TestConcurrencyWakesWhoFits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := ratelimit.NewConcurrency(5)
		require.True(t, c.TryAcquire(5))
		var in atomic.Int64
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if c.Acquire(ctx, 2) == nil {
					in.Add(1)
				}
			})
		}
		synctest.Wait()
		c.Release(4)
		synctest.Wait()
		require.EqualValues(t, 2, in.Load())
		c.Release(1)
		synctest.Wait()
		require.EqualValues(t, 2, in.Load())
		cancel()
		wg.Wait()
		c.Release(4)
		require.True(t, c.TryAcquire(5))
	})
}

func TestHolders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := ratelimit.NewConcurrency(6)
		require.Empty(t, c.Holders())
		start := time.Now()
		hold := func(name string, n int64) *ratelimit.Lease {
			l, err := c.Hold(t.Context(), name, n)
			require.NoError(t, err)
			return l
		}
		a := hold("a", 1)
		time.Sleep(time.Second)
		b := hold("b", 2)
		require.NoError(t, c.Acquire(t.Context(), 1))
		a2 := hold("a", 2)
		require.Equal(t, []ratelimit.Holder{
			{"a", 1, start}, {"b", 2, start.Add(time.Second)}, {"a", 2, start.Add(time.Second)},
		}, c.Holders())

		require.PanicsWithValue(t, "ratelimit: Release(2) of a Concurrency of which Acquire holds 1: pass what was acquired, once", func() { c.Release(2) })
		var late *ratelimit.Lease
		var wg sync.WaitGroup
		wg.Go(func() { late = hold("late", 3) })
		synctest.Wait()
		time.Sleep(time.Second)
		b.Release()
		b.Release() // does nothing
		synctest.Wait()
		require.Nil(t, late)
		require.Len(t, c.Holders(), 2, "who waits does not hold")
		a.Release()
		wg.Wait()
		require.Equal(t, []ratelimit.Holder{
			{"a", 2, start.Add(time.Second)}, {"late", 3, start.Add(2 * time.Second)},
		}, c.Holders())
		a2.Release()
		late.Release()
		c.Release(1)
		require.Empty(t, c.Holders())
		require.True(t, c.TryAcquire(6))

		over, cancel := context.WithCancel(t.Context())
		cancel()
		l, err := c.Hold(over, "never", 1)
		require.ErrorIs(t, err, context.Canceled)
		require.Nil(t, l)
		require.Empty(t, c.Holders())
	})
}

func TestConcurrencyBadInput(t *testing.T) {
	c := ratelimit.NewConcurrency(1)
	for name, bad := range map[string]struct {
		call func()
		says string
	}{
		"negative capacity":  {func() { ratelimit.NewConcurrency(-1) }, "NewConcurrency needs a capacity of 0 or more, got -1: pass how much may be under way at once"},
		"negative, resized":  {func() { c.Resize(math.MinInt64) }, "Resize needs a capacity of 0 or more, got -9223372036854775808: pass how much may be under way at once"},
		"nothing was held":   {func() { c.Release(1) }, "Release(1) of a Concurrency of which Acquire holds 0: pass what was acquired, once"},
		"negative release":   {func() { c.Release(-1) }, "Release(-1) of a Concurrency of which Acquire holds 0: pass what was acquired, once"},
		"no context":         {func() { _ = c.Acquire(nil, 1) }, "Acquire needs a context, got nil: pass context.Background() if there is none"},      //nolint:staticcheck // the mistake itself
		"no context to hold": {func() { _, _ = c.Hold(nil, "x", 1) }, "Acquire needs a context, got nil: pass context.Background() if there is none"}, //nolint:staticcheck // the mistake itself
	} {
		t.Run(name, func(t *testing.T) { require.PanicsWithValue(t, "ratelimit: "+bad.says, bad.call) })
	}
	require.True(t, c.TryAcquire(1), "and nothing has changed")

	var zero ratelimit.Concurrency
	require.False(t, zero.TryAcquire(1))
	require.ErrorIs(t, zero.Acquire(t.Context(), 1), ratelimit.ErrLimit)
	zero.Resize(1)
	require.NoError(t, zero.Acquire(t.Context(), 1))
}

// The semaphore of the textbook: a list of those who wait, looked through from
// the front whenever anything has happened.
type naiveRoom struct {
	size, used int64
	line       []naiveWaiter
	in         map[int]int64
}

type naiveWaiter struct {
	id int
	n  int64
}

func (m *naiveRoom) settle() {
	for len(m.line) > 0 && m.used+m.line[0].n <= m.size {
		m.used += m.line[0].n
		m.in[m.line[0].id] = m.line[0].n
		m.line = m.line[1:]
	}
}

// act is one step of a drawn history: what its numbers mean is up to the test.
type act struct{ Kind, N, X int }

func drawActs(t *rapid.T, kinds, n, x, most int) []act {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) act {
		return act{rapid.IntRange(0, kinds-1).Draw(t, "kind"), rapid.IntRange(0, n).Draw(t, "n"), rapid.IntRange(0, x).Draw(t, "x")}
	}), 1, most).Draw(t, "acts")
}

// bubble runs play, which returns what is wrong, in a bubble inside of rapid.
func bubble(t *testing.T, rt *rapid.T, play func(ctx context.Context) string) {
	var wrong string
	synctest.Test(t, func(t *testing.T) { wrong = play(t.Context()) })
	if wrong != "" {
		rt.Fatal(wrong)
	}
}

func TestConcurrencyAgainstNaiveModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		size := rapid.Int64Range(0, 6).Draw(rt, "size")
		acts := drawActs(rt, 6, 4, 6, 40)
		bubble(t, rt, func(ctx context.Context) string { return roomAgainstModel(ctx, size, acts) })
	})
}

func roomAgainstModel(ctx context.Context, size int64, acts []act) string {
	c, m := ratelimit.NewConcurrency(size), &naiveRoom{size: size, in: map[int]int64{}}
	var (
		mu   sync.Mutex
		in   = map[int]int64{}
		stop = map[int]context.CancelFunc{}
		wg   sync.WaitGroup
	)
	defer wg.Wait()
	defer func() {
		for _, cancel := range stop {
			cancel()
		}
	}()
	for id, a := range acts {
		n := int64(a.N)
		switch a.Kind {
		case 0, 1:
			ctx, cancel := context.WithCancel(ctx)
			stop[id] = cancel
			wg.Go(func() {
				if c.Acquire(ctx, n) == nil {
					mu.Lock()
					defer mu.Unlock()
					in[id] = n
				}
			})
			if n <= m.size {
				m.line = append(m.line, naiveWaiter{id, n})
			}
		case 2:
			ok := len(m.line) == 0 && m.used+n <= m.size
			if c.TryAcquire(n) != ok {
				return fmt.Sprintf("TryAcquire(%d) of %v", n, m)
			}
			if ok {
				m.used += n
				m.in[id], in[id] = n, n
			}
		case 3:
			for who, n := range m.in {
				m.used -= n
				delete(m.in, who)
				delete(in, who)
				c.Release(n)
				break
			}
		case 4:
			m.size = int64(a.X)
			c.Resize(m.size)
			m.line = slices.DeleteFunc(m.line, func(w naiveWaiter) bool { return w.n > m.size })
		case 5:
			if k := len(m.line); k > 0 {
				stop[m.line[a.X%k].id]()
				m.line = slices.Delete(m.line, a.X%k, a.X%k+1)
			}
		}
		m.settle()
		synctest.Wait()
		if !maps.Equal(m.in, in) {
			return fmt.Sprintf("after step %d: inside are %v, not %v", id, in, m.in)
		}
	}
	return ""
}

// roomCall is a call on a Concurrency that does not block.
type roomCall struct {
	kind int // 0 TryAcquire, 1 Release, 2 Resize
	n    int64
}

type roomState struct{ size, used int64 }

var roomModel = porcupine.Model{
	Init: func() any { return roomState{size: 4} },
	Step: func(state, input, output any) (bool, any) {
		s, c := state.(roomState), input.(roomCall)
		ok := output.(bool)
		switch c.kind {
		case 0:
			if s.used+c.n > s.size {
				return !ok, s
			}
			s.used += c.n
			return ok, s
		case 1:
			s.used -= c.n
		case 2:
			s.size = c.n
		}
		return true, s
	},
	Equal: func(a, b any) bool { return a == b },
}

func TestConcurrencyLinearizable(t *testing.T) {
	for round := range 50 {
		seed := rand.Uint64()
		c := ratelimit.NewConcurrency(4)
		var (
			clock   atomic.Int64
			mu      sync.Mutex
			history []porcupine.Operation
			wg      sync.WaitGroup
		)
		for client := range 4 {
			random := rand.New(rand.NewPCG(seed, uint64(client)))
			wg.Go(func() {
				var held []int64
				for range 12 {
					call := roomCall{kind: random.IntN(3), n: 1 + random.Int64N(3)}
					if call.kind == 1 {
						if len(held) == 0 {
							continue
						}
						call.n, held = held[0], held[1:]
					}
					op := porcupine.Operation{ClientId: client, Input: call, Call: clock.Add(1)}
					ok := true
					switch call.kind {
					case 0:
						if ok = c.TryAcquire(call.n); ok {
							held = append(held, call.n)
						}
					case 1:
						c.Release(call.n)
					case 2:
						c.Resize(call.n + 1)
						op.Input = roomCall{kind: 2, n: call.n + 1}
					}
					op.Output, op.Return = ok, clock.Add(1)
					mu.Lock()
					history = append(history, op)
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		result := porcupine.CheckOperationsTimeout(roomModel, history, 10*time.Second)
		require.Equal(t, porcupine.Ok, result, "round %d, seed %d", round, seed)
	}
}

// Under everything at once: never more inside than the greatest capacity, and
// in the end nobody is left over.
func TestConcurrencyStress(t *testing.T) {
	const most = 8
	c := ratelimit.NewConcurrency(most)
	var inside, got, gaveUp atomic.Int64
	var wg sync.WaitGroup
	for client := range 8 {
		wg.Go(func() {
			for i := range 300 {
				n := 1 + rand.Int64N(3)
				ctx, cancel := context.WithCancel(t.Context())
				if rand.IntN(3) == 0 {
					go cancel()
				}
				var lease *ratelimit.Lease
				var err error
				if i%2 == 0 {
					lease, err = c.Hold(ctx, fmt.Sprint(client), n)
				} else {
					err = c.Acquire(ctx, n)
				}
				if err == nil {
					if sum := inside.Add(n); sum > most {
						t.Errorf("%d inside", sum)
					}
					got.Add(1)
					c.Holders()
					inside.Add(-n)
					if lease != nil {
						lease.Release()
					} else {
						c.Release(n)
					}
				} else {
					gaveUp.Add(1)
				}
				cancel()
			}
		})
	}
	wg.Go(func() {
		for range 500 {
			c.Resize(3 + rand.Int64N(most-2))
		}
		c.Resize(most)
	})
	wg.Wait()
	require.NotZero(t, got.Load())
	require.Empty(t, c.Holders())
	require.True(t, c.TryAcquire(most), "all came back")
}
