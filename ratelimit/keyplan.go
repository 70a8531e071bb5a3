package ratelimit

import (
	"hash/maphash"
	"time"
)

// plan is a limit and a burst, for all keys of a shard that have them: a bucket
// whose word is not used, since each key has one of its own on its scale.
type plan struct {
	*bucket
	base int64 // the epoch, on the clock of the Keyed
	keys int   // how many have it
}

type planKey struct {
	limit Limit
	burst int
}

func (s *shard[K]) planFor(r Limit, burst int, start time.Time, now int64) *plan {
	p := s.plans[planKey{r, burst}]
	if p == nil {
		p = &plan{bucket: newBucket(r, burst, 0, start.Add(time.Duration(now))), base: now}
		if s.plans == nil {
			s.plans = map[planKey]*plan{}
		}
		s.plans[planKey{r, burst}] = p
	}
	s.renew(p, start, now)
	return p
}

// covers reports whether the scale speaks for now.
func (p *plan) covers(now int64) bool {
	now -= p.base
	return -p.last <= now && now <= p.last
}

// in returns what has come in until now, after renew.
func (p *plan) in(now int64) int64 { return p.at(max(now-p.base, -p.last)) }

// fullAt returns when the bucket of that word is full.
func (p *plan) fullAt(word int64) int64 {
	when := p.when(word + p.size)
	if when > never-max(p.base, 0) {
		return never
	}
	return p.base + when
}

// renew gives a plan whose scale has come to its end another one, and takes all
// keys over, which rounds to the disadvantage of them, by less than a
// nanosecond in years.
func (s *shard[K]) renew(p *plan, start time.Time, now int64) {
	if now-p.base <= p.last {
		return
	}
	old, base := p.bucket, p.base
	if p.base += p.last; now-p.base > p.last {
		p.base = now // in so long a time every bucket gets full
	}
	p.bucket = newBucket(old.limit, old.burst, 0, start.Add(time.Duration(p.base)))
	for i := range s.entries {
		e := &s.entries[i]
		if e.plan != p || e.word == frozen {
			continue
		}
		held := p.size
		if p.base == base+old.last {
			if held = old.at(old.last) - e.word; !old.exact() {
				held--
			}
		}
		e.word = p.at(0) - min(held, p.size)
	}
}

// sweep forgets those of the next n keys whose buckets are full.
func (k *Keyed[K]) sweep(s *shard[K], now int64, n int) {
	for range n {
		if s.hand >= len(s.entries) {
			if s.hand = 0; len(s.entries) == 0 {
				s.full = never
				return
			}
		}
		e := &s.entries[s.hand]
		if p := e.plan; e.word != frozen && p.covers(now) && e.word <= p.at(now-p.base)-p.size {
			s.remove(s.hand, k.tag)
			k.count.Add(-1)
		} else {
			s.hand++
		}
	}
}

// sweepAll forgets all keys whose buckets are full, and works out when the
// first of the rest will be.
func (k *Keyed[K]) sweepAll(s *shard[K], now int64) {
	for _, p := range s.plans {
		s.renew(p, k.start, now)
	}
	s.hand = 0
	for n := len(s.entries); n > 0; n-- {
		k.sweep(s, now, 1)
	}
	s.full, s.swept = never, s.passed
	for i := range s.entries {
		if e := &s.entries[i]; e.word != frozen {
			s.full = min(s.full, e.plan.fullAt(e.word))
		} else if d := s.hot[e.key].l.fullIn(); d < InfDuration {
			s.full = min(s.full, now+int64(d))
		}
	}
}

func (k *Keyed[K]) tag(key K) uint32 { return uint32(maphash.Comparable(k.seed, key)) }
