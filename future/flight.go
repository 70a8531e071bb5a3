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
	future  *Future[V]
	landing cleanup
	callers int  // shard.mu: the last one that leaves cancels it
	refresh bool // nobody waited when it began, so it is nobody's to cancel
}

// join returns what is kept for k, or the flight that the caller has joined.
func (m *Memo[K, V]) join(ctx context.Context, s *shard[K, V], k K) (*entry[K, V], *flight[K, V]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fl := s.flights[k]
	if fl != nil && fl.future.isSettled() {
		m.landLocked(s, fl) // whoever settled it has not come to that yet
		fl = nil
	}
	if fl == nil {
		if e := s.entries[k]; e != nil && e.isGood(m.now()) {
			return e, nil
		}
		fl = m.departLocked(ctx, s, k)
	}
	fl.callers++
	return nil, fl
}

// refresh begins a flight that nobody waits for, unless there is one.
func (m *Memo[K, V]) refresh(ctx context.Context, s *shard[K, V], k K) {
	mustContext("Memo.Get", ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.flights[k] == nil {
		m.departLocked(ctx, s, k).refresh = true
	}
}

// departLocked begins a flight. It is lazy only so that it cannot land before
// the landing is prepared, which would need the lock.
func (m *Memo[K, V]) departLocked(ctx context.Context, s *shard[K, V], k K) *flight[K, V] {
	base := context.WithoutCancel(task.Owned(ctx))
	fl := &flight[K, V]{key: k}
	fl.future = lazily("Memo", base, func(ctx context.Context) (V, error) { return m.fn(ctx, k) })
	fl.future.whenSettled(&fl.landing, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		m.landLocked(s, fl)
	})
	fl.future.demand()
	s.flights[k] = fl
	return fl
}

// landLocked keeps the result of a flight that has settled, once, unless it was
// forgotten meanwhile.
func (m *Memo[K, V]) landLocked(s *shard[K, V], fl *flight[K, V]) {
	if s.flights[fl.key] != fl {
		return
	}
	delete(s.flights, fl.key)
	f, ttl := fl.future, m.ttl
	now := m.now()
	if f.err != nil {
		if ttl = m.errTTL; ttl == 0 || !isOrdinary(f.err) {
			return
		}
		if e := s.entries[fl.key]; e != nil && e.err == nil && e.isGood(now) {
			return // a refresh has failed
		}
	}
	expires := never
	if ttl > 0 {
		expires = now + ttl
	}
	s.addLocked(fl.key, f.value, f.err, expires)
}

// isOrdinary reports whether a failure says something of the key.
func isOrdinary(err error) bool {
	var p *PanicError
	return !isCanceled(err) && err != ErrGoexit && !errors.As(err, &p)
}

// leave is called by one that has joined and does not want the result any more.
func (m *Memo[K, V]) leave(s *shard[K, V], fl *flight[K, V], cause error) {
	s.mu.Lock()
	fl.callers--
	last := fl.callers == 0 && !fl.refresh
	if last && s.flights[fl.key] == fl && !fl.future.isSettled() {
		delete(s.flights, fl.key) // who comes now must not get the cancellation
	}
	s.mu.Unlock()
	if last {
		fl.future.Cancel(cause)
	}
}

const never = time.Duration(1<<63 - 1)
