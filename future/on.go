package future

import (
	"context"
	"sync/atomic"

	"github.com/thence-go/thence/internal/task"
)

// On settles as f does, and what follows it runs in tasks of e: on a pool for
// example. The first one has the task that settles the future, every further one
// a task of its own; what follows those goes on in the same task, or in a new one
// after a panic or runtime.Goexit. When e stops its tasks, they are canceled too. e
// is waited for on a goroutine of its own, never by whoever settles f. If e does
// not accept a task, drops it or panics, its future fails with the error that says
// so, though f may have succeeded; only what Finally was given runs all the same,
// on a goroutine of its own.
//
// On cancel the future settles at once, and nothing waits for e any more.
func (f *Future[T]) On(e Executor) *Future[T] {
	mustFuture("On", f == nil)
	if e == nil {
		panic("future: On needs an executor, got nil")
	}
	o := &onward[T]{in: f, at: &site{e, f.baseContext()}}
	o.self = o
	o.follower = o
	o.ctx.Init(o.at.base, nil)
	o.born("On")
	if !f.join(&o.link, oneClaim) {
		go o.handOver()
	}
	return &o.Future
}

// onward is the future of On, and the task that settles it.
type onward[T any] struct {
	Future[T]
	combining
	link
	over cleanup
	ctx  task.Ctx // of the task; ends if the future is canceled before that runs
	ran  atomic.Bool
	in   *Future[T]
	at   *site
}

func (o *onward[T]) follow(*core) (news, continuation) {
	if o.isSettled() {
		return news{}, nil
	}
	return news{}, o
}

// run does not hand over here: the executor may block.
func (o *onward[T]) run(task.Slot, *site) continuation {
	go o.handOver()
	return nil
}

func (o *onward[T]) handOver() {
	if o.isSettled() {
		o.letGo()
		return
	}
	o.whenSettled(&o.over, func() {
		if !o.ran.Load() {
			o.ctx.Cancel(nil)
		}
	})
	handOver(&o.ctx, o.at.on, o)
}

// handOver waits for e to accept t.
func handOver(ctx context.Context, e Executor, t Task) {
	returned := false
	defer func() {
		if !returned {
			t.Refuse(Recovered(recover()))
		}
	}()
	err := e.Execute(ctx, t)
	returned = true
	if err != nil {
		t.Refuse(err)
	}
}

// Run is called by the executor.
func (o *onward[T]) Run(ctx context.Context) error {
	o.ran.Store(true)
	defer o.ctx.Cancel(nil)
	n := o.settle(o.in.value, o.in.err)
	if n.of == nil {
		return ErrCanceled
	}
	o.in = nil // a chain does not keep its past
	carryOnUnder(ctx, announce(n), o.at)
	return nil
}

// Refuse is called by the executor.
func (o *onward[T]) Refuse(err error) { o.refuse(err) }

// place hands over what follows this future, beside the first one.
func (o *onward[T]) place(k continuation) { o.at.carryOn(k) }

// site is an executor as a place for continuations. It does not point to the
// future of On, whose value nobody may need any more.
type site struct {
	on   Executor
	base context.Context
}

// carryOn hands k over, if it is not nil. At no site it gets a goroutine.
func (at *site) carryOn(k continuation) {
	if at == nil || k == nil {
		carryOnElsewhere(k)
		return
	}
	p := &placed{continuation: k, at: at}
	p.ctx.Init(at.base, nil)
	go p.handOver()
}

// placed is a continuation as a task.
type placed struct {
	continuation
	at   *site
	over cleanup
	ctx  task.Ctx // as that of onward
	ran  atomic.Bool
}

func (p *placed) handOver() {
	p.whenSettled(&p.over, func() {
		if !p.ran.Load() {
			p.ctx.Cancel(nil)
		}
	})
	handOver(&p.ctx, p.at.on, p)
}

func (p *placed) Run(ctx context.Context) error {
	p.ran.Store(true)
	defer p.ctx.Cancel(nil)
	carryOnUnder(ctx, p.continuation, p.at)
	return nil
}

func (o *onward[T]) base() context.Context { return o.ctx.Base() }
func (o *onward[T]) letGo()                { o.in = nil }

func (o *onward[T]) input(i int) (*core, *link) {
	if i > 0 {
		return nil, nil
	}
	return &o.in.core, &o.link
}
