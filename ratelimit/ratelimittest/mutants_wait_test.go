package ratelimittest_test

import (
	"context"
	"time"

	"github.com/thence-go/thence/ratelimit"
)

// waiters are wrong about Wait.
func waiters() map[string]mutant {
	return map[string]mutant{
		"each one waits": {func(s *spoiled) {
			s.wait = func(ctx context.Context) error { time.Sleep(s.interval); return s.reference.Wait(ctx) }
		}, "3.1"},
		"nobody waits":     {func(s *spoiled) { s.wait = func(context.Context) error { return nil } }, "3.1"},
		"a waiter panics":  {func(s *spoiled) { s.wait = func(context.Context) error { panic("boom") } }, "3.1"},
		"waits too little": {func(s *spoiled) { s.interval -= 20 * time.Millisecond }, "3.2"},
		"last come, first served": {func(s *spoiled) {
			var stack []chan struct{}
			s.wait = func(ctx context.Context) error {
				s.mu.Lock()
				if s.missing(0, 1) == 0 {
					s.spendLocked(1)
					s.mu.Unlock()
					return nil
				}
				me := make(chan struct{})
				stack = append(stack, me)
				s.spendLocked(1)
				time.AfterFunc(s.missing(0, 0), func() {
					s.mu.Lock()
					defer s.mu.Unlock()
					close(stack[len(stack)-1])
					stack = stack[:len(stack)-1]
				})
				s.mu.Unlock()
				<-me
				return nil
			}
		}, "3.3"},
		"does not look at the context first": {func(s *spoiled) {
			s.wait = func(ctx context.Context) error {
				if s.Take(1).OK {
					return nil
				}
				return s.reference.Wait(ctx)
			}
		}, "3.4"},
		"does not look at the context": {func(s *spoiled) {
			s.wait = func(context.Context) error { return s.reference.Wait(context.Background()) }
		}, "3.5"},
		"loses the cause": {func(s *spoiled) {
			s.wait = func(ctx context.Context) error {
				err := s.reference.Wait(ctx)
				if err != nil && ctx.Err() != nil {
					return ctx.Err()
				}
				return err
			}
		}, "3.6"},
		"tells the cause only": {func(s *spoiled) {
			s.wait = func(ctx context.Context) error {
				err := s.reference.Wait(ctx)
				if err == context.Canceled {
					return context.Cause(context.Background())
				}
				return err
			}
		}, "3.4"},
		"the place of who gives up is lost": {reserving, "3.7 3.8"},
		"an end that comes late gives back": {func(s *spoiled) {
			s.wait = func(ctx context.Context) error {
				err := s.reference.Wait(ctx)
				if err == nil {
					context.AfterFunc(ctx, func() { s.reference.Give(1) })
				}
				return err
			}
		}, "3.9"},
		"waits until the deadline": {func(s *spoiled) {
			s.wait = func(ctx context.Context) error { return s.reference.Wait(noDeadline{ctx}) }
		}, "3.10"},
		"does not see who is in front": {func(s *spoiled) {
			s.wait = func(ctx context.Context) error {
				s.mu.Lock()
				after := s.missing(0, 1)
				s.mu.Unlock()
				if end, ok := ctx.Deadline(); ok && time.Now().Add(after).After(end) {
					return tooLate(after)
				}
				return s.reference.Wait(noDeadline{ctx})
			}
		}, "3.14"},
		"a deadline is any error": {func(s *spoiled) {
			s.wait = func(ctx context.Context) error {
				if err, late := s.reference.Wait(ctx).(tooLate); late {
					return plain(err)
				} else if ctx.Err() != nil {
					return context.Cause(ctx)
				}
				return nil
			}
		}, "3.10"},
		"who is too late takes": {func(s *spoiled) {
			s.wait = func(ctx context.Context) error {
				err := s.reference.Wait(ctx)
				if _, late := err.(tooLate); late {
					s.mu.Lock()
					s.spendLocked(1)
					s.mu.Unlock()
				}
				return err
			}
		}, "3.11"},
		"too late, and not when": {func(s *spoiled) {
			s.wait = func(ctx context.Context) error {
				err := s.reference.Wait(ctx)
				if _, late := err.(tooLate); late {
					return context.DeadlineExceeded
				}
				return err
			}
		}, "3.12"},
		"just in time is too late": {func(s *spoiled) {
			s.wait = func(ctx context.Context) error {
				if end, ok := ctx.Deadline(); ok {
					var cancel func()
					ctx, cancel = context.WithDeadline(ctx, end.Add(-1))
					defer cancel()
				}
				return s.reference.Wait(ctx)
			}
		}, "3.13"},
		"Take overtakes": {func(s *spoiled) {
			s.take = func(n int) decision {
				s.mu.Lock()
				queue := s.queue
				s.queue = nil
				s.mu.Unlock()
				d := s.reference.Take(n)
				s.mu.Lock()
				s.queue = queue
				s.mu.Unlock()
				return d
			}
		}, "4.1 4.3"},
		"two counters": {func(s *spoiled) {
			other := newReference()
			s.wait = other.Wait
		}, "4.2"},
		"nobody knows who waits": {func(s *spoiled) {
			s.take = func(n int) decision {
				d := s.reference.Take(n)
				if !d.OK && d.Reason == ratelimit.Exhausted {
					s.mu.Lock()
					d.RetryAfter = max(s.missing(0, n), 1)
					s.mu.Unlock()
				}
				return d
			}
		}, "4.3"},
		"a goroutine for each that gives up": {func(s *spoiled) {
			s.wait = func(ctx context.Context) error {
				err := s.reference.Wait(ctx)
				if err != nil {
					go time.Sleep(time.Hour)
				}
				return err
			}
		}, "5.2"},
	}
}

type plain time.Duration

func (plain) Error() string { return "too late" }

type noDeadline struct{ context.Context }

func (noDeadline) Deadline() (time.Time, bool) { return time.Time{}, false }

// reserving takes its token when it begins to wait, and sleeps.
func reserving(s *spoiled) {
	s.wait = func(ctx context.Context) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		s.mu.Lock()
		after := s.missing(0, 1)
		if end, ok := ctx.Deadline(); ok && time.Now().Add(after).After(end) {
			s.mu.Unlock()
			return tooLate(after)
		}
		s.spendLocked(1)
		s.mu.Unlock()
		timer := time.NewTimer(after)
		defer timer.Stop()
		select {
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
