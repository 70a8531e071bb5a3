package ratelimit

// history is how many events happened when, oldest first. Those of one
// nanosecond are one entry, however many they are.
type history struct {
	ring  []event // a power of two long
	first int
	n     int    // entries
	gone  uint64 // upTo of what was before the first
}

type event struct {
	at   int64
	upTo uint64 // events so far; it may wrap, only differences count
}

// entries that a ring keeps when they are no longer needed.
const leastRing = 8

func (h *history) event(i int) *event { return &h.ring[(h.first+i)&(len(h.ring)-1)] }

// size returns how many events there are.
func (h *history) size() int64 {
	if h.n == 0 {
		return 0
	}
	return int64(h.event(h.n-1).upTo - h.gone)
}

// push adds n events at a time that is not before the last one.
func (h *history) push(at, n int64) {
	upTo := h.gone + uint64(h.size()) + uint64(n)
	if h.n > 0 {
		if last := h.event(h.n - 1); last.at == at {
			last.upTo = upTo
			return
		}
	}
	if h.n == len(h.ring) {
		h.resize(max(leastRing, 2*h.n))
	}
	h.n++
	*h.event(h.n - 1) = event{at, upTo}
}

// oldest returns when the oldest entry was; only if there is one.
func (h *history) oldest() int64 { return h.event(0).at }

// drop forgets the n oldest events, of those there are.
func (h *history) drop(n int64) {
	n = min(n, h.size())
	h.gone += uint64(n)
	for h.n > 0 && int64(h.event(0).upTo-h.gone) <= 0 {
		h.shift()
	}
}

// dropFirst forgets the oldest entry.
func (h *history) dropFirst() {
	h.gone = h.event(0).upTo
	h.shift()
}

func (h *history) shift() {
	h.first, h.n = (h.first+1)&(len(h.ring)-1), h.n-1
	if len(h.ring) > leastRing && h.n <= len(h.ring)/4 {
		h.resize(len(h.ring) / 2)
	}
}

// at returns when the k-th oldest event was, for k from 1 to size.
func (h *history) at(k int64) int64 {
	low, high := 0, h.n-1
	for low < high {
		if mid := int(uint(low+high) / 2); int64(h.event(mid).upTo-h.gone) < k {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return h.event(low).at
}

func (h *history) resize(size int) {
	ring := make([]event, size)
	for i := range h.n {
		ring[i] = *h.event(i)
	}
	h.ring, h.first = ring, 0
}
