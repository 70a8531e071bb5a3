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
	shift  int           // of a key's hash, to the number of its shard
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
// value stays until its time, and the next attempt has to wait for half of what
// is left of that. Such a call that nobody has waited for until d after that time
// is canceled. It needs a TTL longer than d.
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
	m.shift = 64 - bits.TrailingZeros(uint(len(m.shards)))
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

// place returns where k belongs. It hashes k, and so it panics, with no lock held,
// if k is an interface with something inside that cannot be compared.
func (m *Memo[K, V]) place(k K) (*shard[K, V], uint64) {
	hash := maphash.Comparable(m.seed, k)
	return &m.shards[hash>>m.shift], hash
}

// now is the time since the Memo was made. The clock is not read if nothing
// expires.
func (m *Memo[K, V]) now() time.Duration {
	if m.ttl == 0 && m.errTTL == 0 {
		return 0
	}
	return time.Since(m.start)
}

// hit returns what is kept for k and good, or nil. It may miss what is being
// moved, so who gets nothing looks again with the lock.
func (m *Memo[K, V]) hit(ctx context.Context, s *shard[K, V], k K, hash uint64) *entry[K, V] {
	e := s.table.get(k, hash)
	if e == nil {
		return nil
	}
	if e.expires != never {
		now := time.Since(m.start)
		if !e.isGood(now) {
			return nil
		}
		if due := e.due.Load(); due <= int64(now) && e.due.CompareAndSwap(due, int64(never)) {
			m.refresh(ctx, s, e)
		}
	}
	if !e.asked.Load() {
		e.asked.Store(true)
	}
	return e
}

// Get returns the result for k: the one that is kept, or that of a call that
// is under way, or of a new one. If ctx ends first, Get returns a *WaitError at
// once; the call goes on for the others who wait for it, and is canceled with
// the cause of ctx if there are none. What is kept is returned whatever the
// state of ctx.
//
// A call of the function that asks for its own key, with its own ctx, gets
// ErrDeadlock; calls that ask for each other's keys wait until one's ctx ends, and
// so does one that asks for its own in another way, by Go or in a task of its own.
// In a task of a bounded pool, the task's slot is given back while Get waits.
func (m *Memo[K, V]) Get(ctx context.Context, k K) (V, error) {
	mustContext("Memo.Get", ctx)
	s, hash := m.place(k)
	if e := m.hit(ctx, s, k, hash); e != nil {
		return e.value, e.err
	}
	return m.wait(ctx, s, k, hash)
}

func (m *Memo[K, V]) wait(ctx context.Context, s *shard[K, V], k K, hash uint64) (V, error) {
	if ctx.Err() != nil {
		var zero V
		return zero, StoppedWaiting(ctx)
	}
	e, fl := m.join(ctx, s, k, hash)
	if fl == nil {
		return e.value, e.err
	}
	v, err := fl.future.Await(ctx)
	// Unless it has settled, ctx has ended, or the call is its own.
	if !fl.future.isSettled() && m.leave(s, fl) {
		fl.future.Cancel(context.Cause(ctx))
	}
	return v, err
}

// Go is Get that does not wait. The future is canceled when ctx ends; canceling
// it leaves the call, as the end of ctx does in Get.
func (m *Memo[K, V]) Go(ctx context.Context, k K) *Future[V] {
	mustContext("Memo.Go", ctx)
	s, hash := m.place(k)
	e := m.hit(ctx, s, k, hash)
	if e == nil {
		if ctx.Err() != nil {
			return Failed[V](canceled(context.Cause(ctx)))
		}
		var fl *flight[K, V]
		if e, fl = m.join(ctx, s, k, hash); fl != nil {
			return m.follow(task.Owned(ctx), s, fl)
		}
	}
	return (&Future[V]{value: e.value}).settledWith(e.err)
}

// Forget drops what is kept for k. A call that is under way is not kept either;
// those who wait for it get its result, and who comes later starts another.
func (m *Memo[K, V]) Forget(k K) {
	s, hash := m.place(k)
	s.mu.Lock()
	if e := s.table.get(k, hash); e != nil {
		s.removeLocked(e)
	}
	fl := s.flights[k]
	delete(s.flights, k)
	none := fl != nil && fl.callers == 0
	s.mu.Unlock()
	if none {
		fl.future.Cancel(ErrNotNeeded)
	}
}

// Len returns how many results are kept, with those that have expired and not
// been replaced yet.
func (m *Memo[K, V]) Len() (n int) {
	for i := range m.shards {
		s := &m.shards[i]
		s.mu.Lock()
		n += s.table.n
		s.mu.Unlock()
	}
	return n
}
