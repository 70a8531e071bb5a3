package future

import (
	"sync"
	"sync/atomic"
	"time"
)

// shard is a part of a Memo.
type shard[K comparable, V any] struct {
	// mu is held for a few instructions, never while user code runs. Hits take
	// it for reading.
	mu      sync.RWMutex
	entries map[K]*entry[K, V]
	flights map[K]*flight[K, V]
	room    int

	// A ring of all entries behind a head that is none: newest first. hand is
	// where the next eviction begins to look; it moves from old to new.
	head entry[K, V]
	hand *entry[K, V]

	_ [64]byte // the next shard's mutex is another processor's
}

// entry is a result that is kept. Only its place in the ring changes.
type entry[K comparable, V any] struct {
	key        K
	value      V
	err        error
	expires    time.Duration // since the Memo was made
	asked      atomic.Bool   // for, since the hand passed
	next, prev *entry[K, V]
}

func (e *entry[K, V]) isGood(now time.Duration) bool { return now < e.expires }

func (s *shard[K, V]) init(room int) {
	s.entries = make(map[K]*entry[K, V])
	s.flights = make(map[K]*flight[K, V])
	s.room = room
	s.head.next, s.head.prev = &s.head, &s.head
}

// find returns what is kept for k and good, or nil.
func (s *shard[K, V]) find(k K, now time.Duration) *entry[K, V] {
	s.mu.RLock()
	e := s.entries[k]
	s.mu.RUnlock()
	if e == nil || !e.isGood(now) {
		return nil
	}
	if !e.asked.Load() {
		e.asked.Store(true)
	}
	return e
}

func (s *shard[K, V]) addLocked(k K, v V, err error, expires time.Duration) {
	asked := false
	if old := s.entries[k]; old != nil {
		asked = old.asked.Load()
		s.removeLocked(old)
	} else if len(s.entries) >= s.room {
		s.evictLocked()
	}
	e := &entry[K, V]{key: k, value: v, err: err, expires: expires}
	e.asked.Store(asked)
	e.next, e.prev = s.head.next, &s.head
	e.next.prev, e.prev.next = e, e
	s.entries[k] = e
}

// evictLocked removes the first entry that nobody has asked for since the hand
// passed it.
func (s *shard[K, V]) evictLocked() {
	e := s.hand
	for {
		if e == nil || e == &s.head {
			e = s.head.prev
		}
		if !e.asked.Load() {
			break
		}
		e.asked.Store(false)
		e = e.prev
	}
	s.hand = e.prev
	s.removeLocked(e)
}

func (s *shard[K, V]) removeLocked(e *entry[K, V]) {
	if e == nil {
		return
	}
	if s.hand == e {
		s.hand = e.prev
	}
	e.prev.next, e.next.prev = e.next, e.prev
	delete(s.entries, e.key)
}
