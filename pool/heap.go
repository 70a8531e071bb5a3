package pool

// nodeHeap gives nodes in order of arrival. It is written out, and not made with
// container/heap, whose calls through an interface were a third of the cost of a
// task with a key.
type nodeHeap []*node

func (h *nodeHeap) push(n *node) {
	*h = append(*h, n)
	h.up(len(*h) - 1)
}

// pop takes the first node; there must be one.
func (h *nodeHeap) pop() *node {
	n := (*h)[0]
	h.cut(0)
	return n
}

func (h *nodeHeap) remove(n *node) bool {
	for i, m := range *h {
		if m == n {
			h.cut(i)
			return true
		}
	}
	return false
}

func (h *nodeHeap) drain(gone func(*node)) {
	for _, n := range *h {
		gone(n)
	}
	*h = nil
}

// cut takes the node at i out.
func (h *nodeHeap) cut(i int) {
	last := len(*h) - 1
	n := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	if i == last {
		return
	}
	(*h)[i] = n
	h.down(i)
	h.up(i)
}

func (h nodeHeap) up(i int) {
	n := h[i]
	for i > 0 {
		parent := (i - 1) / 2
		if !n.before(h[parent]) {
			break
		}
		h[i] = h[parent]
		i = parent
	}
	h[i] = n
}

func (h nodeHeap) down(i int) {
	n := h[i]
	for {
		child := 2*i + 1
		if child >= len(h) {
			break
		}
		if right := child + 1; right < len(h) && h[right].before(h[child]) {
			child = right
		}
		if !h[child].before(n) {
			break
		}
		h[i] = h[child]
		i = child
	}
	h[i] = n
}
