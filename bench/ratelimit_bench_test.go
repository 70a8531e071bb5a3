package bench

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/failsafe-go/failsafe-go/ratelimiter"
	"github.com/juju/ratelimit"
	"github.com/throttled/throttled/v2"
	"github.com/throttled/throttled/v2/store/memstore"
	"golang.org/x/time/rate"

	thence "github.com/thence-go/thence/ratelimit"
)

// Limiters that always have a token: a billion a second come back, which none
// of the sides can take, and the bucket holds those of a second, so that a
// goroutine which is preempted with an old time in its hand is served too.
// clock is what each has to do at least, reading the time.
const (
	perSecond = 1_000_000_000
	burst     = 1 << 30
)

type limiterSide struct {
	name string
	open func() (allow func() bool)
}

var limiters = []limiterSide{
	{"thence", func() func() bool { return thence.NewLimiter(perSecond, burst).Allow }},
	{"xtime", func() func() bool { return rate.NewLimiter(perSecond, burst).Allow }},
	{"juju", func() func() bool {
		l := ratelimit.NewBucketWithRate(perSecond, burst)
		return func() bool { return l.TakeAvailable(1) == 1 }
	}},
	{"failsafe", func() func() bool { return ratelimiter.NewBursty[any](perSecond, time.Second).TryAcquirePermit }},
	{"clock", func() func() bool {
		start := time.Now()
		return func() bool { return time.Since(start) >= 0 }
	}},
}

func BenchmarkLimiterAllow(b *testing.B) {
	for _, side := range limiters {
		b.Run(side.name, func(b *testing.B) {
			allow := side.open()
			b.ReportAllocs()
			for b.Loop() {
				equal(b, true, allow())
			}
		})
	}
}

func BenchmarkLimiterParallel(b *testing.B) {
	for _, side := range limiters {
		b.Run(side.name, func(b *testing.B) {
			allow := side.open()
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if !allow() {
						b.Error("refused, with a token there")
					}
				}
			})
		})
	}
}

// A limiter for each of 100 000 users, who come in no order. A token a second
// comes in, which none of the sides can take that often, so no bucket is ever
// full and none is empty: all keys are known and stay so.
const limiterUsers = 100_000

var keyedLimiters = []struct {
	name string
	open func() (allow func(user string) bool)
}{
	{"thence", func() func(string) bool { return thence.NewKeyed[string](1, burst, limiterUsers).Allow }},
	{"xtime_map", func() func(string) bool {
		var mu sync.Mutex
		ls := map[string]*rate.Limiter{}
		return func(user string) bool {
			mu.Lock()
			l := ls[user]
			if l == nil {
				l = rate.NewLimiter(1, burst)
				ls[user] = l
			}
			mu.Unlock()
			return l.Allow()
		}
	}},
	{"throttled", func() func(string) bool {
		store, err := memstore.NewCtx(0) // no bound, which is faster than its LRU
		if err != nil {
			panic(err)
		}
		l, err := throttled.NewGCRARateLimiterCtx(store, throttled.RateQuota{MaxRate: throttled.PerSec(1), MaxBurst: burst - 1})
		if err != nil {
			panic(err)
		}
		ctx := context.Background()
		return func(user string) bool {
			limited, _, err := l.RateLimitCtx(ctx, user, 1)
			return !limited && err == nil
		}
	}},
}

// limiterCrowd returns the users, and the limiter once it knows all of them.
func limiterCrowd(b *testing.B, open func() func(string) bool) (users []string, allow func(string) bool) {
	b.Helper()
	allow = open()
	for i := range limiterUsers {
		user := fmt.Sprintf("user-%08d", i*7919%limiterUsers)
		users = append(users, user)
		equal(b, true, allow(user))
	}
	b.ReportAllocs()
	return users, allow
}

func BenchmarkKeyedAllow(b *testing.B) {
	for _, side := range keyedLimiters {
		b.Run(side.name, func(b *testing.B) {
			users, allow := limiterCrowd(b, side.open)
			i := 0
			for b.Loop() {
				if i++; i >= len(users) {
					i = 0
				}
				equal(b, true, allow(users[i]))
			}
		})
	}
}

func BenchmarkKeyedParallel(b *testing.B) {
	for _, side := range keyedLimiters {
		b.Run(side.name, func(b *testing.B) {
			users, allow := limiterCrowd(b, side.open)
			var clients atomic.Int64
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for i := int(clients.Add(1)) * 31013 % len(users); pb.Next(); {
					if i++; i >= len(users) {
						i = 0
					}
					if !allow(users[i]) {
						b.Error("refused, with a token there")
					}
				}
			})
		})
	}
}
