package bench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	thence "github.com/thence-go/thence/ratelimit"
)

// What x/time/rate does at the version in go.mod, beside what ours does, in the
// four places where they differ on purpose. It is a failure here if either
// changes: then the words about it are no longer true.

// sides are the two limiters, with what the four tests use of them.
type sides interface {
	AllowN(t time.Time, n int) bool
	Wait(ctx context.Context) error
	setLimit(perSecond float64)
}

type (
	xtime struct{ *rate.Limiter }
	ours  struct{ *thence.Limiter }
)

func (l xtime) setLimit(perSecond float64) { l.SetLimit(rate.Limit(perSecond)) }
func (l ours) setLimit(perSecond float64)  { l.SetLimit(thence.Limit(perSecond)) }

// beside runs fn in a bubble with either limiter, and wants what it returns.
func beside(t *testing.T, perSecond float64, burst int, theirs, want string, fn func(l sides) string) {
	t.Helper()
	for name, side := range map[string]struct {
		open func() sides
		want string
	}{
		"x/time/rate": {func() sides { return xtime{rate.NewLimiter(rate.Limit(perSecond), burst)} }, theirs},
		"thence":      {func() sides { return ours{thence.NewLimiter(thence.Limit(perSecond), burst)} }, want},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if got := fn(side.open()); got != side.want {
					t.Errorf("is %q, was %q", got, side.want)
				}
			})
		})
	}
}

// golang/go#65508: 1000 a second and a burst of 100 are 110 events in 10 ms.
// Two callers who took the time 10 ms apart and come in turn get the time
// between them again and again.
func TestXTimeTimestampsOutOfOrder(t *testing.T) {
	beside(t, 1000, 100, "2000 of 2000", "110 of 2000", func(l sides) string {
		start, allowed := time.Now(), 0
		for i := range 2000 {
			at := start
			if i >= 100 { // the burst is taken
				at = start.Add(time.Duration((i+1)%2) * 10 * time.Millisecond)
			}
			if l.AllowN(at, 1) {
				allowed++
			}
		}
		return fmt.Sprint(allowed, " of 2000")
	})
}

// golang/go#71360: the first of two who wait gives up, and its turn passes
// unused.
func TestXTimeSlotOfWhoGaveUp(t *testing.T) {
	beside(t, 1, 1, "the second is served after 2s", "the second is served after 1s", func(l sides) string {
		start := time.Now()
		l.AllowN(start, 1)
		first, giveUp := context.WithCancel(context.Background())
		var wg sync.WaitGroup
		wg.Go(func() { _ = l.Wait(first) })
		synctest.Wait()
		wg.Go(func() { _ = l.Wait(context.Background()) })
		time.Sleep(time.Second / 2)
		giveUp()
		wg.Wait()
		return fmt.Sprint("the second is served after ", time.Since(start))
	})
}

// Who sleeps for a token of an hour sleeps on when tokens come each millisecond.
func TestXTimeSetLimitWithSleepers(t *testing.T) {
	beside(t, 1.0/3600, 1, "served after 1h0m0s", "served after 1.001s", func(l sides) string {
		start := time.Now()
		l.AllowN(start, 1)
		var wg sync.WaitGroup
		wg.Go(func() { _ = l.Wait(context.Background()) })
		time.Sleep(time.Second)
		l.setLimit(1000)
		wg.Wait()
		return fmt.Sprint("served after ", time.Since(start).Round(time.Microsecond))
	})
}

// golang/go#69419: a refusal for the deadline can be told by its text only.
func TestXTimeErrorForTheDeadline(t *testing.T) {
	beside(t, 1, 1, "refused at once, DeadlineExceeded: false", "refused at once, DeadlineExceeded: true", func(l sides) string {
		start := time.Now()
		l.AllowN(start, 1)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second/2)
		defer cancel()
		err := l.Wait(ctx)
		if err == nil || !time.Now().Equal(start) {
			return fmt.Sprint("after ", time.Since(start), ": ", err)
		}
		return fmt.Sprint("refused at once, DeadlineExceeded: ", errors.Is(err, context.DeadlineExceeded))
	})
}
