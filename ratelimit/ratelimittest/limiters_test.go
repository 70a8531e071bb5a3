package ratelimittest_test

import (
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
