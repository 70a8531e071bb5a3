package future

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/thence-go/thence/internal/task"
)

// batch is the keys that a Loader's function is called with, and who has asked
// for them.
type batch[K comparable, V any] struct {
	loader *Loader[K, V]
	ctx    task.Ctx
	timer  *time.Timer // until the batch is sent

	// loader.mu guards these until the batch is sent; then asks do not change,
	// until all are answered and nothing keeps the others alive any more.
	places map[K]int
	asks   []ask[K, V]
	live   int // callers that wait, loader.mu
	sent   bool
}

// ask is a key and its callers.
type ask[K comparable, V any] struct {
	key   K
	calls *loaderCall[K, V]
	live  int
}

// loaderCall is the future of one caller.
type loaderCall[K comparable, V any] struct {
	Future[V]
	combining
	ctx   context.Context
	batch *batch[K, V]
	next  *loaderCall[K, V] // that asks for the same key
	place int
}

// openLocked opens a batch for the Loader's first caller since the last one.
func (l *Loader[K, V]) openLocked(ctx context.Context) *batch[K, V] {
	b := &batch[K, V]{loader: l, places: make(map[K]int, l.usual), asks: make([]ask[K, V], 0, l.usual)}
	b.ctx.Init(context.WithoutCancel(task.Owned(ctx)), nil)
	b.timer = time.AfterFunc(l.window, b.due)
	l.open = b
	return b
}

// addLocked reports whether the batch is full and the caller is to run it.
func (b *batch[K, V]) addLocked(c *loaderCall[K, V], k K) (full bool) {
	i, known := b.places[k]
	if !known {
		i = len(b.asks)
		b.places[k] = i
		b.asks = append(b.asks, ask[K, V]{key: k})
	}
	a := &b.asks[i]
	c.batch, c.place, c.next = b, i, a.calls
	a.calls = c
	a.live++
	b.live++
	if len(b.asks) < b.loader.max {
		return false
	}
	return b.sendLocked()
}

// sendLocked closes the batch; false if that has been done.
func (b *batch[K, V]) sendLocked() bool {
	if b.sent {
		return false
	}
	b.sent = true
	b.timer.Stop()
	b.loader.open = nil
	b.loader.usual = (b.loader.usual + len(b.asks)) / 2
	return true
}

// due is called when the window has passed.
func (b *batch[K, V]) due() {
	b.loader.mu.Lock()
	send := b.sendLocked()
	b.loader.mu.Unlock()
	if send {
		b.run()
	}
}

// leave is called when a caller's future settles before the batch does that. The
// batch's ctx has no parent that could end it, so no code of others runs here.
func (c *loaderCall[K, V]) leave(cause error) {
	b := c.batch
	b.loader.mu.Lock()
	if b.asks != nil {
		b.asks[c.place].live--
	}
	b.live--
	none := b.live == 0
	if none {
		b.sendLocked() // to nobody
	}
	b.loader.mu.Unlock()
	if none {
		b.ctx.Cancel(cause)
	}
}

// run calls the function with the keys that somebody still asks for.
func (b *batch[K, V]) run() {
	var (
		values   map[K]V
		some     KeyErrors[K]
		all      error
		returned bool
	)
	defer func() {
		if !returned {
			some, all = nil, Recovered(recover())
		}
		b.settle(values, some, all)
	}()
	if keys := b.keys(); len(keys) > 0 {
		values, all = b.loader.fn(&b.ctx, keys)
	}
	if some, all = keyErrors[K](all); all != nil {
		all = Outcome(&b.ctx, all)
	}
	returned = true
}

func (b *batch[K, V]) keys() []K {
	b.loader.mu.Lock()
	defer b.loader.mu.Unlock()
	keys := make([]K, 0, len(b.asks))
	for i := range b.asks {
		if b.asks[i].live > 0 {
			keys = append(keys, b.asks[i].key)
		}
	}
	return keys
}

// settle answers every caller.
func (b *batch[K, V]) settle(values map[K]V, some KeyErrors[K], all error) {
	b.ctx.Release()
	for i := range b.asks {
		a := &b.asks[i]
		v, ok := values[a.key]
		failed := all
		switch {
		case failed != nil:
		case some[a.key] != nil:
			failed = inner(some[a.key])
		case !ok:
			failed = &MissingKeyError{Key: a.key}
		}
		if failed != nil {
			var zero V
			v = zero
		}
		for c := a.calls; c != nil; {
			next := c.next
			c.next = nil
			c.answer(v, failed)
			c = next
		}
	}
	b.loader.mu.Lock()
	b.places, b.asks = nil, nil
	b.loader.mu.Unlock()
}

// keyErrors tells an error that speaks of some keys from one that speaks of all.
// What was joined to a KeyErrors speaks of all.
func keyErrors[K comparable](err error) (some KeyErrors[K], all error) {
	for inside := err; inside != nil; inside = errors.Unwrap(inside) {
		if some, ok := inside.(KeyErrors[K]); ok {
			return some, nil
		}
	}
	return nil, err
}

func (c *loaderCall[K, V]) answer(v V, err error) {
	if !c.claim() {
		return // it has left
	}
	c.value, c.err = v, err
	if !c.publish() {
		carryOnElsewhere(announce(news{of: &c.core}))
	}
}

// get waits for the answer, and leaves if ctx ends first.
func (c *loaderCall[K, V]) get(ctx context.Context) (V, error) {
	v, err := c.Await(ctx)
	if _, ended := err.(*WaitError); ended {
		c.Cancel(context.Cause(ctx))
	}
	return v, err
}

func (c *loaderCall[K, V]) leaveWith(ctx context.Context) {
	stop := context.AfterFunc(ctx, func() { c.Cancel(context.Cause(ctx)) })
	c.whenSettled(new(cleanup), func() { stop() })
}

// input gives a claim up that is counted by the batch.
func (c *loaderCall[K, V]) input(int) (*core, *link) {
	c.leave(c.reason())
	return nil, nil
}

func (c *loaderCall[K, V]) base() context.Context { return c.ctx }

// KeyErrors is the error of a Loader's function of which only some keys have
// failed. errors.Is and errors.As reach each failure.
type KeyErrors[K comparable] map[K]error

func (e KeyErrors[K]) Error() string {
	lines := make([]string, 0, len(e))
	for k, err := range e {
		lines = append(lines, fmt.Sprintf("future: key %v: %s", k, strings.TrimPrefix(err.Error(), "future: ")))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func (e KeyErrors[K]) Unwrap() []error {
	errs := make([]error, 0, len(e))
	for _, err := range e {
		if !isCanceled(err) {
			errs = append(errs, err)
		}
	}
	return errs
}

// MissingKeyError is the failure of a key for which a Loader's function has
// returned neither a value nor an error. It matches ErrMissingKey.
type MissingKeyError struct {
	Key any
}

func (e *MissingKeyError) Error() string {
	return fmt.Sprintf("future: no value was loaded for key %v", e.Key)
}
func (e *MissingKeyError) Is(target error) bool { return target == ErrMissingKey }
