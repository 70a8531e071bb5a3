package pool

import "fmt"

// Level is a priority.
type Level int8

// The priorities. Plain tasks are Normal.
const (
	Low    Level = -1
	Normal Level = 0
	High   Level = 1
)

// Ageing is how many tasks of higher levels can be taken, one after the other,
// while a task waits at the front of its own: then it is its turn. So the
// front of Low waits for at most Ageing others of its tenant however much there
// is to do above it, and the front of Normal for one more.
const Ageing = 16

// String returns the level's name.
func (l Level) String() string {
	switch l {
	case Low:
		return "Low"
	case Normal:
		return "Normal"
	case High:
		return "High"
	}
	return fmt.Sprintf("Level(%d)", int8(l))
}

const levelCount = 3

// rank orders levels by what comes first.
func (l Level) rank() int { return int(High - l) }

// level holds the ready tasks of one priority. Fresh ones come in order; those
// that were in the way of others (a key, a Sub) come back and keep the place
// that they had.
type level struct {
	fresh  list
	back   nodeHeap
	passed int // tasks of other levels that were taken while this one waited
}

func (l *level) isEmpty() bool { return l.fresh.head == nil && len(l.back) == 0 }

func (l *level) add(n *node, fresh bool) {
	if l.isEmpty() {
		l.passed = 0
	}
	if fresh {
		l.fresh.push(n)
	} else {
		l.back.push(n)
	}
}

// front returns the first task; there must be one.
func (l *level) front() *node {
	f := l.fresh.head
	if f == nil || len(l.back) > 0 && l.back[0].before(f) {
		return l.back[0]
	}
	return f
}

func (l *level) pop() *node {
	if n := l.front(); n == l.fresh.head {
		l.fresh.pop()
		return n
	}
	return l.back.pop()
}

func (l *level) remove(n *node) bool { return l.fresh.remove(n) || l.back.remove(n) }

// list is first in, first out.
type list struct{ head, tail *node }

func (l *list) push(n *node) {
	if n.next = nil; l.head == nil {
		l.head = n
	} else {
		l.tail.next = n
	}
	l.tail = n
}

func (l *list) pop() *node {
	n := l.head
	l.head, n.next = n.next, nil
	return n
}

// remove takes n out of the middle, which is a search: only a submitter that
// gives up needs it, or a task that is dropped.
func (l *list) remove(n *node) bool {
	var prev *node
	for at := l.head; at != nil; prev, at = at, at.next {
		if at != n {
			continue
		}
		if prev == nil {
			l.head = n.next
		} else {
			prev.next = n.next
		}
		if l.tail == n {
			l.tail = prev
		}
		n.next = nil
		return true
	}
	return false
}

func (l *list) drain(gone func(*node)) {
	for l.head != nil {
		gone(l.pop())
	}
}
