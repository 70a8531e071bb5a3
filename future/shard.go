package future

import (
	"sync"
	"sync/atomic"
	"time"
)

// shard is a part of a Memo.
type shard[K comparable, V any] struct {
	table table[K, V] // who looks for a hit needs no lock

	// mu is held for a few instructions, never while user code runs. It guards
	// changes of the table and of the entries' places, and what follows.
	mu      sync.Mutex
	flights map[K]*flight[K, V]
	room    int

	// A ring of all entries behind a head that is none: newest first. hand is
	// where the next eviction begins to look; it moves from old to new.
	head entry[K, V]
	hand *entry[K, V]

	_ [64]byte // the next shard's words are another processor's
}

// entry is a result that is kept. Only its place in the ring changes, and what
// hits leave behind.
type entry[K comparable, V any] struct {
	key        K
	hash       uint64
	value      V
	err        error
	expires    time.Duration // since the Memo was made
	next, prev *entry[K, V]
	due        atomic.Int64 // when the next refresh begins, since the Memo was made
	asked      atomic.Bool  // for, since the hand passed
}

func (e *entry[K, V]) isGood(now time.Duration) bool { return now < e.expires }

func (s *shard[K, V]) init(room int) {
	s.table.init()
	s.flights = make(map[K]*flight[K, V])
	s.room = room
	s.head.next, s.head.prev = &s.head, &s.head
}

// addLocked keeps e, in place of what there is for its key.
func (s *shard[K, V]) addLocked(e *entry[K, V], now time.Duration) {
	if old := s.table.get(e.key, e.hash); old != nil {
		e.asked.Store(old.asked.Load())
		s.removeLocked(old)
	} else if s.table.n >= s.room {
		s.evictLocked(now)
	}
	e.next, e.prev = s.head.next, &s.head
	e.next.prev, e.prev.next = e, e
	s.table.add(e)
}

// evictLocked removes the first entry that has expired or that nobody has asked
// for since the hand passed it.
func (s *shard[K, V]) evictLocked(now time.Duration) {
	e := s.hand
	for {
		if e == nil || e == &s.head {
			e = s.head.prev
		}
		if !e.asked.Load() || !e.isGood(now) {
			break
		}
		e.asked.Store(false)
		e = e.prev
	}
	s.hand = e.prev
	s.removeLocked(e)
}

func (s *shard[K, V]) removeLocked(e *entry[K, V]) {
	if s.hand == e {
		s.hand = e.prev
	}
	e.prev.next, e.next.prev = e.next, e.prev
	s.table.remove(e)
}
