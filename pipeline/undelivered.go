package pipeline

// OnUndelivered calls fn for each item that had come to this point and was
// waiting for the next step when the flow stopped, by a failure, a cancel or a
// break: nobody else will see it. fn runs one call at a time, before the
// terminal returns.
//
// Items wait only before a step with goroutines of its own (Then, Batch with a
// maxWait, a step with Workers) and before the terminal: put it right there.
// An item whose step was begun counts as delivered.
func (f Flow[T]) OnUndelivered(fn func(T)) Flow[T] {
	mustFlow("OnUndelivered", f)
	mustFunc("OnUndelivered", "function", fn == nil)
	name := f.label("undelivered", "")
	return next(f, name, f.total, func(p *part, to dest[T]) {
		f.open(p, watching[T]{to: to, name: name, fn: fn})
	})
}

type watching[T any] struct {
	to   dest[T]
	name string
	fn   func(T)
}

func (d watching[T]) attach(p *part, from []*segment, o order) []outlet[T] {
	outs := d.to.attach(p, from, o)
	if edge, ok := outs[0].(interface{ Leftover(func(T)) }); ok {
		p.finally(func() { d.report(p, edge.Leftover) })
	}
	return outs
}

// report calls fn on a goroutine of its own, where Goexit ends nobody else's.
func (d watching[T]) report(p *part, leftover func(func(T))) {
	seg := p.segment(d.name)
	done := make(chan struct{})
	seg.finish = func() { close(done) }
	go seg.call(func() { leftover(d.fn) })
	<-done
}
