package future

import "sync/atomic"

// table finds entries by their keys: open addressing with linear probing, at
// most half full. One goroutine at a time changes it; any number look into it
// meanwhile, without a lock and without a write, so hits do not slow each other
// down.
//
// While an entry is moved, a look may miss it, and has to be repeated where
// nobody changes the table. It never finds an entry of another key, nor one
// that was removed before the look began.
type table[K comparable, V any] struct {
	slots atomic.Pointer[[]atomic.Pointer[entry[K, V]]] // a power of two
	n     int
}

const leastSlots = 8

func (t *table[K, V]) init() { t.resize(leastSlots) }

func (t *table[K, V]) get(k K, hash uint64) *entry[K, V] {
	slots := *t.slots.Load()
	mask := uint64(len(slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		e := slots[i].Load()
		if e == nil || e.hash == hash && e.key == k {
			return e
		}
	}
}

// add puts an entry in whose key is not there.
func (t *table[K, V]) add(e *entry[K, V]) {
	slots := *t.slots.Load()
	if 2*(t.n+1) > len(slots) {
		t.resize(2 * len(slots))
		slots = *t.slots.Load()
	}
	t.n++
	put(slots, e)
}

// remove takes an entry out that is there, and moves up what could not be found
// behind the gap.
func (t *table[K, V]) remove(e *entry[K, V]) {
	t.n--
	slots := *t.slots.Load()
	mask := uint64(len(slots) - 1)
	gap := e.hash & mask
	for slots[gap].Load() != e {
		gap = (gap + 1) & mask
	}
	for i := (gap + 1) & mask; ; i = (i + 1) & mask {
		next := slots[i].Load()
		if next == nil {
			break
		}
		if home := next.hash & mask; (i-home)&mask >= (i-gap)&mask {
			slots[gap].Store(next)
			gap = i
		}
	}
	slots[gap].Store(nil)
}

func (t *table[K, V]) resize(size int) {
	slots := make([]atomic.Pointer[entry[K, V]], size)
	if old := t.slots.Load(); old != nil {
		for i := range *old {
			if e := (*old)[i].Load(); e != nil {
				put(slots, e)
			}
		}
	}
	t.slots.Store(&slots)
}

func put[K comparable, V any](slots []atomic.Pointer[entry[K, V]], e *entry[K, V]) {
	mask := uint64(len(slots) - 1)
	i := e.hash & mask
	for slots[i].Load() != nil {
		i = (i + 1) & mask
	}
	slots[i].Store(e)
}
