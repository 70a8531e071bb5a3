package ratelimit

import (
	"fmt"
	"math"
	"time"
)

// Limit is a rate: how many tokens come in a second. Zero lets nothing in
// beyond the burst that is there; [Inf] lets everything through.
//
// A rate of which a token, or up to 128 of them, come in a whole number of
// nanoseconds, but for the rounding of the float, is taken as that number, so
// Every(300*time.Millisecond) and 3 are exact. Rates of more than 2^30 tokens a nanosecond count as that one, as do
// those that fill the bucket in less than one and are beyond 2^10.
type Limit float64

// Inf is the rate without a limit: every event happens at once, whatever the
// burst. Setting it forgets what is owed.
const Inf = Limit(math.MaxFloat64)

// InfDuration is what [Reservation.Delay] returns if the tokens never come.
const InfDuration = time.Duration(math.MaxInt64)

// Every returns the rate of one token an interval; [Inf] if the interval is
// not positive.
func Every(interval time.Duration) Limit {
	if interval <= 0 {
		return Inf
	}
	return 1 / Limit(interval.Seconds())
}

// checked returns r, with +Inf as Inf, and panics for what is not a rate.
func (r Limit) checked(call string) Limit {
	if math.IsNaN(float64(r)) || r < 0 {
		panic(fmt.Sprintf("ratelimit: %s needs a rate of 0 or more, got %v: pass tokens a second, ratelimit.Every(interval) or ratelimit.Inf", call, float64(r)))
	}
	return min(r, Inf)
}

func checkedBurst(call string, burst int) int {
	if burst < 0 {
		panic(fmt.Sprintf("ratelimit: %s needs a burst of 0 or more, got %d: pass how many tokens the bucket holds", call, burst))
	}
	return burst
}
