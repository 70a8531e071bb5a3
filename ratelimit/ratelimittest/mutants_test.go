package ratelimittest_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/ratelimit"
	"github.com/thence-go/thence/ratelimit/ratelimittest"
)

type decision = ratelimit.Decision

// spoiled is the reference with other methods, where they are not nil.
type spoiled struct {
	*reference
	take func(n int) decision
	give func(n int)
	wait func(ctx context.Context) error
}

func (s *spoiled) Take(n int) decision {
	if s.take != nil {
		return s.take(n)
	}
	return s.reference.Take(n)
}

func (s *spoiled) Give(n int) {
	if s.give != nil {
		s.give(n)
		return
	}
	s.reference.Give(n)
}

func (s *spoiled) Wait(ctx context.Context) error {
	if s.wait != nil {
		return s.wait(ctx)
	}
	return s.reference.Wait(ctx)
}

// mutant is a limiter that is wrong in one thing, and the rules that see it.
type mutant struct {
	spoil func(*spoiled)
	sees  string // IDs
}

func mutants() map[string]mutant {
	all := map[string]mutant{}
	for _, ms := range []map[string]mutant{takers(), givers(), waiters()} {
		for name, m := range ms {
			all[name] = m
		}
	}
	return all
}

// takers are wrong about Take.
func takers() map[string]mutant {
	// told makes a mutant that changes what it has decided.
	told := func(change func(n int, d decision) decision) func(*spoiled) {
		return func(s *spoiled) {
			s.take = func(n int) decision { return change(n, s.reference.Take(n)) }
		}
	}
	return map[string]mutant{
		"one more than the burst": {func(s *spoiled) { s.burst++ }, "1.1"},
		"one less than the burst": {func(s *spoiled) { s.burst-- }, "1.1"},
		"twice as fast":           {func(s *spoiled) { s.interval /= 2 }, "1.2"},
		"told a nanosecond late": {told(func(_ int, d decision) decision {
			if d.Reason == ratelimit.Exhausted {
				d.RetryAfter++
			}
			return d
		}), "1.3"},
		"told a nanosecond early": {told(func(_ int, d decision) decision {
			if d.Reason == ratelimit.Exhausted {
				d.RetryAfter--
			}
			return d
		}), "1.3"},
		"told in whole milliseconds": {told(func(_ int, d decision) decision {
			if d.Reason == ratelimit.Exhausted {
				d.RetryAfter = (d.RetryAfter + time.Millisecond - 1).Truncate(time.Millisecond)
			}
			return d
		}), "1.3"},
		"no reason":           {told(func(_ int, d decision) decision { d.Reason = 0; return d }), "1.4"},
		"a grant has a time":  {told(func(_ int, d decision) decision { d.RetryAfter = max(d.RetryAfter, 1); return d }), "1.4"},
		"one less Remaining":  {told(func(_ int, d decision) decision { d.Remaining = max(d.Remaining-1, 0); return d }), "1.5"},
		"Remaining as before": {told(func(n int, d decision) decision { d.Remaining += n; return d }), "1.5"},
		"what is not used adds up": {func(s *spoiled) {
			born := time.Now()
			s.take = func(n int) decision {
				s.burst = 10 + int(time.Since(born)/time.Hour)
				s.full = s.full.Add(0)
				return s.reference.Take(n)
			}
		}, "1.6"},
		"reads, then writes": {func(s *spoiled) {
			s.take = func(n int) decision {
				s.mu.Lock()
				left := s.missing(0, n)
				s.mu.Unlock()
				if left > 0 {
					return s.reference.Take(n)
				}
				time.Sleep(time.Nanosecond) // of virtual time: all the others read
				s.mu.Lock()
				defer s.mu.Unlock()
				s.spendLocked(n)
				return decision{OK: true, Limit: 10}
			}
		}, "1.7"},
		"a refusal takes what there is": {func(s *spoiled) {
			s.take = func(n int) decision {
				d := s.reference.Take(n)
				if d.Reason == ratelimit.Exhausted {
					s.mu.Lock()
					s.spendLocked(1)
					s.mu.Unlock()
				}
				return d
			}
		}, "1.8"},
		"more than the burst is told a time": {told(func(_ int, d decision) decision {
			d.RetryAfter = min(d.RetryAfter, time.Hour)
			return d
		}), "1.9"},
		"a negative number gives": {func(s *spoiled) {
			s.take = func(n int) decision {
				if n < 0 {
					s.reference.Give(1)
				}
				return s.reference.Take(n)
			}
		}, "1.9"},
		"none is one": {func(s *spoiled) {
			s.take = func(n int) decision { return s.reference.Take(max(n, min(1, 1+n))) }
		}, "1.10"},
		"blocks": {func(s *spoiled) {
			s.take = func(n int) decision {
				d := s.reference.Take(n)
				if !d.OK {
					forEver()
				}
				return d
			}
		}, "1.1 hung"},
		"panics": {func(s *spoiled) { s.take = func(int) decision { panic("boom") } }, "1.1"},
	}
}

func forEver() { <-make(chan int) }

// givers are wrong about Give.
func givers() map[string]mutant {
	return map[string]mutant{
		"gives nothing back": {func(s *spoiled) { s.give = func(int) {} }, "2.1"},
		"gives one too little": {func(s *spoiled) {
			s.give = func(n int) { s.reference.Give(n - 1) }
		}, "2.1"},
		"gives beyond the burst": {func(s *spoiled) {
			extra := 0
			s.give = func(n int) { extra += min(n, 100) }
			s.take = func(n int) decision {
				if n == 1 && extra > 0 {
					extra--
					return decision{OK: true}
				}
				return s.reference.Take(n)
			}
		}, "2.2"},
		"gives all back": {func(s *spoiled) {
			s.give = func(int) { s.reference.Give(s.burst) }
		}, "2.3"},
	}
}

func TestReferenceObeysEveryRule(t *testing.T) {
	ratelimittest.Conform(t, adapterOf(func() any { return newReference() }))
}

// A suite that passes everything would pass ours, too.
func TestMutantsBreakTheRulesTheyShould(t *testing.T) {
	for name, m := range mutants() {
		t.Run(name, func(t *testing.T) {
			a := adapterOf(func() any {
				s := &spoiled{reference: newReference()}
				m.spoil(s)
				return s
			})
			for _, id := range strings.Fields(m.sees) {
				if id == "hung" {
					continue
				}
				v := ratelimittest.Check(t, a, id)
				t.Log(id, v.Outcome, v.Reason)
				want := ratelimittest.Failed
				if strings.Contains(m.sees, "hung") {
					want = ratelimittest.Hung
				}
				require.Equal(t, want, v.Outcome, "%s: %s", id, v.Reason)
				require.NotEmpty(t, v.Reason)
			}
		})
	}
	t.Run("its clock never goes back", func(t *testing.T) {
		var mu sync.Mutex
		var last time.Time
		v := ratelimittest.Check(t, adapterOf(func() any {
			s := &spoiled{reference: newReference()}
			s.take = func(n int) decision {
				mu.Lock()
				defer mu.Unlock()
				if early := time.Until(last); early > 0 {
					return decision{Reason: ratelimit.Exhausted, RetryAfter: early}
				}
				last = time.Now()
				return s.reference.Take(n)
			}
			s.wait = func(ctx context.Context) error {
				err := s.reference.Wait(ctx)
				mu.Lock()
				defer mu.Unlock()
				last = time.Now()
				return err
			}
			return s
		}), "5.1")
		require.Equal(t, ratelimittest.Failed, v.Outcome)
	})
}

func TestEveryRuleIsSeenToFail(t *testing.T) {
	seen := []string{"5.1"}
	for _, m := range mutants() {
		seen = append(seen, strings.Fields(m.sees)...)
	}
	for _, r := range ratelimittest.Rules() {
		require.True(t, slices.Contains(seen, r.ID), "no mutant breaks %s %s", r.ID, r.Title)
		require.NotEmpty(t, r.Why)
	}
}
