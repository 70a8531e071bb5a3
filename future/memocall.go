package future

import "context"

// follow makes a caller's future, behind a call that it has joined.
func (m *Memo[K, V]) follow(ctx context.Context, s *shard[K, V], fl *flight[K, V]) *Future[V] {
	w := &memoCall[K, V]{memo: m, shard: s, flight: fl, ctx: ctx}
	w.self = w
	w.follower = w
	w.born("Memo.Go")
	if !fl.future.join(&w.link, 0) {
		w.settle(fl.future.value, fl.future.err)
		announce(&w.core)
		return &w.Future
	}
	if ctx.Done() != nil {
		stop := context.AfterFunc(ctx, func() { w.Cancel(context.Cause(ctx)) })
		w.whenSettled(&w.over, func() { stop() })
	}
	return &w.Future
}

// memoCall is the future of one caller.
type memoCall[K comparable, V any] struct {
	Future[V]
	combining
	link
	over   cleanup
	memo   *Memo[K, V]
	shard  *shard[K, V]
	flight *flight[K, V]
	ctx    context.Context
}

func (w *memoCall[K, V]) follow(*core) (*core, continuation) {
	if w.settle(w.flight.future.value, w.flight.future.err) {
		return &w.core, nil
	}
	return nil, nil
}

// input is asked for when the future has settled. What it claims is counted by
// the flight.
func (w *memoCall[K, V]) input(int) (*core, *link) {
	if in := &w.flight.future.core; !in.isSettled() {
		in.unwatch(&w.link)
		w.memo.leave(w.shard, w.flight, w.reason())
	}
	return nil, nil
}

func (w *memoCall[K, V]) base() context.Context { return w.ctx }
