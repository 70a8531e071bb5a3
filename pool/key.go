package pool

import (
	"context"
	"reflect"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/task"
)

// chain is a key that has tasks. One of them is ready, or passed over by a Sub,
// or runs; the others hang here in order.
type chain struct {
	key     any
	waiting list
	n       int // nodes: one that is ready included
	running bool
	next    *chain // of those kept for other keys
}

func mustKey(k any) {
	if k == nil {
		panic("pool: Key needs a key, got nil: leave the view out")
	}
	switch k.(type) {
	case string, int:
		return
	}
	if !reflect.ValueOf(k).Comparable() {
		panic("pool: Key needs a comparable key, got a " + reflect.TypeOf(k).String())
	}
	if k != k { //nolint:staticcheck // SA4000: true for NaN alone
		panic("pool: Key needs a key that equals itself, got NaN")
	}
}

// enchainLocked adds a node to the chain of its key, and reports whether the
// node is the first.
func (q *sched) enchainLocked(n *node, key any) (first bool) {
	c := q.chains[key]
	if c == nil {
		c = q.newChainLocked(key)
		first = true
	} else {
		c.waiting.push(n)
	}
	n.chain = c
	c.n++
	return first
}

func (q *sched) newChainLocked(key any) *chain {
	if q.chains == nil {
		q.chains = make(map[any]*chain)
	}
	c := q.spare
	if c == nil {
		c = new(chain)
	} else {
		q.spare = c.next
	}
	*c = chain{key: key}
	q.chains[key] = c
	return c
}

// unchainLocked goes on with the next task of a key, and reports whether there
// is one.
func (q *sched) unchainLocked(c *chain) (more bool) {
	c.running = false
	n := c.waiting.head
	if n == nil {
		delete(q.chains, c.key)
		*c = chain{next: q.spare}
		q.spare = c
		return false
	}
	c.waiting.pop()
	q.readyLocked(n, false)
	return true
}

// chainOf returns the chain of the key that the task behind ctx holds.
func (p *Pool) chainOf(ctx context.Context) *chain {
	if s := slotOfPool(ctx, p); s != nil {
		return s.holding()
	}
	return nil
}

// NeverRun tells package future which tasks wait for the end of the one whose
// slot this is, so that this one must not wait for them.
func (s *slot) NeverRun() (tasks []any) {
	c := s.holding()
	if c == nil {
		return nil
	}
	q := &s.pool.sched
	q.mu.Lock()
	defer q.mu.Unlock()
	if s.holding() != c {
		return nil // the task has just returned: this is a goroutine that it left behind
	}
	for n := c.waiting.head; n != nil; n = n.next {
		tasks = append(tasks, unwatched(n.task))
	}
	return tasks
}

// holdsKey reports whether the task behind ctx has the view's key.
func (v View) holdsKey(ctx context.Context) bool {
	if v.key == nil {
		return false
	}
	p := v.scope.pool
	c := p.chainOf(ctx)
	if c == nil {
		return false
	}
	p.sched.mu.Lock()
	defer p.sched.mu.Unlock()
	return p.sched.chains[v.key] == c
}

// executeHere is Execute for a task that has the view's key, and would wait for
// its own end: t runs on the spot, as a part of it.
func (v View) executeHere(ctx context.Context, t future.Task) error {
	return v.scope.pool.submitOrder(ctx, &order{entry{task.Owned(ctx), t}, v.scope, v.key}, here)
}

// runInside runs a task as a part of the one behind ctx, which has its key. For
// a Sub that that one is not in there is no way out.
func (p *Pool) runInside(ctx context.Context, o *order) error {
	if s := slotOfPool(ctx, p); s == nil || !s.isIn(o.scope.sub) {
		return p.reject(future.ErrDeadlock)
	}
	return p.runHere(ctx, o)
}

// slotOfPool returns the slot in p of the task behind ctx, nil if it has none.
func slotOfPool(ctx context.Context, p *Pool) *slot {
	if s, ok := task.SlotOf(ctx).(*slot); ok && s.pool == p {
		return s
	}
	return nil
}
