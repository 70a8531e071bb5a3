package ratelimit

import (
	"context"
	"fmt"
	"hash/maphash"
	"math"
	"math/bits"
	"runtime"
	"sync/atomic"
	"time"
)

// Keyed is a token bucket for each key, as a user, a tenant or an address. It
// is for keys that come from outside: however many there are, it remembers
// maxKeys of them at most.
//
// A key is remembered from its first token on until its bucket is full again;
// then it is as good as new, and forgotten some time later, while others are
// asked for. So nobody gains a token by being forgotten. While maxKeys keys are
// remembered and none of their buckets is full, a new key is refused, with the
// Reason [TooManyKeys]: there is neither an amnesty nor more memory. So maxKeys
// has to be more than the keys that are used within the time in which a bucket
// fills; whoever can invent keys can have new ones refused, but not the known
// ones.
//
// A key takes 8 bytes for its state and up to 40 for its place, beyond the key
// itself and what it refers to. There is no goroutine. Only while somebody waits
// for a key is there a [Limiter] for it.
//
// Most callers want [Keyed.Allow], or [Keyed.Take] to tell somebody when to try
// again. A Keyed is made by [NewKeyed] or [NewKeyedFunc] and must not be copied.
// All methods are safe for concurrent use.
type Keyed[K comparable] struct {
	limit   func(K) (Limit, int)
	maxKeys int64
	count   atomic.Int64 // of keys in all shards, and places that are kept for one
	seed    maphash.Seed
	start   time.Time // where the clock of all shards begins
	shift   uint8     // of a hash, for the number of the shard
	shards  []shard[K]
}

// NewKeyed returns a Keyed in which each key has a bucket of burst tokens, to
// which r are added a second, and which remembers up to maxKeys keys. It panics
// if r or burst is negative, r not a number, or maxKeys less than 1.
func NewKeyed[K comparable](r Limit, burst, maxKeys int) *Keyed[K] {
	r, burst = r.checked("NewKeyed"), checkedBurst("NewKeyed", burst)
	return newKeyed("NewKeyed", func(K) (Limit, int) { return r, burst }, maxKeys)
}

// NewKeyedFunc is NewKeyed with a limit and a burst of its own for each key.
// The function is called when a key appears, with no lock held: of goroutines
// that meet a new key at the same time each calls it, and the first one that is
// back decides. What it says holds until the key is forgotten. A key of limit
// [Inf] or with a burst of 0 is not remembered: it is asked for each time.
//
// Keys with the same limit and burst share a few hundred bytes. If the
// function returns what NewKeyed would not take, the call panics.
func NewKeyedFunc[K comparable](limit func(K) (Limit, int), maxKeys int) *Keyed[K] {
	if limit == nil {
		panic("ratelimit: NewKeyedFunc needs a function, got nil: pass one that returns the limit and the burst of a key")
	}
	return newKeyed("NewKeyedFunc", func(key K) (Limit, int) {
		r, burst := limit(key)
		return r.checked("the function of NewKeyedFunc"), checkedBurst("the function of NewKeyedFunc", burst)
	}, maxKeys)
}

func newKeyed[K comparable](call string, limit func(K) (Limit, int), maxKeys int) *Keyed[K] {
	if maxKeys < 1 {
		panic(fmt.Sprintf("ratelimit: %s needs maxKeys of 1 or more, got %d: pass how many keys to remember at most", call, maxKeys))
	}
	log := bits.Len(uint(8*runtime.GOMAXPROCS(0) - 1))
	k := &Keyed[K]{
		limit: limit, maxKeys: int64(maxKeys), seed: maphash.MakeSeed(), start: time.Now(),
		shift: uint8(64 - log), shards: make([]shard[K], 1<<log),
	}
	for i := range k.shards {
		k.shards[i].full = never
	}
	return k
}

// Allow takes a token of the key and reports true, or reports false if there is
// none now. It never blocks.
func (k *Keyed[K]) Allow(key K) bool {
	s, tag := k.home(key)
	s.mu.Lock()
	if e := s.find(key, tag); e != nil && e.word != frozen {
		now := k.now()
		if p := e.plan; p.covers(now) {
			in := p.at(now - p.base)
			word := max(e.word, in-p.size) + p.token
			ok := word <= in
			if ok {
				e.word = word
			}
			k.pass(s, now)
			s.mu.Unlock()
			return ok
		}
	}
	s.mu.Unlock()
	return k.Take(key, 1).OK
}

// Take takes n tokens of the key if they are there now, and says what is left;
// or it takes none, and says why and when to try again: see [Limiter.Take]. It
// never blocks.
//
// If the Reason is [TooManyKeys], RetryAfter is when the first of the buckets
// will be full, if nobody takes from them meanwhile, or some time before.
func (k *Keyed[K]) Take(key K, n int) Decision {
	s, tag := k.home(key)
	if d, known := k.takeKnown(s, tag, key, n); known {
		return d
	}
	r, burst := k.limit(key)
	full := int(min(int64(burst), maxUnits)) // tokens
	switch {
	case r == Inf && n >= 0:
		return boundless
	case r == Inf:
		return Decision{Reason: OverBurst, RetryAfter: InfDuration, Limit: math.MaxInt, Remaining: math.MaxInt}
	case n < 0, n > burst:
		return Decision{Reason: OverBurst, RetryAfter: InfDuration, Limit: burst, Remaining: full}
	case n == 0:
		return Decision{OK: true, Limit: burst, Remaining: full}
	}
	if wait := k.makeRoom(s); wait > 0 {
		if d, known := k.takeKnown(s, tag, key, n); known {
			return d
		}
		return Decision{Reason: TooManyKeys, RetryAfter: wait, Limit: burst}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := k.now()
	if e := s.find(key, tag); e != nil { // somebody was faster
		k.count.Add(-1)
		return k.takeLocked(s, e, now, n)
	}
	p := s.planFor(r, burst, k.start, now)
	in := p.in(now)
	word := in - p.size + p.cost(n)
	s.add(key, tag, p, word)
	s.full = min(s.full, p.fullAt(word))
	k.sweep(s, now, 2) // one more than comes in
	return Decision{OK: true, Limit: burst, Remaining: p.whole(in - word)}
}

// Wait waits for a token of the key and takes it: see [Limiter.Wait] for order,
// refusals and what happens at a limit of 0. A new key for which there is no
// room is refused at once with a [*LimitError] whose Reason is [TooManyKeys].
//
// On cancel: as [Limiter.WaitN].
func (k *Keyed[K]) Wait(ctx context.Context, key K) error {
	if ctx == nil {
		panic("ratelimit: Wait needs a context, got nil: pass context.Background() if there is none")
	}
	for {
		if ctx.Err() != nil {
			return stoppedWaiting(ctx)
		}
		switch d := k.Take(key, 1); {
		case d.OK:
			return nil
		case d.Reason == TooManyKeys:
			return &LimitError{Decision: d, N: 1, text: fmt.Sprintf("no room for a new key among %d: try again in %v, or make more room", k.maxKeys, d.RetryAfter)}
		case d.Reason != Exhausted:
			return refusal(d, 1, 0)
		}
		if l := k.promote(key); l != nil {
			defer k.demote(key)
			return l.Wait(ctx)
		}
	}
}

// Len returns how many keys are remembered: those whose bucket is not full,
// and those that were not yet forgotten since.
func (k *Keyed[K]) Len() int {
	n := 0
	for i := range k.shards {
		s := &k.shards[i]
		s.mu.Lock()
		n += len(s.entries)
		s.mu.Unlock()
	}
	return n
}

func (k *Keyed[K]) now() int64 { return int64(time.Since(k.start)) }

// home returns the shard of the key, and what tells it apart in there.
func (k *Keyed[K]) home(key K) (*shard[K], uint32) {
	h := maphash.Comparable(k.seed, key)
	return &k.shards[h>>k.shift], uint32(h)
}

func (k *Keyed[K]) takeKnown(s *shard[K], tag uint32, key K, n int) (d Decision, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.find(key, tag)
	if e == nil {
		return d, false
	}
	now := k.now()
	d = k.takeLocked(s, e, now, n)
	k.pass(s, now)
	return d, true
}

// takeLocked is Take of a known key.
func (k *Keyed[K]) takeLocked(s *shard[K], e *entry[K], now int64, n int) Decision {
	if e.word == frozen {
		return s.hot[e.key].l.Take(n)
	}
	p := e.plan
	s.renew(p, k.start, now)
	in := p.in(now)
	held := max(e.word, in-p.size)
	end := held + p.cost(n)
	switch {
	case n < 0 || n > p.burst:
		return Decision{Reason: OverBurst, RetryAfter: InfDuration, Limit: p.burst, Remaining: p.whole(in - held)}
	case end > in:
		return Decision{Reason: Exhausted, RetryAfter: p.delay(now-p.base, in, end), Limit: p.burst, Remaining: p.whole(in - held)}
	}
	e.word = end
	return Decision{OK: true, Limit: p.burst, Remaining: p.whole(in - end)}
}

// makeRoom keeps a place for a new key in s, if need be that of one whose
// bucket is full. It returns 0, or how long until the first will be full.
func (k *Keyed[K]) makeRoom(s *shard[K]) time.Duration {
	if k.place() {
		return 0
	}
	first := k.nextFull(s)
	for i := range k.shards {
		if k.place() {
			return 0
		}
		first = min(first, k.nextFull(&k.shards[i]))
	}
	switch {
	case k.place():
		return 0
	case first == never:
		return InfDuration
	}
	return time.Duration(max(first-k.now(), 1))
}

func (k *Keyed[K]) place() bool {
	for c := k.count.Load(); c < k.maxKeys; c = k.count.Load() {
		if k.count.CompareAndSwap(c, c+1) {
			return true
		}
	}
	return false
}

// nextFull returns when the first of the keys will be full, and forgets those
// that are. It looks through the shard when one could be, and when enough have
// been asked for since the last time to pay for it.
func (k *Keyed[K]) nextFull(s *shard[K]) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, since := k.now(), s.passed-s.swept
	if s.full <= now || since > 0 && int(since) >= len(s.entries)/16 {
		k.sweepAll(s, now)
	}
	return s.full
}

// pass is called for each known key that is asked for: now and then it forgets
// some whose buckets are full.
func (k *Keyed[K]) pass(s *shard[K], now int64) {
	if s.passed++; s.passed%16 == 0 {
		k.sweep(s, now, 4)
	}
}
