package pipeline

import "sync"

const (
	mostAtOnce  = 256  // items in one reading of the input, and in one haul
	mostOfKey   = 256  // items of a key that wait
	mostWaiting = 4096 // items of all keys that do
	leastHaul   = 64   // a haul of fewer quick items is not worth the lock
	idleKeys    = 1024 // queues that are kept although nothing is in them
)

// keyQueues is items sorted by key: one queue for each key that has any. The
// items are nodes of one slab. A queue is in one of three states:
//
//	idle --push--> ready --haul--> busy --done--> idle or ready
type keyQueues[A any, K comparable] struct {
	mu     sync.Mutex // held while items are moved; no user code runs under it
	queues map[K]*keyQueue
	spare  []*keyQueue
	nodes  []node[A]
	free   int32     // a list of nodes; -1: none
	used   int       // nodes that are in a queue
	active int       // queues that are not idle
	first  *keyQueue // the ready ones
	last   *keyQueue
	undone int           // items that have come out of came and are not done
	came   []keyed[A, K] // what was read; the items from next on are in no queue yet
	next   int
}

type keyQueue struct {
	head, tail int32
	n          int // items that wait
	active     bool
	after      *keyQueue // in the list of ready ones
}

type node[A any] struct {
	numbered[A]
	after int32
	used  bool // it is in a queue
}

type numbered[A any] struct {
	v      A
	number uint64
}

type keyed[A any, K comparable] struct {
	key K
	numbered[A]
}

func newKeyQueues[A any, K comparable]() keyQueues[A, K] {
	return keyQueues[A, K]{queues: map[K]*keyQueue{}, free: -1}
}

// allQueued reports whether what was read has been moved on.
func (q *keyQueues[A, K]) allQueued() bool { return q.next == len(q.came) }

// pushLocked moves on what was read, as far as there is room for it. What is
// behind an item that has none must wait, or it could not be told where it
// stands.
func (q *keyQueues[A, K]) pushLocked() {
	for ; q.next < len(q.came); q.next++ {
		c := &q.came[q.next]
		k := q.queues[c.key]
		if k == nil {
			k = q.newLocked(c.key)
		}
		if k.n >= mostOfKey || q.used >= mostWaiting {
			return
		}
		at := q.nodeLocked()
		q.nodes[at] = node[A]{c.numbered, -1, true}
		if k.n == 0 {
			k.head = at
		} else {
			q.nodes[k.tail].after = at
		}
		k.tail = at
		q.used++
		q.undone++
		if k.n++; !k.active {
			k.active = true
			q.active++
			q.readyLocked(k)
		}
	}
	clear(q.came)
	q.came, q.next = q.came[:0], 0
}

func (q *keyQueues[A, K]) nodeLocked() int32 {
	at := q.free
	if at < 0 {
		q.nodes = append(q.nodes, node[A]{})
		return int32(len(q.nodes) - 1)
	}
	q.free = q.nodes[at].after
	return at
}

// newLocked adds a key, and forgets the idle ones from time to time.
func (q *keyQueues[A, K]) newLocked(key K) *keyQueue {
	if len(q.queues) >= idleKeys+2*q.active {
		for k, queue := range q.queues {
			if queue.active {
				continue
			}
			delete(q.queues, k)
			if len(q.spare) < mostWaiting {
				*queue = keyQueue{}
				q.spare = append(q.spare, queue)
			}
		}
	}
	var k *keyQueue
	if last := len(q.spare) - 1; last >= 0 {
		k, q.spare = q.spare[last], q.spare[:last]
	} else {
		k = new(keyQueue)
	}
	if same(key, key) {
		q.queues[key] = k
	}
	return k
}

func (q *keyQueues[A, K]) readyLocked(k *keyQueue) {
	if q.first == nil {
		q.first = k
	} else {
		q.last.after = k
	}
	q.last = k
}

// popLocked gives the first ready queue, and puts up to most of its items in
// dst.
func (q *keyQueues[A, K]) popLocked(dst []numbered[A], most int) ([]numbered[A], *keyQueue) {
	k := q.first
	q.first, k.after = k.after, nil
	for ; most > 0 && k.n > 0; most-- {
		at := k.head
		nd := &q.nodes[at]
		dst = append(dst, nd.numbered)
		k.head = nd.after
		*nd = node[A]{after: q.free}
		q.free = at
		k.n--
		q.used--
	}
	return dst, k
}

// leftover gives what is in the queues and what is in none yet. It is for when
// all have returned.
func (q *keyQueues[A, K]) leftover(fn func(A)) {
	for _, nd := range q.nodes {
		if nd.used {
			fn(nd.v)
		}
	}
	for _, c := range q.came[q.next:] {
		fn(c.v)
	}
}

// doneLocked says that n items of a queue that were popped have been done.
func (q *keyQueues[A, K]) doneLocked(k *keyQueue, n int) {
	q.undone -= n
	if k.n > 0 {
		q.readyLocked(k)
		return
	}
	k.active = false
	q.active--
}

// same tells a key that is found again from one that never is, such as NaN.
func same[K comparable](a, b K) bool { return a == b }
