package main

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// A limiterKit makes limiters that let perSecond events through a second, and
// so many at once.
type limiterKit struct {
	open func(perSecond float64, burst int) openLimiter
}

// An openLimiter is what a library offers of one; nil is not offered.
type openLimiter struct {
	wait     func(ctx context.Context) error
	within   func(ctx context.Context, d time.Duration) error // wait for d at most; nil if that is wait with a deadline
	allowAt  func(t time.Time) bool                           // with a timestamp of the caller's own
	setLimit func(perSecond float64)
	stop     func() // lets go of what it holds
	deaf     bool   // wait does not end with its ctx
	silent   bool   // wait has no error
}

func (l openLimiter) close() {
	if l.stop != nil {
		l.stop()
	}
}

func limiterCases() []testCase[limiterKit] {
	return []testCase[limiterKit]{
		{row{"order", "timestamps come out of order", "no more events than the burst and the rate allow for the time between them"}, limiterOrder},
		{row{"slot", "one who waits gives up", "the one behind moves up into its place"}, limiterSlot},
		{row{"raise", "the limit is raised while somebody sleeps", "the sleeper goes at the new rate"}, limiterRaise},
		{row{"lower", "the limit is lowered while somebody sleeps", "the sleeper goes at the new rate"}, limiterLower},
		{row{"deadline", "the deadline of one who waits comes first", "the wait ends with an error that matches context.DeadlineExceeded"}, limiterDeadline},
		{row{"cause", "the ctx of one who waits ends with a cause", "the error has the cause"}, limiterCause},
		{row{"refusal", "ten waits are too short for the token to come", "they have taken nothing: the next event goes when its token comes"}, limiterRefusal},
		{row{"bubble", "it is used in two synctest bubbles, one after the other", "both end, and the waits last exactly as long as they should"}, limiterBubble},
	}
}

func limiterOrder(t *testing.T, k limiterKit) error {
	return bubble(t, func() error {
		const burst, apart = 2, 10
		const most = burst + apart
		l := k.open(1, burst)
		defer l.close()
		if l.allowAt == nil {
			return errNotOffered
		}
		from := time.Now()
		let := 0
		for i := range 100 {
			if l.allowAt(from.Add(time.Duration(i%2) * apart * time.Second)) {
				let++
			}
		}
		if let > most {
			return fmt.Errorf("%d events instead of %d", let, most)
		}
		return nil
	})
}

// asleep starts a wait and returns when it goes; it is over at the latest when
// ctx ends.
func (l openLimiter) asleep(ctx context.Context) <-chan time.Time {
	went := make(chan time.Time, 1)
	go func() {
		_ = l.wait(ctx)
		went <- time.Now()
	}()
	synctest.Wait()
	return went
}

func limiterSlot(t *testing.T, k limiterKit) error {
	return bubble(t, func() error {
		l := k.open(1, 1)
		defer l.close()
		if l.deaf {
			return errNotOffered
		}
		ctx := context.Background()
		if err := l.wait(ctx); err != nil {
			return err
		}
		begin := time.Now()
		first, giveUp := context.WithCancel(ctx)
		gone := l.asleep(first)
		second := l.asleep(ctx)
		giveUp()
		<-gone
		if waited := (<-second).Sub(begin); waited > time.Second+time.Millisecond {
			return fmt.Errorf("it waits %v instead of 1s", waited)
		}
		return nil
	})
}

// resized puts a waiter to sleep for a second, sets the limit, and returns how
// long it slept.
func resized(t *testing.T, k limiterKit, perSecond float64) (slept time.Duration, err error) {
	err = bubble(t, func() error {
		l := k.open(1, 1)
		defer l.close()
		if l.setLimit == nil {
			return errNotOffered
		}
		if err := l.wait(context.Background()); err != nil {
			return err
		}
		begin := time.Now()
		went := l.asleep(context.Background())
		l.setLimit(perSecond)
		slept = (<-went).Sub(begin)
		return nil
	})
	return slept, err
}

func limiterRaise(t *testing.T, k limiterKit) error {
	slept, err := resized(t, k, 100)
	if err == nil && slept > 20*time.Millisecond {
		return fmt.Errorf("it sleeps %v instead of 10ms", slept)
	}
	return err
}

func limiterLower(t *testing.T, k limiterKit) error {
	slept, err := resized(t, k, 0.1)
	if err == nil && slept < 9*time.Second {
		return fmt.Errorf("it sleeps %v instead of 10s", slept)
	}
	return err
}

func limiterDeadline(t *testing.T, k limiterKit) error {
	return bubble(t, func() error {
		l := k.open(0.1, 1)
		defer l.close()
		if l.deaf || l.silent {
			return errNotOffered
		}
		if err := l.wait(context.Background()); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := l.wait(ctx); err == nil {
			return errors.New("success reported")
		} else if !errors.Is(err, context.DeadlineExceeded) {
			return errors.New("errors.Is does not match")
		}
		return nil
	})
}

func limiterCause(t *testing.T, k limiterKit) error {
	return bubble(t, func() error {
		l := k.open(0.1, 1)
		defer l.close()
		if l.deaf || l.silent {
			return errNotOffered
		}
		if err := l.wait(context.Background()); err != nil {
			return err
		}
		ctx, cancel := context.WithCancelCause(context.Background())
		time.AfterFunc(time.Second, func() { cancel(errCause) })
		return causes(errCause, l.wait(ctx))
	})
}

func limiterRefusal(t *testing.T, k limiterKit) error {
	return bubble(t, func() error {
		l := k.open(1, 1)
		defer l.close()
		within := l.within
		if within == nil && l.deaf {
			return errNotOffered
		} else if within == nil {
			within = func(ctx context.Context, d time.Duration) error {
				ctx, cancel := context.WithTimeout(ctx, d)
				defer cancel()
				return l.wait(ctx)
			}
		}
		if err := l.wait(context.Background()); err != nil {
			return err
		}
		begin := time.Now()
		for range 10 {
			if within(context.Background(), 50*time.Millisecond) == nil {
				return errors.New("an event too early")
			}
		}
		if err := l.wait(context.Background()); err != nil {
			return err
		}
		if waited := time.Since(begin); waited > time.Second+time.Millisecond {
			return fmt.Errorf("it goes after %v instead of 1s", waited)
		}
		return nil
	})
}

func limiterBubble(t *testing.T, k limiterKit) error {
	return twice(t, func() error {
		l := k.open(10, 1)
		defer l.close()
		begin := time.Now()
		for range 11 {
			if err := l.wait(context.Background()); err != nil {
				return err
			}
		}
		if took := time.Since(begin); took < time.Second-time.Microsecond || took > time.Second+time.Microsecond {
			return fmt.Errorf("%v instead of 1s", took)
		}
		return nil
	})
}
