package ratelimit

import (
	"math/bits"
	"time"
)

// hotKey is a key for which somebody waits: it has a whole Limiter, until they
// are all gone. Whoever comes meanwhile asks that, under the lock of the shard.
type hotKey struct {
	l     *Limiter
	users int // who waits
}

// promote returns the Limiter of a key, for one more who waits; nil if the key
// has been forgotten.
func (k *Keyed[K]) promote(key K) *Limiter {
	s, tag := k.home(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.find(key, tag)
	if e == nil {
		return nil
	}
	h := s.hot[key]
	if h == nil {
		b := newBucket(e.plan.limit, e.plan.burst, 0, e.plan.epoch)
		b.word.Store(e.word)
		h = &hotKey{l: &Limiter{}}
		h.l.bucket.Store(b)
		if s.hot == nil {
			s.hot = map[K]*hotKey{}
		}
		s.hot[key] = h
		e.word = frozen
	}
	h.users++
	s.passed++
	return h.l
}

// demote is called by each who has waited. The last one takes what the Limiter
// knows back to the table.
func (k *Keyed[K]) demote(key K) {
	s, tag := k.home(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.hot[key]
	if h.users--; h.users > 0 {
		return
	}
	if delete(s.hot, key); len(s.hot) == 0 {
		s.hot = nil // a map keeps the room that it once needed
	}
	e := s.find(key, tag)
	now := k.now()
	s.renew(e.plan, k.start, now)
	e.word = h.l.wordFor(e.plan, k.start.Add(time.Duration(now)), e.plan.in(now))
	s.full = min(s.full, e.plan.fullAt(e.word))
}

// wordFor returns the word of the Limiter, for which nobody waits, at t on the
// scale of p, where that is in.
func (l *Limiter) wordFor(p *plan, t time.Time, in int64) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.bucketAtLocked(t)
	word := b.word.Load()
	if b.epoch.Equal(p.epoch) && b.supply == p.supply {
		return word
	}
	now := b.at(b.clock(t))
	held := now - max(word, now-b.size)
	if held < 0 {
		return in + scale(-held, p.token, b.token) + 1
	}
	held = scale(held, p.token, b.token)
	if !b.exact() {
		held--
	}
	return in - min(held, p.size)
}

// fullIn returns how long until the bucket is full, if all who wait get what
// they wait for.
func (l *Limiter) fullIn() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := time.Now()
	b := l.bucketAtLocked(t)
	now := b.clock(t)
	return b.delay(now, b.at(now), b.word.Load()+b.size)
}

// scale returns x*num/den.
func scale(x, num, den int64) int64 {
	hi, lo := bits.Mul64(uint64(x), uint64(num))
	q, _ := bits.Div64(hi, lo, uint64(den))
	return int64(q)
}
