package ratelimit_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/thence-go/thence/internal/race"
	"github.com/thence-go/thence/ratelimit"
)

func TestKeyed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := ratelimit.NewKeyed[string](10, 2, 3)
		require.True(t, k.Allow("a"))
		require.True(t, k.Allow("a"))
		require.False(t, k.Allow("a"))
		require.Equal(t, ratelimit.Decision{OK: true, Limit: 2, Remaining: 1}, k.Take("b", 1))
		require.Equal(t, ratelimit.Decision{Reason: ratelimit.Exhausted, RetryAfter: tick, Limit: 2, Remaining: 1}, k.Take("b", 2))
		for _, key := range []string{"a", "never seen"} {
			require.Equal(t, ratelimit.OverBurst, k.Take(key, 3).Reason)
			require.Equal(t, ratelimit.OverBurst, k.Take(key, -1).Reason)
			require.True(t, k.Take(key, 0).OK)
		}
		require.Equal(t, 2, k.Len(), "who took nothing is not remembered")
		time.Sleep(tick)
		require.True(t, k.Allow("a"))
		require.False(t, k.Allow("a"))
	})
}

func TestKeyedRefusesANewKeyRatherThanForgetOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := ratelimit.NewKeyed[string](10, 2, 2)
		require.True(t, k.Take("a", 2).OK)
		require.True(t, k.Take("b", 1).OK)
		require.Equal(t, ratelimit.Decision{Reason: ratelimit.TooManyKeys, RetryAfter: tick, Limit: 2}, k.Take("c", 1))
		require.False(t, k.Allow("c"))
		err := k.Wait(t.Context(), "c")
		require.EqualError(t, err, "ratelimit: no room for a new key among 2: try again in 100ms, or make more room")
		require.ErrorIs(t, err, ratelimit.ErrLimit)
		var refused *ratelimit.LimitError
		require.ErrorAs(t, err, &refused)
		require.Equal(t, ratelimit.TooManyKeys, refused.Reason)
		require.True(t, k.Allow("b"), "the known ones go on")
		time.Sleep(2*tick - 1)
		require.False(t, k.Allow("c"))
		time.Sleep(time.Nanosecond)
		require.True(t, k.Allow("c"), "a or b is full")
		require.True(t, k.Allow("d"))
		require.Equal(t, 2, k.Len())
		require.Equal(t, tick, k.Take("a", 1).RetryAfter)

		time.Sleep(time.Hour)
		require.True(t, k.Allow("e"))
		require.True(t, k.Allow("f"))
		require.Equal(t, 2, k.Len())
		k = ratelimit.NewKeyed[string](0, 1, 1)
		require.True(t, k.Allow("a"))
		require.Equal(t, ratelimit.InfDuration, k.Take("b", 1).RetryAfter)
	})
}

// limitsOf are those of the keys in the tests against Limiters.
var limitsOf = []struct {
	r     ratelimit.Limit
	burst int
}{
	{ratelimit.Every(20), 3}, {1e9, 1}, {ratelimit.Every(time.Hour), 2}, {10, 5}, {3, 4},
	{ratelimit.Every(20), 3}, {0, 3}, {ratelimit.Inf, 0}, {5, 0}, {1e30, 2}, {0, math.MaxInt}, {1e9, math.MaxInt},
}

// A key is a Limiter to the nanosecond, whatever is asked, even if it has been
// forgotten in between.
func TestKeyedAgainstLimiters(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		acts := drawActs(rt, 8, 5, len(limitsOf)-1, 100)
		bubble(t, rt, func(context.Context) string {
			k := ratelimit.NewKeyedFunc(func(key int) (ratelimit.Limit, int) { return limitsOf[key].r, limitsOf[key].burst }, 100)
			ls := make([]*ratelimit.Limiter, len(limitsOf))
			for i, c := range limitsOf {
				ls[i] = ratelimit.NewLimiter(c.r, c.burst)
			}
			for i, a := range acts {
				n := a.N
				switch a.Kind {
				case 0:
					time.Sleep(time.Duration(a.N * a.X))
				case 1:
					time.Sleep(time.Duration(a.N) * time.Duration(math.Pow(10, float64(a.X))))
				case 2, 3, 4:
					if got, want := k.Allow(a.X), ls[a.X].Allow(); got != want {
						return fmt.Sprintf("step %d: Allow(%d) is %v", i, a.X, got)
					}
				case 5:
					n = math.MaxInt >> a.N
					fallthrough
				default:
					if got, want := k.Take(a.X, n), ls[a.X].Take(n); got != want {
						return fmt.Sprintf("step %d: Take(%d, %d) is %v, not %v", i, a.X, n, got, want)
					}
				}
			}
			return ""
		})
	})
}

// Rates that no whole number of units makes are a part of a nanosecond off: in
// no window more than that comes on top, also over a hundred years.
func TestKeyedAnyRate(t *testing.T) {
	for seed := range uint64(40) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 0))
			rate := math.Exp(random.Float64() * math.Log(1e9))
			burst := 1 + random.IntN(4)
			k := ratelimit.NewKeyed[int](ratelimit.Limit(rate), burst, 3)
			start := time.Now()
			var at []time.Duration
			for range 200 {
				d := time.Duration(random.Int64N(int64(3e9/rate) + 2))
				if random.IntN(50) == 0 {
					d = time.Duration(random.Int64N(8e17))
				}
				time.Sleep(d)
				k.Allow(2)
				for k.Allow(1) {
					at = append(at, time.Since(start))
				}
			}
			for i := range at {
				for j := i; j < min(len(at), i+50); j++ {
					if most := float64(burst) + rate*((at[j]-at[i]).Seconds()*(1+1e-12)+2e-9); float64(j-i+1) > most {
						t.Fatal("seed ", seed, ": ", j-i+1, " of at most ", most)
					}
				}
			}
			require.Greater(t, len(at), 50)
		})
	}
}

// Many keys in a small room, against a Limiter a key that is never forgotten: a
// key is refused if and only if all others of the room are not full.
func TestKeyedForgetsOnlyFullKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tooMany := 0
		for seed := range uint64(12) {
			random := rand.New(rand.NewPCG(seed, 0))
			const interval, burst = 1000, 3
			room, keys := 1+random.IntN(100), 1+random.IntN(300)
			pause := 1 + random.Int64N(3*interval)
			k := ratelimit.NewKeyed[int](ratelimit.Every(interval), burst, room)
			ls := make([]*ratelimit.Limiter, keys)
			for i := range ls {
				ls[i] = ratelimit.NewLimiter(ratelimit.Every(interval), burst)
			}
			for range 1500 {
				if random.IntN(3) == 0 {
					time.Sleep(time.Duration(random.Int64N(pause)))
				}
				key, n := random.IntN(keys), 1+random.IntN(burst)
				live, first := 0, ratelimit.InfDuration
				for i, l := range ls {
					if left := l.Tokens(); left < burst && i != key {
						live++
						first = min(first, time.Duration(math.Round((burst-left)*interval)))
					}
				}
				got := k.Take(key, n)
				if k.Len() > room {
					t.Fatal("seed ", seed, ": too many keys")
				}
				if ls[key].Tokens() == burst && live == room {
					tooMany++
					require.Equal(t, ratelimit.TooManyKeys, got.Reason, "seed %d", seed)
					require.Positive(t, got.RetryAfter)
					require.LessOrEqual(t, got.RetryAfter, first)
					continue
				}
				if want := ls[key].Take(n); got != want {
					t.Fatal("seed ", seed, ": ", got, ", not ", want)
				}
			}
		}
		require.NotZero(t, tooMany)
	})
}

// The function may use the Keyed, may panic, and may be asked for the same key
// from all sides.
func TestKeyedFunc(t *testing.T) {
	var k *ratelimit.Keyed[string]
	calls := 0
	k = ratelimit.NewKeyedFunc(func(key string) (ratelimit.Limit, int) {
		calls++
		switch key {
		case "asks":
			k.Len()
			return 1, map[bool]int{true: 7}[k.Allow("other")]
		case "recurses":
			if calls < 10 {
				k.Allow("recurses")
			}
			return 0, 100
		case "panics":
			panic("boom")
		case "negative":
			return -1, 1
		case "negative burst":
			return 1, -1
		case "boundless":
			return ratelimit.Inf, 0
		}
		return 0, 1
	}, 4)
	require.Equal(t, 7, k.Take("asks", 1).Limit)
	require.Equal(t, 2, calls)
	require.True(t, k.Allow("asks"))
	require.False(t, k.Allow("other"))
	require.Equal(t, 2, calls, "once for a key that is remembered")
	calls = 0
	require.Equal(t, 90, k.Take("recurses", 1).Remaining)
	require.PanicsWithValue(t, "boom", func() { k.Allow("panics") })
	require.PanicsWithValue(t, "ratelimit: the function of NewKeyedFunc needs a rate of 0 or more, got -1: pass tokens a second, ratelimit.Every(interval) or ratelimit.Inf", func() { k.Allow("negative") })
	require.PanicsWithValue(t, "ratelimit: the function of NewKeyedFunc needs a burst of 0 or more, got -1: pass how many tokens the bucket holds", func() { k.Allow("negative burst") })
	for range 100 {
		require.True(t, k.Allow("boundless"))
	}
	require.Equal(t, 3, k.Len())
	require.True(t, k.Allow("last"))
	require.False(t, k.Allow("too many"))

	var once atomic.Int64
	k = ratelimit.NewKeyedFunc(func(string) (ratelimit.Limit, int) { runtime.Gosched(); return 0, 5 }, 1)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 3 {
				if k.Allow("a") {
					once.Add(1)
				}
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 5, once.Load())
}

func TestKeyedBadInput(t *testing.T) {
	k := ratelimit.NewKeyed[any](1, 1, 10)
	for name, bad := range map[string]struct {
		call func()
		says string
	}{
		"negative rate":  {func() { ratelimit.NewKeyed[int](-1, 1, 1) }, "NewKeyed needs a rate of 0 or more, got -1: pass tokens a second, ratelimit.Every(interval) or ratelimit.Inf"},
		"NaN":            {func() { ratelimit.NewKeyed[int](ratelimit.Limit(math.NaN()), 1, 1) }, "NewKeyed needs a rate of 0 or more, got NaN: pass tokens a second, ratelimit.Every(interval) or ratelimit.Inf"},
		"negative burst": {func() { ratelimit.NewKeyed[int](1, -1, 1) }, "NewKeyed needs a burst of 0 or more, got -1: pass how many tokens the bucket holds"},
		"no room":        {func() { ratelimit.NewKeyed[int](1, 1, 0) }, "NewKeyed needs maxKeys of 1 or more, got 0: pass how many keys to remember at most"},
		"no function":    {func() { ratelimit.NewKeyedFunc[int](nil, 1) }, "NewKeyedFunc needs a function, got nil: pass one that returns the limit and the burst of a key"},
		"no room, func":  {func() { ratelimit.NewKeyedFunc(func(int) (ratelimit.Limit, int) { return 1, 1 }, -1) }, "NewKeyedFunc needs maxKeys of 1 or more, got -1: pass how many keys to remember at most"},
		"no context":     {func() { _ = k.Wait(nil, 1) }, "Wait needs a context, got nil: pass context.Background() if there is none"}, //nolint:staticcheck // the mistake itself
	} {
		t.Run(name, func(t *testing.T) { require.PanicsWithValue(t, "ratelimit: "+bad.says, bad.call) })
	}
	require.Panics(t, func() { k.Allow([]int{1}) }, "a key that cannot be compared")
	require.True(t, k.Allow(1), "and nothing is locked")
}

// A key that is not equal to itself is new each time, and cannot break out of
// the room.
func TestKeyedNaN(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := ratelimit.NewKeyed[float64](1, 1, 20)
		for range 5 {
			let := 0
			for range 100 {
				if k.Allow(math.NaN()) {
					let++
				}
			}
			require.Equal(t, 20, let)
			require.Equal(t, 20, k.Len())
			require.Equal(t, ratelimit.TooManyKeys, k.Take(math.NaN(), 1).Reason)
			require.Error(t, k.Wait(t.Context(), math.NaN()))
			time.Sleep(time.Second)
		}
		for i := range 20 {
			require.True(t, k.Allow(float64(i)))
		}
	})
}

func TestKeyedAllocations(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	k := ratelimit.NewKeyed[string](1, 1<<20, 10)
	k.Allow("a")
	empty := ratelimit.NewKeyed[string](0, 1, 1)
	empty.Allow("a")
	ctx := t.Context()
	for name, call := range map[string]func(){
		"Allow":            func() { k.Allow("a") },
		"Allow, refused":   func() { empty.Allow("a") },
		"Take":             func() { k.Take("a", 1) },
		"Wait, no waiting": func() { _ = k.Wait(ctx, "a") },
		"too many keys":    func() { empty.Allow("b") },
	} {
		t.Run(name, func(t *testing.T) { require.Zero(t, testing.AllocsPerRun(100, call)) })
	}
}
