package ratelimittest_test

import (
	"context"
	"testing"
	"time"

	"github.com/thence-go/thence/ratelimit"
	"github.com/thence-go/thence/ratelimit/ratelimittest"
)

// limiters are those of package ratelimit, each with several limits.
var limiters = map[string]ratelimittest.Adapter{
	"Limiter":                 bucket(100*time.Millisecond, 10),
	"Limiter, burst 1":        bucket(time.Second, 1),
	"Limiter, fast":           bucket(3, 1000),
	"Limiter, slow":           bucket(7*time.Hour, 3),
	"Limiter, odd":            bucket(333_333_333, 7),
	"Limiter, limit restored": restored(250*time.Millisecond, 4),

	"SlidingWindow":          window(10, time.Second),
	"SlidingWindow of one":   window(1, 3),
	"SlidingWindow of hours": window(1000, 5*time.Hour),
	"Pacer":                  pacer(100*time.Millisecond, 0),
	"Pacer with slack":       pacer(3*time.Second, 4),
	"Keyed":                  keyed(250*time.Millisecond, 4),
	"Chain":                  chain(100*time.Millisecond, 10),
	"Chain of unlike limits": {
		New: func() any {
			return ratelimit.NewChain(ratelimit.NewLimiter(ratelimit.Inf, 1), ratelimit.NewSlidingWindow(10, time.Second))
		},
		Burst: 10, Most: ratelimittest.Window(10, time.Second), NoPlaces: true,
	},
}

func window(n int, per time.Duration) ratelimittest.Adapter {
	return ratelimittest.Adapter{
		New:   func() any { return ratelimit.NewSlidingWindow(n, per) },
		Burst: n, Most: ratelimittest.Window(n, per),
	}
}

func pacer(every time.Duration, slack int) ratelimittest.Adapter {
	return ratelimittest.Adapter{
		New:   func() any { return ratelimit.NewPacer(every, slack) },
		Burst: 1, Most: ratelimittest.Bucket(every, slack+1),
	}
}

// oneKey is a Keyed with one key.
type oneKey struct{ of *ratelimit.Keyed[string] }

func (k oneKey) Take(n int) ratelimit.Decision  { return k.of.Take("key", n) }
func (k oneKey) Wait(ctx context.Context) error { return k.of.Wait(ctx, "key") }

func keyed(interval time.Duration, burst int) ratelimittest.Adapter {
	a := bucket(interval, burst)
	a.New = func() any { return oneKey{ratelimit.NewKeyed[string](ratelimit.Every(interval), burst, 10)} }
	return a
}

// chain has one limit that decides and one that never does.
func chain(interval time.Duration, burst int) ratelimittest.Adapter {
	a := bucket(interval, burst)
	a.NoPlaces = true
	a.New = func() any {
		return ratelimit.NewChain(ratelimit.NewLimiter(ratelimit.Every(interval), burst), ratelimit.NewLimiter(ratelimit.Inf, 0))
	}
	return a
}

func bucket(interval time.Duration, burst int) ratelimittest.Adapter {
	return ratelimittest.Adapter{
		New:   func() any { return ratelimit.NewLimiter(ratelimit.Every(interval), burst) },
		Burst: burst, Most: ratelimittest.Bucket(interval, burst),
	}
}

// restored has been through other limits before.
func restored(interval time.Duration, burst int) ratelimittest.Adapter {
	a := bucket(interval, burst)
	a.New = func() any {
		l := ratelimit.NewLimiter(0, 0)
		l.SetLimit(ratelimit.Inf)
		l.SetBurst(burst)
		l.SetLimit(ratelimit.Every(interval))
		return l
	}
	return a
}

func TestOursObeyEveryRule(t *testing.T) {
	for name, a := range limiters {
		t.Run(name, func(t *testing.T) { ratelimittest.Conform(t, a) })
	}
}
