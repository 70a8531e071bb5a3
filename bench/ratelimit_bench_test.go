package bench

import (
	"testing"
	"time"

	"github.com/failsafe-go/failsafe-go/ratelimiter"
	"github.com/juju/ratelimit"
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
