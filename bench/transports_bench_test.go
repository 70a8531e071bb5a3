package bench

import (
	"iter"
	"sync"
	"testing"
	"time"
)

// Two other ways to move items between the goroutines of a flow, written as
// well as we know how, to compare the transport of package pipeline with.
// docs/design/transport.md says what came of it.

// fanOutChunks sends chunks over channels: one synchronization for 256 items,
// and an item waits until its chunk is full or its producer has come to its end.
func fanOutChunks[T any](source iter.Seq[T], first, second func(T) T) iter.Seq[T] {
	const size, queue = 256, 4
	return func(yield func(T) bool) {
		in, out := make(chan []T, queue), make(chan []T, queue)
		go func() {
			defer close(in)
			chunk := make([]T, 0, size)
			for v := range source {
				if chunk = append(chunk, first(v)); len(chunk) == size {
					in <- chunk
					chunk = make([]T, 0, size)
				}
			}
			in <- chunk
		}()
		var wg sync.WaitGroup
		for range stepWorkers {
			wg.Go(func() {
				for chunk := range in {
					for i, v := range chunk {
						chunk[i] = second(v)
					}
					out <- chunk
				}
			})
		}
		go func() {
			wg.Wait()
			close(out)
		}()
		for chunk := range out {
			for _, v := range chunk {
				if !yield(v) {
					panic("read to the end")
				}
			}
		}
	}
}

// sharedRing is one ring for all behind a mutex. Producers put items one by one
// and wake a reader that sleeps; readers take a share of what is there.
type sharedRing[T any] struct {
	mu              sync.Mutex
	some, room      sync.Cond
	items           [1024]T
	head, tail      int
	sleeping        int // readers
	readers, owners int
}

func newSharedRing[T any](owners, readers int) *sharedRing[T] {
	r := &sharedRing[T]{owners: owners, readers: readers}
	r.some.L, r.room.L = &r.mu, &r.mu
	return r
}

func (r *sharedRing[T]) put(v T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.tail-r.head == len(r.items) {
		r.room.Wait()
	}
	r.items[r.tail%len(r.items)] = v
	r.tail++
	if r.sleeping > 0 {
		r.some.Signal()
	}
}

func (r *sharedRing[T]) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.owners--; r.owners == 0 {
		r.some.Broadcast()
	}
}

// take fills a part of dst; 0 is the end.
func (r *sharedRing[T]) take(dst []T) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.tail == r.head {
		if r.owners == 0 {
			return 0
		}
		r.sleeping++
		r.some.Wait()
		r.sleeping--
	}
	if r.tail-r.head == len(r.items) {
		r.room.Broadcast()
	}
	n := min(len(dst), (r.tail-r.head+r.readers-1)/r.readers)
	for i := range n {
		dst[i] = r.items[(r.head+i)%len(r.items)]
	}
	r.head += n
	return n
}

func fanOutRing[T any](source iter.Seq[T], first, second func(T) T) iter.Seq[T] {
	return func(yield func(T) bool) {
		in, out := newSharedRing[T](1, stepWorkers), newSharedRing[T](stepWorkers, 1)
		go func() {
			defer in.close()
			for v := range source {
				in.put(first(v))
			}
		}()
		for range stepWorkers {
			go func() {
				defer out.close()
				batch := make([]T, 64)
				for n := in.take(batch); n > 0; n = in.take(batch) {
					for _, v := range batch[:n] {
						out.put(second(v))
					}
				}
			}()
		}
		batch := make([]T, 256)
		for n := out.take(batch); n > 0; n = out.take(batch) {
			for _, v := range batch[:n] {
				if !yield(v) {
					panic("read to the end")
				}
			}
		}
	}
}

func chunksFlow(n int, double func(int) int) (int, error) {
	s := 0
	for v := range fanOutChunks(count(n), increment, double) {
		s += v
	}
	return s, nil
}

func ringFlow(n int, double func(int) int) (int, error) {
	s := 0
	for v := range fanOutRing(count(n), increment, double) {
		s += v
	}
	return s, nil
}

var transports = []flowSide{
	{"thence", thenceMap(unordered)},
	{"thence_ordered", thenceMap()},
	{"chunks", chunksFlow},
	{"ring", ringFlow},
	{"chan64", chanFlow},
}

// Each way with no work an item, with about 100 ns, and with items of 1 ms: the
// last row shows who lets slow items wait behind each other.
func BenchmarkTransports(b *testing.B) {
	for _, side := range transports {
		b.Run(side.name, func(b *testing.B) { runFlow(b, side, million, nothing) })
	}
}

func BenchmarkTransportsWork(b *testing.B) {
	for _, side := range transports {
		b.Run(side.name, func(b *testing.B) { runFlow(b, side, million/4, about100ns) })
	}
}

func BenchmarkTransportsSlow(b *testing.B) {
	const n = 400
	slow := func(v int) int {
		time.Sleep(time.Millisecond)
		return 2 * v
	}
	for _, side := range transports {
		b.Run(side.name, func(b *testing.B) {
			for b.Loop() {
				got, err := side.run(n, slow)
				must(b, err)
				equal(b, flowSum(n), got)
			}
		})
	}
}
