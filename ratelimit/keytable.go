package ratelimit

import (
	"math"
	"sync"
)

const never = math.MaxInt64

// shard is a part of the keys of a [Keyed], under a lock of its own: a table of
// its own rather than a map, which would cost a key twice the memory, a second
// hash, and a way to go on where the last sweep ended.
//
// Entries lie side by side, in no order. The index is open addressing with
// linear probing: each slot is the tag of a key above the number of its entry
// plus one, 0 if it is empty. Whatever is removed leaves no trace: what comes
// after in its chain moves up.
type shard[K comparable] struct {
	mu      sync.Mutex // held for a few instructions, over a Limiter's, and over a sweep; no foreign code runs under it
	index   []uint64
	entries []entry[K]
	plans   map[planKey]*plan
	hot     map[K]*hotKey
	full    int64    // no key is full before, on the clock of the Keyed; never if there is none
	hand    int      // the next entry to sweep
	passed  uint32   // how many were asked for
	swept   uint32   // passed when full was worked out
	_       [32]byte // two shards share no cache line
}

type entry[K comparable] struct {
	key  K
	word int64 // on the scale of plan, as that of a bucket; frozen while the key is hot
	plan *plan
}

const minIndex = 16

func (s *shard[K]) find(key K, tag uint32) *entry[K] {
	mask := uint32(len(s.index) - 1)
	if len(s.index) == 0 {
		return nil
	}
	for i := tag & mask; ; i = (i + 1) & mask {
		slot := s.index[i]
		if slot == 0 {
			return nil
		}
		if uint32(slot>>32) == tag {
			if e := &s.entries[uint32(slot)-1]; e.key == key {
				return e
			}
		}
	}
}

// add adds a key that is not there.
func (s *shard[K]) add(key K, tag uint32, p *plan, word int64) {
	if (len(s.entries)+1)*5 > len(s.index)*4 {
		s.reindex(max(2*len(s.index), minIndex))
	}
	if n := len(s.entries); n == cap(s.entries) {
		s.move(n + n/8 + 4) // append would leave more of them empty
	}
	s.entries = append(s.entries, entry[K]{key: key, word: word, plan: p})
	p.keys++
	s.put(uint64(tag)<<32 | uint64(len(s.entries)))
}

func (s *shard[K]) put(slot uint64) {
	mask := uint32(len(s.index) - 1)
	i := uint32(slot>>32) & mask
	for s.index[i] != 0 {
		i = (i + 1) & mask
	}
	s.index[i] = slot
}

func (s *shard[K]) reindex(size int) {
	old := s.index
	s.index = make([]uint64, size)
	for _, slot := range old {
		if slot != 0 {
			s.put(slot)
		}
	}
}

func (s *shard[K]) move(room int) {
	s.entries = append(make([]entry[K], 0, room), s.entries...)
}

// remove removes the entry of that number, and puts the last one in its place.
// The tag is that of its key.
func (s *shard[K]) remove(number int, tag func(K) uint32) {
	e := &s.entries[number]
	if e.plan.keys--; e.plan.keys == 0 {
		delete(s.plans, planKey{e.plan.limit, e.plan.burst})
	}
	s.unput(s.slotOf(number, tag(e.key)))
	last := len(s.entries) - 1
	if number != last {
		i := s.slotOf(last, tag(s.entries[last].key))
		s.index[i] = s.index[i]>>32<<32 | uint64(number+1)
		*e = s.entries[last]
	}
	s.entries[last] = entry[K]{}
	s.entries = s.entries[:last]
	if len(s.index) > minIndex && last*5 < len(s.index) {
		s.reindex(len(s.index) / 2)
		s.move(last + last/8 + 4)
	}
}

// slotOf returns where the index has the entry of that number.
func (s *shard[K]) slotOf(number int, tag uint32) uint32 {
	mask := uint32(len(s.index) - 1)
	for i := tag & mask; s.index[i] != 0; i = (i + 1) & mask {
		if uint32(s.index[i]) == uint32(number+1) {
			return i
		}
	}
	for i := uint32(0); ; i++ { // a key like NaN has another hash each time
		if uint32(s.index[i]) == uint32(number+1) {
			return i
		}
	}
}

// unput empties slot i, and moves up those behind that would not be found.
func (s *shard[K]) unput(i uint32) {
	mask := uint32(len(s.index) - 1)
	for j := i; ; {
		s.index[i] = 0
		for {
			j = (j + 1) & mask
			slot := s.index[j]
			if slot == 0 {
				return
			}
			if home := uint32(slot>>32) & mask; (j-home)&mask >= (j-i)&mask {
				s.index[i] = slot
				break
			}
		}
		i = j
	}
}
