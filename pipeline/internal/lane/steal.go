package lane

// claimLocked is the item that c is at, or end if c is past it.
func (c *Consumer[T]) claimLocked(end uint32) int {
	if c.done == nil {
		return int(c.cur.word.Load() >> 32)
	}
	for c.seen < end && c.done(c.first+uint64(c.seen)) {
		c.seen++
	}
	return int(c.seen)
}

// restLocked is how many items c has taken and not begun.
func (c *Consumer[T]) restLocked() int {
	limit := c.limit.Load()
	return int(limit) - c.claimLocked(limit) - 1
}

// richestLocked returns the consumer with most to steal, other than c.
func (e *Edge[T]) richestLocked(c *Consumer[T]) *Consumer[T] {
	var richest *Consumer[T]
	most := 0
	for _, other := range e.consumers {
		if rest := other.restLocked(); other != c && rest > most {
			richest, most = other, rest
		}
	}
	return richest
}

// stealLocked takes half of what the victim has not begun, its last items. It
// reports whether it got any.
func (c *Consumer[T]) stealLocked(v *Consumer[T]) bool {
	end := v.limit.Load()
	rest := v.restLocked()
	if rest <= 0 {
		return false
	}
	cut := end - uint32(rest+1)/2
	v.limit.Store(cut)
	// The victim may have gone on meanwhile. What it has claimed is its own:
	// it either saw the old limit, or waits for mu to see the one set here.
	if at := uint32(v.claimLocked(end)); at >= cut {
		cut = min(at+1, end)
		v.limit.Store(cut)
	}
	n := int(end - cut)
	if n == 0 {
		return false
	}
	if len(c.buf) < n {
		c.buf = make([]T, max(n, min(2*len(c.buf), c.e.most)))
	}
	copy(c.buf, v.buf[cut:end])
	clear(v.buf[cut:end])
	if c.from = c.from[:0]; len(v.from) > 0 {
		c.from = append(c.from, v.from[cut:end]...)
	}
	c.beginLocked(v.first+uint64(cut), n)
	return true
}
