package future

import (
	"context"
	"fmt"
	"hash/maphash"
	"math/bits"
	"time"

	"github.com/thence-go/thence/internal/task"
)

// Memo caches the results of a function, and calls it once for those who ask
// for the same key at the same time. Make one with NewMemo; it must not be
// copied. Its methods may be called by any number of goroutines. Most callers
// want Get, which also is what Then takes.
//
// A Memo holds no goroutine and no timer while no call is under way: what has
// expired is replaced when it is asked for, or goes when room is needed.
type Memo[K comparable, V any] struct {
	fn     func(context.Context, K) (V, error)
	ttl    time.Duration // 0: for ever
	errTTL time.Duration // 0: failures are not kept
	ahead  time.Duration // 0: no refresh before the time
	start  time.Time
	seed   maphash.Seed
	shards []shard[K, V] // a power of two
}

// MemoOption is a choice that NewMemo takes.
type MemoOption interface{ applyMemo(*memoConfig) }

type memoConfig struct {
	ttl, errTTL, ahead time.Duration
	entries            int
}

type memoOption func(*memoConfig)

func (o memoOption) applyMemo(c *memoConfig) { o(c) }

// TTL sets for how long a value is good, counted from when it came. Without it
// values are good until they are forgotten or evicted.
func TTL(d time.Duration) MemoOption {
	mustPositive("TTL", d)
	return memoOption(func(c *memoConfig) { c.ttl = d })
}

// NegativeTTL keeps failures too, for so long. A panic, a Goexit and a
// cancellation are never kept.
func NegativeTTL(d time.Duration) MemoOption {
	mustPositive("NegativeTTL", d)
	return memoOption(func(c *memoConfig) { c.errTTL = d })
}

// RefreshAhead calls the function again when a value is asked for that expires
// within d, and answers with the value that there is. If that call fails, the
// value stays until its time. It needs a TTL longer than d.
func RefreshAhead(d time.Duration) MemoOption {
	mustPositive("RefreshAhead", d)
	return memoOption(func(c *memoConfig) { c.ahead = d })
}

// MaxEntries sets how many results are kept at most, 10 000 by default. Large
// caches are divided into parts, and one part can be full before the others.
// What goes first is what has not been asked for since it was last passed over
// (SIEVE, Zhang et al., NSDI 2024): a scan does not drive out what is in use.
func MaxEntries(n int) MemoOption {
	if n < 1 {
		panic(fmt.Sprintf("future: MaxEntries needs at least 1, got %d: to keep nothing, call the function itself", n))
	}
	return memoOption(func(c *memoConfig) { c.entries = n })
}

func mustPositive(name string, d time.Duration) {
	if d <= 0 {
		panic(fmt.Sprintf("future: %s needs a positive duration, got %v: leave it out for none", name, d))
	}
}

// NewMemo makes a cache of fn's results. fn runs on a goroutine of its own; its
// ctx has the values of the first caller's and ends when the last caller that
// waits has left.
func NewMemo[K comparable, V any](fn func(context.Context, K) (V, error), opts ...MemoOption) *Memo[K, V] {
	mustFunc("NewMemo", fn == nil)
	c := memoConfig{entries: 10_000}
	for _, o := range opts {
		if o == nil {
			panic("future: NewMemo needs options, got nil: leave it out")
		}
		o.applyMemo(&c)
	}
	if c.ahead > 0 && c.ahead >= c.ttl {
		panic("future: RefreshAhead needs a TTL that is longer")
	}
	m := &Memo[K, V]{
		fn: fn, ttl: c.ttl, errTTL: c.errTTL, ahead: c.ahead,
		start: time.Now(), seed: maphash.MakeSeed(),
	}
	m.shards = make([]shard[K, V], shardsFor(c.entries))
	for i := range m.shards {
		m.shards[i].init(c.entries / len(m.shards))
	}
	return m
}

// shardsFor gives each part some hundred entries at least, so that none is much
// fuller than the others.
func shardsFor(entries int) int {
	n := min(max(entries/256, 1), 64)
	return 1 << (bits.Len(uint(n)) - 1)
}

func (m *Memo[K, V]) shard(k K) *shard[K, V] {
	if len(m.shards) == 1 {
		return &m.shards[0]
	}
	return &m.shards[maphash.Comparable(m.seed, k)&uint64(len(m.shards)-1)]
}

// now is the time since the Memo was made. The clock is not read if nothing
// expires.
func (m *Memo[K, V]) now() time.Duration {
	if m.ttl == 0 && m.errTTL == 0 {
		return 0
	}
	return time.Since(m.start)
}

func (m *Memo[K, V]) isDue(e *entry[K, V], now time.Duration) bool {
	return m.ahead > 0 && e.err == nil && e.expires-now <= m.ahead
}

// Get returns the result for k: the one that is kept, or that of a call that
// is under way, or of a new one. If ctx ends first, Get returns a *WaitError at
// once; the call goes on for the others who wait for it, and is canceled with
// the cause of ctx if there are none. What is kept is returned whatever the
// state of ctx.
//
// A call of the function that asks for its own key, with its own ctx, gets
// ErrDeadlock; calls that ask for each other's keys wait until one's ctx ends.
// In a task of a bounded pool, the task's slot is given back while Get waits.
func (m *Memo[K, V]) Get(ctx context.Context, k K) (V, error) {
	s := m.shard(k)
	now := m.now()
	if e := s.find(k, now); e != nil {
		if m.isDue(e, now) {
			m.refresh(ctx, s, k)
		}
		return e.value, e.err
	}
	return m.wait(ctx, s, k)
}

func (m *Memo[K, V]) wait(ctx context.Context, s *shard[K, V], k K) (V, error) {
	mustContext("Memo.Get", ctx)
	if ctx.Err() != nil {
		var zero V
		return zero, StoppedWaiting(ctx)
	}
	e, fl := m.join(ctx, s, k)
	if fl == nil {
		return e.value, e.err
	}
	v, err := fl.future.Await(ctx)
	if !fl.future.isSettled() { // ctx has ended, or the call is its own
		m.leave(s, fl, context.Cause(ctx))
	}
	return v, err
}

// Go is Get that does not wait. The future is canceled when ctx ends; canceling
// it leaves the call, as the end of ctx does in Get.
func (m *Memo[K, V]) Go(ctx context.Context, k K) *Future[V] {
	mustContext("Memo.Go", ctx)
	s := m.shard(k)
	now := m.now()
	e := s.find(k, now)
	switch {
	case e != nil && m.isDue(e, now):
		m.refresh(ctx, s, k)
	case e == nil && ctx.Err() == nil:
		var fl *flight[K, V]
		if e, fl = m.join(ctx, s, k); fl != nil {
			return m.follow(task.Owned(ctx), s, fl)
		}
	case e == nil:
		return Failed[V](canceled(context.Cause(ctx)))
	}
	return (&Future[V]{value: e.value}).settledWith(e.err)
}

// Forget drops what is kept for k. A call that is under way is not kept either;
// those who wait for it get its result, and who comes later starts another.
func (m *Memo[K, V]) Forget(k K) {
	s := m.shard(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.removeLocked(s.entries[k])
	delete(s.flights, k)
}

// follow makes a caller's future, behind a call that it has joined.
func (m *Memo[K, V]) follow(ctx context.Context, s *shard[K, V], fl *flight[K, V]) *Future[V] {
	w := &memoCall[K, V]{memo: m, shard: s, flight: fl, ctx: ctx}
	w.self = w
	w.follower = w
	w.born("Memo.Go")
	if !fl.future.join(&w.link, 0) {
		w.settle(fl.future.value, fl.future.err)
		announce(&w.core)
		return &w.Future
	}
	if ctx.Done() != nil {
		stop := context.AfterFunc(ctx, func() { w.Cancel(context.Cause(ctx)) })
		w.whenSettled(&w.over, func() { stop() })
	}
	return &w.Future
}

// memoCall is the future of one caller.
type memoCall[K comparable, V any] struct {
	Future[V]
	combining
	link
	over   cleanup
	memo   *Memo[K, V]
	shard  *shard[K, V]
	flight *flight[K, V]
	ctx    context.Context
}

func (w *memoCall[K, V]) follow(*core) (*core, continuation) {
	if w.settle(w.flight.future.value, w.flight.future.err) {
		return &w.core, nil
	}
	return nil, nil
}

// input is asked for when the future has settled. What it claims is counted by
// the flight.
func (w *memoCall[K, V]) input(int) (*core, *link) {
	if in := &w.flight.future.core; !in.isSettled() {
		in.unwatch(&w.link)
		w.memo.leave(w.shard, w.flight, w.reason())
	}
	return nil, nil
}

func (w *memoCall[K, V]) base() context.Context { return w.ctx }
