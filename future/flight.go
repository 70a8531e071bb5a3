package future

import (
	"context"
	"errors"
	"time"

	"github.com/thence-go/thence/internal/task"
)

// flight is one call of a Memo's function, and who waits for it.
type flight[K comparable, V any] struct {
	key     K
	hash    uint64
	future  *Future[V]
	landing cleanup

	// shard.mu guards these.
	callers int          // the last one that leaves cancels it
	old     *entry[K, V] // that it refreshes, or nil
	limit   *time.Timer  // of a refresh
}

// join returns what is kept for k, or the flight that the caller has joined.
func (m *Memo[K, V]) join(ctx context.Context, s *shard[K, V], k K, hash uint64) (*entry[K, V], *flight[K, V]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fl := s.flights[k]
	if fl != nil && fl.future.isSettled() {
		m.landLocked(s, fl) // whoever settled it has not come to that yet
		fl = nil
	}
	if e := s.table.get(k, hash); e != nil && e.isGood(m.now()) {
		return e, nil
	}
	if fl == nil {
		fl = m.departLocked(ctx, s, k, hash)
	}
	fl.callers++
	return nil, fl
}

// refresh begins a flight that nobody waits for, unless there is one. Those who
// come when the old value has expired join it; if none come, it ends.
func (m *Memo[K, V]) refresh(ctx context.Context, s *shard[K, V], e *entry[K, V]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.flights[e.key] != nil {
		return
	}
	fl := m.departLocked(ctx, s, e.key, e.hash)
	fl.old = e
	fl.limit = time.AfterFunc(e.expires-m.now()+m.ahead, func() {
		s.mu.Lock()
		none := s.abandonLocked(fl)
		s.mu.Unlock()
		if none {
			fl.future.Cancel(ErrNotNeeded)
		}
	})
}

// departLocked begins a flight. It is lazy only so that it cannot land before
// the landing is prepared, which would need the lock.
func (m *Memo[K, V]) departLocked(ctx context.Context, s *shard[K, V], k K, hash uint64) *flight[K, V] {
	base := context.WithoutCancel(task.Owned(ctx))
	fl := &flight[K, V]{key: k, hash: hash}
	fl.future = lazily("Memo", base, func(ctx context.Context) (V, error) { return m.fn(ctx, k) })
	fl.future.whenSettled(&fl.landing, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if fl.limit != nil {
			fl.limit.Stop()
		}
		m.landLocked(s, fl)
	})
	fl.future.demand()
	if k == k { // else nobody finds it, not even to delete it
		s.flights[k] = fl
	}
	return fl
}

// landLocked keeps the result of a flight that has settled, once, unless it was
// forgotten meanwhile.
func (m *Memo[K, V]) landLocked(s *shard[K, V], fl *flight[K, V]) {
	if s.flights[fl.key] != fl {
		return
	}
	delete(s.flights, fl.key)
	f, ttl, now := fl.future, m.ttl, m.now()
	if f.err != nil {
		if old := fl.old; old != nil && old.isGood(now) {
			old.due.Store(int64(now + (old.expires-now)/2))
			return
		}
		if ttl = m.errTTL; ttl == 0 || !isOrdinary(f.err) {
			return
		}
	}
	e := &entry[K, V]{key: fl.key, hash: fl.hash, value: f.value, err: f.err, expires: never}
	if end := now + ttl; end > now { // else it is beyond what can be counted
		e.expires = end
	}
	e.due.Store(int64(never))
	if m.ahead > 0 && f.err == nil && e.expires != never {
		e.due.Store(int64(e.expires - m.ahead))
	}
	s.addLocked(e, now)
}

// isOrdinary reports whether a failure says something of the key.
func isOrdinary(err error) bool {
	var p *PanicError
	return !isCanceled(err) && err != ErrGoexit && !errors.As(err, &p)
}

// leave is called by one that has joined and does not want the result any more. If
// it was the last one, it is to cancel the flight.
func (m *Memo[K, V]) leave(s *shard[K, V], fl *flight[K, V]) (last bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fl.callers--
	return s.abandonLocked(fl)
}

// abandonLocked reports whether nobody waits for fl: then the caller is to cancel
// it, and those who come now must not get that cancellation.
func (s *shard[K, V]) abandonLocked(fl *flight[K, V]) bool {
	if fl.callers > 0 {
		return false
	}
	if s.flights[fl.key] == fl && !fl.future.isSettled() {
		delete(s.flights, fl.key)
	}
	return true
}

const never = time.Duration(1<<63 - 1)
