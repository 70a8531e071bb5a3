package future_test

import (
	"context"
	"io"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/race"
	"github.com/thence-go/thence/internal/testkit"
)

// run is one attempt of a cast: it takes a time, then returns value or err.
type run struct {
	takes time.Duration
	err   error
	does  func() // instead
	deaf  bool   // does not look at its ctx
}

// cast plays one run an attempt and remembers what happened to each. A success
// returns the attempt's number, from 0.
type cast struct {
	runs  []run
	start time.Time

	mu     sync.Mutex
	at     []time.Duration // when each attempt was called
	causes map[int]error   // why the ctx of those that were canceled ended
}

func casting(runs ...run) *cast {
	return &cast{runs: runs, start: time.Now(), causes: map[int]error{}}
}

func (c *cast) call(ctx context.Context) (int, error) {
	c.mu.Lock()
	i := len(c.at)
	c.at = append(c.at, time.Since(c.start))
	r := c.runs[i]
	c.mu.Unlock()
	if r.deaf {
		time.Sleep(r.takes)
		return i, r.err
	}
	select {
	case <-time.After(r.takes):
	case <-ctx.Done():
		c.mu.Lock()
		c.causes[i] = context.Cause(ctx)
		c.mu.Unlock()
		return -1, ctx.Err()
	}
	if r.does != nil {
		r.does()
	}
	return i, r.err
}

const (
	ms  = time.Millisecond
	sec = time.Second
)

func TestHedge(t *testing.T) {
	five := future.HedgePolicy{Delay: 10 * ms, Max: 5}
	for name, c := range map[string]struct {
		policy future.HedgePolicy // default: Delay 10 ms
		runs   []run
		at     []time.Duration
		took   time.Duration
		value  int
		errs   string        // of the JoinError
		lost   map[int]error // the cause of those that were canceled
	}{
		"quick": {
			runs: []run{{takes: 9 * ms}}, at: at(0), took: 9 * ms, value: 0,
		},
		"the second wins": {
			runs: []run{{takes: sec}, {takes: 5 * ms}}, at: at(0, 10), took: 15 * ms, value: 1,
			lost: map[int]error{0: future.ErrNotNeeded},
		},
		"the first wins all the same": {
			runs: []run{{takes: 12 * ms}, {takes: 5 * ms}}, at: at(0, 10), took: 12 * ms, value: 0,
			lost: map[int]error{1: future.ErrNotNeeded},
		},
		"two at most": {
			runs: []run{{takes: sec}, {takes: sec}}, at: at(0, 10), took: sec, value: 0,
			lost: map[int]error{1: future.ErrNotNeeded},
		},
		"one at most": {
			policy: future.HedgePolicy{Delay: 10 * ms, Max: 1},
			runs:   []run{{takes: sec}}, at: at(0), took: sec, value: 0,
		},
		"the third wins": {
			policy: five,
			runs:   []run{{takes: sec}, {takes: sec}, {takes: 3 * ms}}, at: at(0, 10, 20), took: 23 * ms, value: 2,
			lost: map[int]error{0: future.ErrNotNeeded, 1: future.ErrNotNeeded},
		},
		"a failure starts the next at once": {
			policy: five,
			runs:   []run{{takes: 4 * ms, err: errDisk}, {takes: sec}, {takes: ms}}, at: at(0, 4, 14), took: 15 * ms, value: 2,
			lost: map[int]error{1: future.ErrNotNeeded},
		},
		"all fail": {
			policy: future.HedgePolicy{Delay: 10 * ms, Max: 3},
			runs:   []run{{takes: 30 * ms, err: errDisk}, {takes: ms, err: io.EOF}, {takes: 2 * ms, err: errCause}},
			at:     at(0, 10, 11), took: 30 * ms,
			errs: "future: attempt 1: disk\nfuture: attempt 2: EOF\nfuture: attempt 3: the cause",
		},
		"the last one running wins": {
			runs: []run{{takes: 30 * ms}, {takes: ms, err: io.EOF}}, at: at(0, 10), took: 30 * ms, value: 0,
		},
		"permanent": {
			policy: five,
			runs:   []run{{takes: sec}, {takes: ms, err: future.Permanent(io.EOF)}}, at: at(0, 10), took: 11 * ms,
			errs: "future: attempt 2: EOF", lost: map[int]error{0: future.ErrNotNeeded},
		},
		"one panics": {
			runs: []run{{takes: ms, does: func() { panic("boom") }}, {takes: ms}}, at: at(0, 1), took: 2 * ms, value: 1,
		},
		"one exits": {
			runs: []run{{takes: ms, does: runtime.Goexit}, {takes: ms}}, at: at(0, 1), took: 2 * ms, value: 1,
		},
		"all end badly": {
			runs: []run{{takes: ms, does: func() { panic("boom") }}, {takes: ms, does: runtime.Goexit}}, at: at(0, 1), took: 2 * ms,
			errs: "future: attempt 1: future: panic: boom\nfuture: attempt 2: future: the function called runtime.Goexit",
		},
		"an inner deadline is a failure": {
			runs: []run{{takes: ms, err: context.DeadlineExceeded}, {takes: ms, err: context.Canceled}}, at: at(0, 1), took: 2 * ms,
			errs: "future: attempt 1: context deadline exceeded\nfuture: attempt 2: context canceled",
		},
		"a budget for nothing": {
			policy: future.HedgePolicy{Delay: 10 * ms, Budget: new(future.Budget)},
			runs:   []run{{takes: sec}}, at: at(0), took: sec, value: 0,
		},
		"a failure and a budget for nothing": {
			policy: future.HedgePolicy{Delay: 10 * ms, Budget: new(future.Budget)},
			runs:   []run{{takes: sec, err: errDisk}}, at: at(0), took: sec,
			errs: "future: attempt 1: disk\nfuture: attempt 2: future: the retry budget is empty",
		},
		"a deaf loser": {
			runs: []run{{takes: sec, deaf: true}, {takes: 5 * ms}}, at: at(0, 10), took: 15 * ms, value: 1,
		},
		"a deaf loser that fails": {
			runs: []run{{takes: sec, deaf: true, err: errDisk}, {takes: 5 * ms}}, at: at(0, 10), took: 15 * ms, value: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			quiet(t)
			synctest.Test(t, func(t *testing.T) {
				if c.policy == (future.HedgePolicy{}) {
					c.policy.Delay = 10 * ms
				}
				s := casting(c.runs...)
				v, err := future.Hedge(c.policy, s.call)(context.Background())
				require.Equal(t, c.took, time.Since(s.start))
				synctest.Wait()
				require.Equal(t, c.at, s.at)
				if c.errs == "" {
					require.NoError(t, err)
					require.Equal(t, c.value, v)
				} else {
					require.EqualError(t, err, c.errs)
					require.Zero(t, v)
					require.NotErrorIs(t, err, future.ErrCanceled)
					require.NotErrorIs(t, err, future.ErrNotNeeded)
				}
				if c.lost == nil {
					c.lost = map[int]error{}
				}
				require.Equal(t, c.lost, s.causes)
				time.Sleep(2 * sec) // the deaf ones
			})
		})
	}
}

// The call is over when the winner is there; a loser that does not listen has
// its goroutine until it returns, and its panic is still heard.
func TestLaw1_HedgeLosersEnd(t *testing.T) {
	seen := quiet(t)
	synctest.Test(t, func(t *testing.T) {
		var running testkit.Gauge
		var calls atomic.Int32
		start := time.Now()
		call := future.Hedge(future.HedgePolicy{Delay: ms}, func(ctx context.Context) (int, error) {
			if calls.Add(1)%2 == 0 {
				return 1, nil
			}
			running.Enter()
			defer running.Leave()
			time.Sleep(time.Minute)
			require.Equal(t, future.ErrNotNeeded, context.Cause(ctx))
			panic("too late")
		})
		for range 10 {
			v, err := call(context.Background())
			require.NoError(t, err)
			require.Equal(t, 1, v)
		}
		require.Equal(t, 10*ms, time.Since(start))
		require.Equal(t, 10, running.Now())
		time.Sleep(2 * time.Minute)
		require.Equal(t, 0, running.Now())
	})
	require.Len(t, *seen, 10, "loud, though nobody waits")
}

func TestLaw2_HedgeAttemptsHaveTheCallersContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		ctx, cancel := context.WithTimeout(context.WithValue(context.Background(), key{}, "v"), time.Minute)
		defer cancel()
		want, _ := ctx.Deadline()
		var mine context.Context
		_, err := future.Hedge(future.HedgePolicy{}, func(ctx context.Context) (int, error) {
			mine = ctx
			got, _ := ctx.Deadline()
			require.Equal(t, want, got)
			require.Equal(t, "v", ctx.Value(key{}))
			return 1, nil
		})(ctx)
		require.NoError(t, err)
		<-mine.Done() // it ends with its attempt
		require.NoError(t, ctx.Err())
	})
}

func TestLaw8_HedgePoliciesAreBounded(t *testing.T) {
	for says, p := range map[string]future.HedgePolicy{
		"a Delay above 0":    {Delay: -1},
		"a Max of 1 or more": {Max: -1},
		"a Percentile":       {Percentile: 95},
	} {
		require.Contains(t, panicText(func() { future.Hedge(p, untilDone) }), "future: Hedge needs "+says)
	}
	require.Contains(t, panicText(func() { future.Hedge(future.HedgePolicy{Percentile: math.NaN()}, untilDone) }), "a Percentile")
	require.Contains(t, panicText(func() { future.Hedge[int](future.HedgePolicy{}, nil) }), "future: Hedge needs a function")
	var none context.Context
	require.Contains(t, panicText(func() { _, _ = future.Hedge(future.HedgePolicy{}, untilDone)(none) }), "needs a context")
}

func TestHedgeBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := future.NewBudget(0.5, 0)
		slow := func(ctx context.Context) (int, error) { time.Sleep(sec); return 1, nil }
		var calls atomic.Int32
		call := future.Hedge(future.HedgePolicy{Delay: ms, Budget: b}, func(ctx context.Context) (int, error) {
			calls.Add(1)
			return slow(ctx)
		})
		for i := range 8 {
			_, err := call(context.Background())
			require.NoError(t, err)
			require.Equal(t, []int32{1, 2, 4, 5, 7, 8, 10, 11}[i], calls.Load(), "call %d: each second one earns one", i)
		}
		time.Sleep(sec)
	})
}

func TestLaw13_HedgeAllocations(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	ctx := context.Background()
	answer := func(context.Context) (int, error) { return 1, nil }
	for name, c := range map[string]struct {
		want   float64
		policy future.HedgePolicy
	}{
		"no delay is known": {5, future.HedgePolicy{Percentile: 0.95}}, // the call, its attempts, their channel, an attempt, its goroutine
		"a delay":           {8, future.HedgePolicy{Delay: time.Hour}}, // and a timer
	} {
		call := future.Hedge(c.policy, answer)
		got := testing.AllocsPerRun(90, func() { _, _ = call(ctx) })
		require.LessOrEqual(t, got, c.want, name)
		t.Log(name, got)
	}
}
