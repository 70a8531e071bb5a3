package ratelimit_test

import (
	"context"
	"errors"
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
		time.Sleep(1)
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
	{ratelimit.Every(20), 3}, {1e9, 1}, {ratelimit.Every(time.Hour), 2}, {999983, 5}, {3, 4},
	{ratelimit.Every(20), 3}, {0, 3}, {ratelimit.Inf, 0}, {5, 0}, {1e30, 2}, {ratelimit.Every(time.Hour), math.MaxInt}, {1e9, math.MaxInt},
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

// Many keys in a small room, against a Limiter a key that is never forgotten: a
// key is refused if and only if all others of the room are not full.
func TestKeyedForgetsOnlyFullKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tooMany := 0
		for seed := range uint64(20) {
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
				require.LessOrEqual(t, k.Len(), room)
				if ls[key].Tokens() == burst && live == room {
					tooMany++
					require.Equal(t, ratelimit.TooManyKeys, got.Reason, "seed %d", seed)
					require.Positive(t, got.RetryAfter)
					require.LessOrEqual(t, got.RetryAfter, first)
					continue
				}
				require.Equal(t, ls[key].Take(n), got, "seed %d", seed)
			}
		}
		require.NotZero(t, tooMany)
	})
}

func TestKeyedForgetsWithoutNewKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := ratelimit.NewKeyed[int](10, 1000, 100_000)
		for i := range 10_000 {
			require.True(t, k.Allow(i))
		}
		require.Equal(t, 10_000, k.Len())
		time.Sleep(time.Hour)
		for i := range 1000 {
			for range 100 {
				k.Allow(i % 500)
			}
		}
		require.Less(t, k.Len(), 2000, "while others are asked for")
	})
}

func TestKeyedMemory(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector needs memory of its own")
	}
	const n = 100_000
	heap := func() int64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	measure := func(name string, size int64, fill func() any) {
		t.Run(name, func(t *testing.T) {
			before := heap()
			k := fill()
			each := (heap() - before) / n
			runtime.KeepAlive(k)
			t.Log(each, "bytes a key, with the key")
			require.LessOrEqual(t, each, size+48)
		})
	}
	names := make([]string, 2*n)
	for i := range names {
		names[i] = fmt.Sprint("user-", i)
	}
	measure("strings", 16, func() any {
		k := ratelimit.NewKeyed[string](1, 5, n)
		for _, name := range names[:n] {
			k.Allow(name)
		}
		return k
	})
	measure("numbers, of five limits", 8, func() any {
		k := ratelimit.NewKeyedFunc(func(key uint64) (ratelimit.Limit, int) { return ratelimit.Limit(1 + key%5), 5 }, n)
		for i := range uint64(n) {
			k.Allow(i)
		}
		return k
	})
	measure("big keys", 64, func() any {
		k := ratelimit.NewKeyed[[8]uint64](1, 5, n)
		for i := range uint64(n) {
			k.Allow([8]uint64{i})
		}
		return k
	})
	measure("twice as many as there is room for", 16, func() any {
		k := ratelimit.NewKeyed[string](ratelimit.Every(time.Hour), 5, n)
		for _, name := range names {
			k.Allow(name)
		}
		require.Equal(t, n, k.Len())
		return k
	})
	measure("nearly all forgotten", 0, func() any {
		k := ratelimit.NewKeyed[string](1e9, 1, n)
		for range 3 {
			for _, name := range names[:n] {
				k.Allow(name)
			}
			for range 2 * n * 16 / 4 {
				k.Allow("x")
			}
		}
		require.Less(t, k.Len(), n/10)
		return k
	})
	runtime.KeepAlive(names)
}

func TestKeyedWait(t *testing.T) {
	boom := errors.New("boom")
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		k := ratelimit.NewKeyed[string](10, 2, 2)
		require.NoError(t, k.Wait(t.Context(), "a"))
		require.NoError(t, k.Wait(t.Context(), "a"))
		var mu sync.Mutex
		var log []string
		var wg sync.WaitGroup
		wait := func(ctx context.Context, name string) {
			wg.Go(func() {
				if err := k.Wait(ctx, "a"); err != nil {
					name += ": " + err.Error()
				}
				mu.Lock()
				defer mu.Unlock()
				log = append(log, fmt.Sprint(name, " at ", time.Since(start)))
			})
			synctest.Wait()
		}
		wait(t.Context(), "1")
		ctx, cancel := context.WithCancelCause(t.Context())
		wait(ctx, "2")
		wait(t.Context(), "3")
		require.Equal(t, 1, k.Hot())
		require.False(t, k.Allow("a"), "nobody overtakes")
		require.Equal(t, 4*tick, k.Take("a", 1).RetryAfter)
		require.Equal(t, ratelimit.OverBurst, k.Take("a", 3).Reason)
		short, stop := context.WithTimeout(t.Context(), 4*tick-1)
		defer stop()
		wait(short, "4")
		time.Sleep(tick / 2)
		require.True(t, k.Allow("b"))
		require.Equal(t, ratelimit.TooManyKeys, k.Take("c", 1).Reason)
		cancel(boom)
		wg.Wait()
		require.Equal(t, []string{
			"4: ratelimit: WaitN(1) would take 400ms, and the context ends in 399.999999ms: try again later, or give it more time at 0s",
			"1 at 100ms", "2: ratelimit: stopped waiting: boom at 50ms", "3 at 200ms",
		}, []string{log[0], log[2], log[1], log[3]})
		require.Zero(t, k.Hot())
		require.False(t, k.Allow("a"), "what the waiters took is known")
		require.Equal(t, tick, k.Take("a", 1).RetryAfter)
		time.Sleep(tick)
		require.True(t, k.Allow("a"))

		require.ErrorIs(t, k.Wait(ctx, "a"), boom)
		require.ErrorIs(t, k.Wait(ctx, "new"), context.Canceled)
		err := ratelimit.NewKeyed[string](10, 0, 1).Wait(t.Context(), "a")
		require.EqualError(t, err, "ratelimit: WaitN(1) is more than the burst of 0: ask for less, or set a greater burst")
		require.NoError(t, ratelimit.NewKeyed[string](ratelimit.Inf, 0, 1).Wait(t.Context(), "a"))
	})
}

// All keys have waiters, and another one comes.
func TestKeyedWaitAndNoRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := ratelimit.NewKeyed[string](10, 1, 1)
		require.True(t, k.Allow("a"))
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() { _ = k.Wait(ctx, "a") })
		}
		synctest.Wait()
		require.Equal(t, ratelimit.Decision{Reason: ratelimit.TooManyKeys, RetryAfter: 4 * tick, Limit: 1}, k.Take("b", 1))
		cancel()
		wg.Wait()
		require.Equal(t, tick, k.Take("b", 1).RetryAfter)
		time.Sleep(tick)
		require.True(t, k.Allow("b"))
	})
}

// While they wait, the scale of the bucket comes to its end.
func TestKeyedWaitForYears(t *testing.T) {
	const year = 365 * 24 * time.Hour
	synctest.Test(t, func(t *testing.T) {
		k := ratelimit.NewKeyed[string](ratelimit.Every(4*year), 3, 10)
		l := ratelimit.NewLimiter(ratelimit.Every(4*year), 3)
		start := time.Now()
		for i := range 25 {
			require.NoError(t, k.Wait(t.Context(), "a"))
			require.NoError(t, l.Wait(t.Context()))
			require.Equal(t, time.Duration(max(i-2, 0))*4*year, time.Since(start))
			require.Equal(t, l.Take(3), k.Take("a", 3))
		}
		require.Zero(t, k.Hot())
	})
}

func TestKeyedInParallel(t *testing.T) {
	const keys, burst = 50, 40
	k := ratelimit.NewKeyed[int](0, burst, keys)
	var let [keys]atomic.Int64
	var wg sync.WaitGroup
	for client := range 8 {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(uint64(client), 0))
			for range 3000 {
				key := random.IntN(keys)
				switch random.IntN(10) {
				case 0:
					ctx, cancel := context.WithCancel(t.Context())
					go cancel()
					if k.Wait(ctx, key) == nil {
						let[key].Add(1)
					}
				case 1:
					if d := k.Take(key, 2); d.OK {
						let[key].Add(2)
					}
				case 2:
					if k.Len() > keys {
						t.Error("too many keys")
					}
					if key += keys; k.Take(key, burst+1).OK {
						t.Error("more than the burst")
					}
				default:
					if k.Allow(key) {
						let[key].Add(1)
					}
				}
			}
		})
	}
	wg.Wait()
	for key := range let {
		for k.Allow(key) {
			let[key].Add(1)
		}
		require.EqualValues(t, burst, let[key].Load())
	}
	require.Equal(t, keys, k.Len())
	require.False(t, k.Allow(-1))
	require.Zero(t, k.Hot())
}

// Keys come and go from all sides: never too many, and none of them twice.
func TestKeyedChurnInParallel(t *testing.T) {
	k := ratelimit.NewKeyed[int](1e8, 1, 40)
	var wg sync.WaitGroup
	for client := range 8 {
		wg.Go(func() {
			for i := range 5000 {
				k.Allow((i * (client + 1)) % 200)
				if i%100 == 0 && k.Len() > 40 {
					t.Error("too many keys")
				}
			}
		})
	}
	wg.Wait()
	time.Sleep(time.Microsecond)
	for i := range 40 {
		require.True(t, k.Allow(1000+i))
	}
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
