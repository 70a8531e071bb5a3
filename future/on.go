package future

import (
	"context"

	"github.com/thence-go/thence/internal/task"
)

// On settles as f does, and what follows it runs as a task of e: on a pool for
// example. e is waited for on a goroutine of its own, never by whoever settles
// f. If e does not accept the task or drops it, the future fails with the error
// that says so, though f may have succeeded.
//
// On cancel the future settles at once, and nothing waits for e any more.
func (f *Future[T]) On(e Executor) *Future[T] {
	mustFuture("On", f == nil)
	if e == nil {
		panic("future: On needs an executor, got nil")
	}
	o := &onward[T]{in: f, on: e}
	o.self = o
	o.follower = o
	o.ctx.Init(f.baseContext(), nil)
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
	ctx  task.Ctx // ends when the future has settled, so that handing over does
	in   *Future[T]
	on   Executor
}

func (o *onward[T]) follow(*core) (*core, continuation) {
	if o.isSettled() {
		return nil, nil
	}
	return nil, o
}

// run does not hand over here: the executor may block.
func (o *onward[T]) run(task.Slot) continuation {
	go o.handOver()
	return nil
}

func (o *onward[T]) handOver() {
	if o.isSettled() {
		return
	}
	o.whenSettled(&o.over, func() { o.ctx.Cancel(nil) })
	returned := false
	defer func() {
		if !returned {
			o.Refuse(Recovered(recover()))
		}
	}()
	err := o.on.Execute(&o.ctx, o)
	returned = true
	if err != nil {
		o.Refuse(err)
	}
}

// Run is called by the executor.
func (o *onward[T]) Run(ctx context.Context) error {
	if !o.settle(o.in.value, o.in.err) {
		return ErrCanceled
	}
	carryOn(announce(&o.core), task.SlotOf(ctx))
	return nil
}

// Refuse is called by the executor.
func (o *onward[T]) Refuse(err error) {
	var zero T
	if o.settle(zero, mustRefusal(err)) {
		carryOnElsewhere(announce(&o.core))
	}
}

func (o *onward[T]) base() context.Context { return o.ctx.Base() }

func (o *onward[T]) input(i int) (*core, *link) {
	if i > 0 {
		return nil, nil
	}
	return &o.in.core, &o.link
}
