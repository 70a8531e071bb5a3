package pool

import (
	"context"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/ring"
	"github.com/thence-go/thence/internal/task"
)

// Go runs fn on the pool and returns once it has a place in the queue; nil
// means that fn will be called, unless ctx ends or the pool stops before its
// turn. It costs no allocation. A panic in fn goes to the panic hook of package
// future.
//
// fn's ctx has the values of ctx, and ends when ctx ends or the pool stops. It
// is on loan until fn returns. A future or a task of a pool that fn starts with
// it belongs to ctx and may outlive fn; anything else that is to outlive fn
// must use ctx itself, since the loan goes on to other tasks.
//
// When the queue is full, Go does what the pool's Overflow says; without one it
// blocks. On cancel of ctx while it blocks, it returns a *future.CanceledError
// at once, fn is not called, and its place in the line goes to the next.
func (p *Pool) Go(ctx context.Context, fn func(context.Context)) error {
	mustSubmit("Go", ctx, fn == nil)
	return p.submit(ctx, bare(fn), p.overflow)
}

// TryGo is Go that never blocks: it returns ErrFull when there is no room.
func (p *Pool) TryGo(ctx context.Context, fn func(context.Context)) error {
	mustSubmit("TryGo", ctx, fn == nil)
	return p.submit(ctx, bare(fn), Reject)
}

// Submit runs fn on an executor, such as a pool, and returns its future. It is
// future.GoOn under the name that pools use: whatever keeps fn from running
// settles the future.
//
// fn's ctx has the values of ctx, and ends when ctx ends, when the future is
// canceled, when the pool stops, or when fn has returned.
func Submit[T any, E future.Executor](ctx context.Context, on E, fn func(context.Context) (T, error)) *future.Future[T] {
	mustSubmit("Submit", ctx, fn == nil)
	return future.GoOn(ctx, on, fn)
}

// Execute makes the pool a future.Executor. It blocks as Go does.
func (p *Pool) Execute(ctx context.Context, t future.Task) error {
	mustSubmit("Execute", ctx, t == nil)
	return p.submit(ctx, t, p.overflow)
}

func mustSubmit(name string, ctx context.Context, missing bool) {
	if ctx == nil {
		panic("pool: " + name + " needs a context, got nil: pass context.Background() if there is none")
	}
	if missing {
		panic("pool: " + name + " needs a function, got nil")
	}
}

// bare is a function without a result as a task. A function fits into an
// interface as it is, so that this allocates nothing.
type bare func(context.Context)

func (fn bare) Run(ctx context.Context) error {
	if ctx.Err() != nil {
		return &future.CanceledError{Cause: context.Cause(ctx)}
	}
	fn(ctx)
	return nil
}

func (fn bare) Refuse(error) {}

// submit is the way of a task without a view.
func (p *Pool) submit(ctx context.Context, t future.Task, policy Overflow) error {
	if ctx.Err() != nil || p.watch != nil || p.capacity == 0 || p.waiting.Load() > 0 {
		return p.submitOrder(ctx, &order{entry: entry{task.Owned(ctx), t}}, policy)
	}
	e := entry{task.Owned(ctx), t}
	if r := p.queue.Load(); r != nil && r.Push(e) == ring.Pushed {
		if p.stopped.Load() {
			p.sweep()
		} else if p.slots.takeToSearch() {
			p.wakeOne()
		}
		return nil
	}
	return p.place(ctx, &order{entry: e}, policy)
}

// submitOrder is the way of every other task.
func (p *Pool) submitOrder(ctx context.Context, o *order, policy Overflow) error {
	if p.watch != nil {
		return p.watch.submit(ctx, o, policy)
	}
	return p.place(ctx, o, policy)
}

// place finds a place for a task.
func (p *Pool) place(ctx context.Context, o *order, policy Overflow) error {
	if ctx.Err() != nil {
		return p.reject(&future.CanceledError{Cause: context.Cause(ctx)})
	}
	if policy == here {
		return p.runInside(ctx, o)
	}
	if p.capacity == 0 {
		return p.handOff(ctx, o, policy)
	}
	if p.waiting.Load() == 0 {
		switch p.push(o) {
		case ring.Pushed:
			p.wakeForWork()
			return nil
		case ring.Closed:
			return p.reject(ErrClosed)
		}
	}
	return p.overflowed(ctx, o, policy)
}

func (p *Pool) reject(err error) error {
	p.books.rejected.Add(1)
	return err
}
