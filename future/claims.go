package future

import "slices"

// news is of a future that has settled, and of inputs that were canceled because
// of that. Whoever has made it must announce it. The zero news is none.
type news struct {
	of     *core
	inputs []*core // the last one comes first
}

// conclude publishes the outcome of c, which the caller has claimed and written.
//
// Claims come first: whoever sees the outcome may await an input, and that would
// count as a claim of its own on work that is to be canceled. So all that is to
// be canceled is claimed before anybody can see why, and those who ask for it
// meanwhile wait until it is published. That is why no code of others runs here
// before it is; a context may be others' code.
func (c *core) conclude() news {
	var w withdrawal
	if c.self != nil {
		w.cause = c.reason()
		w.from(c)
	}
	return w.complete(c)
}

// reason is why the inputs of c are not needed any more.
func (c *core) reason() error {
	if c.err == nil {
		return ErrNotNeeded
	}
	if over, ok := c.err.(*CanceledError); ok {
		return over.Cause
	}
	return c.err
}

// cancel ends the work behind c. The caller must announce what it returns.
func (c *core) cancel(cause error) news {
	if c.isPinned() {
		w := withdrawal{cause: cause}
		w.cancel(c)
		return w.complete(nil)
	}
	if c.claim() {
		c.err = canceled(cause)
		return c.conclude()
	}
	if c.word.Load()&phaseMask == running {
		c.self.stop(cause)
	}
	return news{}
}

// unclaim takes back a claim on c and the place l in its ring, if it is not nil.
// The caller must announce what it returns.
func (c *core) unclaim(l *link, cause error) news {
	w := withdrawal{cause: cause}
	w.drop(c, l, true)
	return w.complete(nil)
}

// withdrawal gives up claims, cancels what nobody else has a claim on, and so on
// up the chains, in constant stack. It runs no code of others until it is complete.
type withdrawal struct {
	cause error
	over  []*core // canceled: claimed and not published, or pinned
	busy  []*core // to be stopped
}

// from gives up the claims of c on its inputs.
func (w *withdrawal) from(c *core) {
	state := c.word.Load()
	follows := false
	for i := 0; ; i++ {
		in, l := c.self.input(i)
		if in == nil {
			break
		}
		if state&pinned != 0 {
			l = nil // it still follows
		}
		if !w.drop(in, l, state&quiet == 0) {
			follows = true
		}
	}
	if !follows {
		c.self.letGo()
	}
}

// drop gives up a claim on c, and the place l in its ring; true if it was there.
// If the claim was the last one, c is canceled.
func (w *withdrawal) drop(c *core, l *link, last bool) (left bool) {
	if c.isSettled() {
		return false
	}
	if l != nil {
		left = c.unwatch(l)
	}
	if c.word.Add(dropClaim)/oneClaim == 0 && last {
		w.cancel(c)
	}
	return left
}

func (w *withdrawal) cancel(c *core) {
	switch {
	case c.isPinned():
		c.self.stop(w.cause)
		if c.word.Or(gaveUp)&(gaveUp|phaseMask) == pending {
			w.over = append(w.over, c)
		}
	case c.claim():
		c.err = canceled(w.cause)
		w.over = append(w.over, c)
	case c.word.Load()&phaseMask == running:
		w.busy = append(w.busy, c)
	}
}

// complete publishes what was canceled, the ends of the chains first, and then of,
// if it is not nil.
func (w *withdrawal) complete(of *core) news {
	for i := 0; i < len(w.over); i++ {
		if c := w.over[i]; c.self != nil {
			w.from(c)
		}
	}
	inputs := slices.DeleteFunc(w.over, (*core).isPinned)
	slices.Reverse(inputs)
	for _, c := range inputs {
		c.publish()
	}
	if of != nil {
		of.publish()
	}
	for _, c := range w.busy {
		c.self.stop(w.cause)
	}
	return news{of, inputs}
}
