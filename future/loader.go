package future

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/thence-go/thence/internal/task"
)

// Loader gathers the keys that many callers ask for into batches, so that a
// service makes one call where it would make a hundred. Make one with NewLoader;
// it must not be copied. Its methods may be called by any number of goroutines.
// Most callers want Get, which also is what Then takes.
//
// A Loader keeps nothing: to cache what it loads, make a Memo of its Get. It
// holds no timer and no goroutine while no batch is open or under way.
type Loader[K comparable, V any] struct {
	fn     func(context.Context, []K) (map[K]V, error)
	window time.Duration
	max    int

	mu    sync.Mutex // held for a few instructions, never while anything blocks
	open  *batch[K, V]
	usual int // how many keys a batch has
}

// LoaderOption is a choice that NewLoader takes.
type LoaderOption interface{ applyLoader(*loaderConfig) }

type loaderConfig struct {
	window time.Duration
	max    int
}

type loaderOption func(*loaderConfig)

func (o loaderOption) applyLoader(c *loaderConfig) { o(c) }

// BatchWindow sets for how long a batch stays open after its first key, one
// millisecond by default. It is the time that a lone caller waits in vain.
func BatchWindow(d time.Duration) LoaderOption {
	mustPositive("BatchWindow", d)
	return loaderOption(func(c *loaderConfig) { c.window = d })
}

// MaxBatch sets how many keys a batch has at most, 1000 by default. A full
// batch is sent at once.
func MaxBatch(n int) LoaderOption {
	if n < 1 {
		panic(fmt.Sprintf("future: MaxBatch needs at least 1, got %d", n))
	}
	return loaderOption(func(c *loaderConfig) { c.max = n })
}

// NewLoader makes a loader. fn is called with distinct keys, in the order in
// which they were first asked for, and returns their values; other keys in its
// map are ignored. A key without a value fails with a *MissingKeyError, all keys
// fail with the error that fn returns, and if that is a KeyErrors, only the keys
// in it do.
//
// A KeyErrors may be wrapped, by fmt.Errorf and %w for example. What errors.Join
// adds to it is the error of all keys.
//
// Each call of fn has a goroutine; its ctx has the values of the batch's first
// caller and ends when all callers have left. fn must not ask its own Loader for
// what it is to load: that opens one batch after the other.
func NewLoader[K comparable, V any](fn func(context.Context, []K) (map[K]V, error), opts ...LoaderOption) *Loader[K, V] {
	mustFunc("NewLoader", fn == nil)
	c := loaderConfig{window: time.Millisecond, max: 1000}
	for _, o := range opts {
		if o == nil {
			panic("future: NewLoader needs options, got nil: leave it out")
		}
		o.applyLoader(&c)
	}
	return &Loader[K, V]{fn: fn, window: c.window, max: c.max}
}

// Get returns the value for k. If ctx ends first, it returns a *WaitError at
// once: the batch goes on for the others, without k if nobody else has asked for
// it and the batch has not been sent; and is canceled if there are none.
//
// In a task of a bounded pool, the task's slot is given back while Get waits.
func (l *Loader[K, V]) Get(ctx context.Context, k K) (V, error) {
	mustContext("Loader.Get", ctx)
	if ctx.Err() != nil {
		var zero V
		return zero, StoppedWaiting(ctx)
	}
	return l.add(ctx, k).get(ctx)
}

// Go is Get that does not wait. The future is canceled when ctx ends; canceling
// it leaves the batch, as the end of ctx does in Get.
func (l *Loader[K, V]) Go(ctx context.Context, k K) *Future[V] {
	mustContext("Loader.Go", ctx)
	if ctx.Err() != nil {
		return Failed[V](canceled(context.Cause(ctx)))
	}
	ctx = task.Owned(ctx)
	c := l.add(ctx, k)
	if ctx.Done() != nil {
		c.leaveWith(ctx)
	}
	return &c.Future
}

// GetAll returns the values for all keys. It is Get for each of them at once; if
// some have failed, it returns the values that came and a KeyErrors. If ctx ends
// first, the keys that have not come by then fail as Get does.
func (l *Loader[K, V]) GetAll(ctx context.Context, ks ...K) (map[K]V, error) {
	mustContext("Loader.GetAll", ctx)
	if ctx.Err() != nil {
		return nil, StoppedWaiting(ctx)
	}
	calls := make(map[K]*loaderCall[K, V], len(ks))
	for _, k := range ks {
		if calls[k] == nil {
			calls[k] = l.add(ctx, k)
		}
	}
	values, failed := make(map[K]V, len(calls)), KeyErrors[K]{}
	for k, c := range calls {
		if v, err := c.get(ctx); err == nil {
			values[k] = v
		} else {
			failed[k] = err
		}
	}
	if len(failed) > 0 {
		return values, failed
	}
	return values, nil
}

// add puts a caller into the open batch, and sends that if it is full then.
func (l *Loader[K, V]) add(ctx context.Context, k K) *loaderCall[K, V] {
	c := &loaderCall[K, V]{ctx: ctx}
	c.self = c
	c.born("Loader")
	if l.enter(c, k) {
		go c.batch.run()
	}
	return c
}

// enter reports whether the batch is full and the caller is to run it. A key
// that cannot be compared panics in here.
func (l *Loader[K, V]) enter(c *loaderCall[K, V], k K) (full bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.open
	if b == nil {
		b = l.openLocked(c.ctx)
	}
	return b.addLocked(c, k)
}
