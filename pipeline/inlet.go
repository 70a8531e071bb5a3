package pipeline

import "errors"

var (
	errTwice   = errors.New("pipeline: a branch ran its input twice: each branch has it once, so run it once and send what comes on with Broadcast")
	errOutside = errors.New("pipeline: the input of a branch was run outside of that branch, or later than it began: use it only in what the stage or sink makes of it")
)

// inlet is the input of a branch as a flow. It runs only inside what the branch
// makes of it: there the distributor finds the dest that it puts the branch's
// items in.
type inlet[A any] struct{ name string }

// newInlet makes the input of a branch, which begins behind s. Of several there
// it is the one of that label.
func newInlet[A any](s *step, label string, total int64) (*inlet[A], Flow[A]) {
	in := &inlet[A]{name: s.name}
	return in, Flow[A]{open: in.open, step: s, total: total, in: s.label() + label}
}

// entry is where the items of a branch go in, in one run.
type entry[A any] struct {
	of  *inlet[A]
	p   *part     // what the input's outlet belongs to
	to  dest[A]   // nil: the branch does not run its input
	out outlet[A] // nil: likewise
	put bool      // together: it is too late to run it
}

// enters makes p the branch with that input.
func (in *inlet[A]) enters(p *part) *entry[A] {
	e := &entry[A]{of: in}
	p.entry = e
	return e
}

func (in *inlet[A]) open(p *part, to dest[A]) {
	for q := p; q != nil; q = q.outer {
		e, ok := q.entry.(*entry[A])
		switch {
		case !ok || e.of != in:
		case e.put:
			misused(p, to, in.name, errOutside)
			return
		case e.to == nil:
			e.p, e.to = p, standing(p, to)
			return
		default:
			misused(p, to, in.name, errTwice)
			return
		}
	}
	misused(p, to, in.name, errOutside)
}

// misused fails the run. It is put together all the same, with nothing for an
// input.
func misused[A any](p *part, to dest[A], name string, err error) {
	p.run.fail(&Error{Stage: name, Err: err})
	source(0, func(*sourcing[A]) error { return nil }).open(p, to)
}

// attach lets the branch's input come from s.
func (e *entry[A]) attach(s *segment) {
	e.put = true
	if e.to != nil {
		e.out = e.to.attach(e.p, []*segment{s}, order{})[0]
	}
}

// whenHalted calls fn once the input is wanted no more.
func (e *entry[A]) whenHalted(fn func()) {
	e.p.mu.Lock()
	e.p.halted = append(e.p.halted, fn)
	e.p.mu.Unlock()
	if e.p.stopped.Load() {
		fn()
	}
}
