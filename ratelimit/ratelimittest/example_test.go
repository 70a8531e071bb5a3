package ratelimittest_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/thence-go/thence/ratelimit"
	"github.com/thence-go/thence/ratelimit/ratelimittest"
)

// In a program's own tests this is func TestMyLimiter(t *testing.T).
func ExampleConform() {
	_ = func(t *testing.T) {
		ratelimittest.Conform(t, ratelimittest.Adapter{
			New:   func() any { return ratelimit.NewLimiter(ratelimit.Every(time.Second), 5) },
			Burst: 5,
			Most:  ratelimittest.Bucket(time.Second, 5),
		})
	}
}

// politely is a limiter of one's own that only waits.
type politely struct{ l *ratelimit.Limiter }

func (p politely) Wait(ctx context.Context) error { return p.l.WaitN(ctx, 2) }

func ExampleSurvey() {
	_ = func(t *testing.T) {
		for _, v := range ratelimittest.Survey(t, ratelimittest.Adapter{
			New:   func() any { return politely{ratelimit.NewLimiter(10, 10)} },
			Burst: 5,
			Most:  ratelimittest.Bucket(200*time.Millisecond, 5),
		}) {
			t.Log(v.Rule.ID, v.Rule.Title, v.Outcome, v.Reason)
		}
	}
}

func ExampleBucket() {
	most := ratelimittest.Bucket(time.Second, 5)
	fmt.Println(most(0), most(time.Second), most(10*time.Second))
	// Output: 5 6 15
}

func ExampleWindow() {
	most := ratelimittest.Window(5, time.Second)
	fmt.Println(most(0), most(time.Second-1), most(time.Second))
	// Output: 5 5 10
}
