package pipeline

// Merge brings flows together: items go on as they come, in no order between
// the flows. It ends when all of them have; the first failure ends all. Of no
// flows it is an empty one.
//
// It has no goroutine and holds nothing back: each flow's last goroutine puts
// its items in the queue before the next step. A step fused behind it has one
// goroutine, which reads that queue. There a flow waits only for itself: one
// that is slow does not hold the others back, and one that is quick has at most
// its part of the queue.
func Merge[T any](fs ...Flow[T]) Flow[T] {
	mustFlows("Merge", fs)
	if len(fs) == 0 {
		return FromSlice[T](nil)
	}
	fs = append([]Flow[T](nil), fs...)
	name := labelOf(fs, "merge")
	return flowOver(name, branchOf(fs), fs, totalOf(fs), func(p *part, to dest[T]) {
		j := join(p, name, len(fs), to)
		for _, f := range fs {
			f.open(p, j)
		}
	})
}

func mustFlows[T any](name string, fs []Flow[T]) {
	for _, f := range fs {
		mustFlow(name, f)
	}
}

// labelOf is the label of a step behind several flows.
func labelOf[T any](fs []Flow[T], kind string) string { return deepest(fs).label(kind, "") }

func deepest[T any](fs []Flow[T]) Flow[T] {
	deep := fs[0]
	for _, f := range fs {
		if f.step.nth > deep.step.nth {
			deep = f
		}
	}
	return deep
}

// branchOf is the branch that a step behind several flows is in: the innermost
// of theirs.
func branchOf[T any](fs []Flow[T]) string {
	in := ""
	for _, f := range fs {
		if len(f.in) > len(in) {
			in = f.in
		}
	}
	return in
}

// flowOver is the flow behind a step of several flows.
func flowOver[A, B any](name, branch string, fs []Flow[A], total int64, open func(p *part, to dest[B])) Flow[B] {
	s := &step{name: name, branch: branch, nth: deepest(fs).step.nth + 1}
	for _, f := range fs {
		s.from = append(s.from, f.step)
	}
	return flowOf(s, total, open)
}

func totalOf[T any](fs []Flow[T]) int64 {
	var sum int64
	for _, f := range fs {
		if f.total == unknown {
			return unknown
		}
		sum += f.total
	}
	return sum
}
