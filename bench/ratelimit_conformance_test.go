package bench

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"

	thence "github.com/thence-go/thence/ratelimit"
	"github.com/thence-go/thence/ratelimit/ratelimittest"
)

// rated is x/time/rate as one would use it for the questions of the rules: it
// has no refusal that says when to come back, so a reservation is made, asked,
// and canceled if it is not for now.
type rated struct{ l *rate.Limiter }

func (r rated) Take(n int) thence.Decision {
	now := time.Now()
	d := thence.Decision{Limit: r.l.Burst()}
	res := r.l.ReserveN(now, n)
	switch delay := res.DelayFrom(now); {
	case !res.OK():
		d.Reason, d.RetryAfter = thence.OverBurst, thence.InfDuration
	case delay > 0:
		res.CancelAt(now)
		d.Reason, d.RetryAfter = thence.Exhausted, delay
	default:
		d.OK = true
	}
	d.Remaining = max(int(r.l.TokensAt(now)), 0)
	return d
}

func (r rated) Wait(ctx context.Context) error { return r.l.Wait(ctx) }

// xtimeBreaks is which rules x/time/rate breaks at the version in go.mod, and
// how the reason begins.
var xtimeBreaks = map[string]string{
	// Its floats are a nanosecond off now and then.
	"1.3": "failed: Take(1) a nanosecond before RetryAfter is over is granted",

	// A negative number fills the bucket.
	"1.9": "failed: Take(-1) of a limiter whose Limit is less, or below zero, is granted",

	"3.6":  "failed: a context that ends with a cause: context canceled, which does not match it",
	"3.7":  "failed: waiter 1 of those who stayed is served after 600ms, and should be after 500ms",
	"3.8":  "failed: waiter 1 of those who stayed is served after 5", // 5.1 s or a bit more, as their cancels come in any order
	"3.10": "failed: it returns rate: Wait(n=1) would exceed context deadline, which does not match context.DeadlineExceeded",
	"3.14": "failed: it returns rate: Wait(n=1) would exceed context deadline, which does not match context.DeadlineExceeded",
	"3.12": "failed: rate: Wait(n=1) would exceed context deadline has no method RetryAfter",
}

// What x/time/rate breaks is no failure here: that it changes is.
func TestXTimeAndTheRulesForLimiters(t *testing.T) {
	const interval, size = 100 * time.Millisecond, 10
	for _, v := range ratelimittest.Survey(t, ratelimittest.Adapter{
		New:   func() any { return rated{rate.NewLimiter(rate.Every(interval), size)} },
		Burst: size,
		Most:  ratelimittest.Bucket(interval, size),
	}) {
		is := ""
		if v.Outcome == ratelimittest.Failed || v.Outcome == ratelimittest.Hung {
			is = fmt.Sprint(v.Outcome, ": ", v.Reason)
		}
		if was := xtimeBreaks[v.Rule.ID]; !strings.HasPrefix(is, was) || was == "" && is != "" {
			t.Errorf("%s %s:\nis  %q\nwas %q", v.Rule.ID, v.Rule.Title, is, was)
		}
	}
}
