package pool

import (
	"context"
	"fmt"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/task"
)

// View is a pool with something said about the tasks that come through it:
// their priority, key, tenant, share or name. It is a small value: copy it, and
// use it from any number of goroutines. The zero View belongs to no pool and
// cannot be used. Most callers want Go on it, or hand it to Submit.
//
// Views are made from a pool or from each other, in any order; what is said
// last about a thing holds, except for Sub, where all bounds hold. Making one
// costs an allocation of 64 bytes, or none: for a priority of a pool, and for a
// key beyond what it takes to make an interface of it.
//
// All tasks count in the one capacity of the pool.
type View struct {
	scope *scope
	key   any
}

// scope is what a view says, but for the key. It never changes.
type scope struct {
	pool   *Pool
	sub    *sub
	name   string
	tenant string
	stride uint64
	level  Level
}

// Priority is a view of the pool's tasks that go before (High) or after (Low)
// the plain ones, which are Normal. Among equals the first in is first out. A
// lower level is delayed, never starved: see Ageing.
func (p *Pool) Priority(l Level) View { return p.view().Priority(l) }

// Key is a view for tasks of which at most one is under way for each key k, in
// the order in which they were submitted, while other keys go on in parallel.
// k must be comparable, and equal keys are the same key in all views of the
// pool. A key costs memory only while it has tasks.
//
// A task that waits for others keeps its key, so it must not wait for a task of
// the same key that has not begun: awaiting that one's future, or a chain, an All
// or a Join of nothing else, is future.ErrDeadlock at once. Around more corners
// such a wait lasts until its ctx ends: await outside of the key, or submit to
// another view.
func (p *Pool) Key(k any) View { return p.view().Key(k) }

// Tenant is a view for the tasks of one of those who share the pool. While
// several have work, tasks begin in proportion to the tenants' weights; what
// one does not use the others get. Tasks without a tenant are together one of
// weight 1. Priorities order a tenant's own tasks: nobody gets a larger share by
// calling everything urgent.
//
// The id is what makes a tenant; of several weights for it the one that was
// used last holds. A weight is between 1 and 65536.
func (p *Pool) Tenant(id string, weight int) View { return p.view().Tenant(id, weight) }

// Sub is a view of at most n of the pool's workers, a bulkhead. Unlike the
// other views it is something of its own: make it once and keep it. Two of them
// know nothing of each other, and a Sub of a Sub keeps both bounds. Parked tasks
// do not count, as they do not for the pool.
func (p *Pool) Sub(n int) View { return p.view().Sub(n) }

// Named is a view for tasks that are known by a name: to Shutdown's list of
// stragglers, to hooks and to labels.
func (p *Pool) Named(s string) View { return p.view().Named(s) }

func (p *Pool) view() View { return View{scope: p.scope(Normal)} }

// scope returns what a view says that says only a level. An idle pool keeps
// none.
func (p *Pool) scope(l Level) *scope {
	all := p.scopes.Load()
	if all == nil {
		all = new([levelCount]scope)
		for _, l := range []Level{High, Normal, Low} {
			all[l.rank()] = scope{pool: p, level: l}
		}
		p.scopes.Store(all) // or somebody else's: they are all alike
	}
	return &all[l.rank()]
}

// Priority is Pool.Priority on this view.
func (v View) Priority(l Level) View {
	if l < Low || l > High {
		panic(fmt.Sprintf("pool: Priority needs High, Normal or Low, got %d", l))
	}
	s := v.mustScope("Priority")
	if s.level == l {
		return v
	}
	if *s == (scope{pool: s.pool, level: s.level}) {
		v.scope = s.pool.scope(l)
		return v
	}
	return v.with(func(s *scope) { s.level = l })
}

// Key is Pool.Key on this view.
func (v View) Key(k any) View {
	v.mustScope("Key")
	mustKey(k)
	v.key = k
	return v
}

// Tenant is Pool.Tenant on this view.
func (v View) Tenant(id string, weight int) View {
	v.mustScope("Tenant")
	if id == "" {
		panic("pool: Tenant needs an id, got an empty one: leave the view out")
	}
	if weight < 1 || weight > maxWeight {
		panic(fmt.Sprintf("pool: Tenant needs a weight between 1 and %d, got %d", maxWeight, weight))
	}
	return v.with(func(s *scope) { s.tenant, s.stride = id, strideOf(weight) })
}

// Sub is Pool.Sub on this view: both bounds hold.
func (v View) Sub(n int) View {
	v.mustScope("Sub")
	if n < 1 {
		panic(fmt.Sprintf("pool: Sub needs at least 1 worker, got %d", n))
	}
	return v.with(func(s *scope) { s.sub = &sub{parent: s.sub, limit: n} })
}

// Named is Pool.Named on this view.
func (v View) Named(name string) View {
	v.mustScope("Named")
	return v.with(func(s *scope) { s.name = name })
}

func (v View) with(change func(*scope)) View {
	s := *v.scope
	change(&s)
	v.scope = &s
	return v
}

func (v View) mustScope(method string) *scope {
	if v.scope == nil {
		panic("pool: " + method + " needs a View of a pool, got the zero View: make it with a method of a Pool")
	}
	return v.scope
}

// Go is Pool.Go on this view. It costs no allocation.
func (v View) Go(ctx context.Context, fn func(context.Context)) error {
	mustSubmit("Go", ctx, fn == nil)
	return v.submit("Go", ctx, bare(fn), false)
}

// TryGo is Go that never blocks: it returns ErrFull when there is no room.
func (v View) TryGo(ctx context.Context, fn func(context.Context)) error {
	mustSubmit("TryGo", ctx, fn == nil)
	return v.submit("TryGo", ctx, bare(fn), true)
}

// Execute makes the view a future.Executor. It blocks as Go does.
func (v View) Execute(ctx context.Context, t future.Task) error {
	mustSubmit("Execute", ctx, t == nil)
	return v.submit("Execute", ctx, t, false)
}

func (v View) submit(method string, ctx context.Context, t future.Task, try bool) error {
	s := v.mustScope(method)
	policy := s.pool.overflow
	if try {
		policy = Reject
	}
	return s.pool.submitOrder(ctx, &order{entry{task.Owned(ctx), t}, s, v.key}, policy)
}

// width is how many tasks can run at a time, for ForEach.
func (v View) width() int {
	s := v.mustScope("ForEach")
	n := s.pool.width()
	for b := s.sub; b != nil; b = b.parent {
		n = min(n, b.limit)
	}
	if v.key != nil {
		n = 1
	}
	return n
}
