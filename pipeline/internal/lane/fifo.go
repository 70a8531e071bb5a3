package lane

// FIFO is a first-in first-out queue with a bound that its owner looks at. It
// grows with what it holds, so a bound that is never reached costs nothing.
//
// The zero value is ready. It is not safe for concurrent use.
type FIFO[T any] struct {
	buf  []T // a power of two long
	head int
	n    int
}

// Len is how many values are in it.
func (q *FIFO[T]) Len() int { return q.n }

// Push adds v at the end.
func (q *FIFO[T]) Push(v T) {
	if q.n == len(q.buf) {
		buf := make([]T, max(8, 2*len(q.buf)))
		k := copy(buf, q.buf[q.head:])
		copy(buf[k:], q.buf[:q.head])
		q.buf, q.head = buf, 0
	}
	q.buf[(q.head+q.n)&(len(q.buf)-1)] = v
	q.n++
}

// Pop takes the first value out. There must be one.
func (q *FIFO[T]) Pop() T {
	at := &q.buf[q.head]
	v := *at
	*at = *new(T)
	q.head = (q.head + 1) & (len(q.buf) - 1)
	q.n--
	return v
}

// At returns the i-th value.
func (q *FIFO[T]) At(i int) T { return q.buf[(q.head+i)&(len(q.buf)-1)] }
