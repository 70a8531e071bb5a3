package future

import "context"

// follow makes a caller's future, behind a call that it has joined.
func (m *Memo[K, V]) follow(ctx context.Context, s *shard[K, V], fl *flight[K, V]) *Future[V] {
	w := &memoCall[K, V]{memo: m, shard: s, flight: fl, ctx: ctx}
	w.self = w
	w.follower = w
	w.born("Memo.Go")
	if !fl.future.join(&w.link, 0) {
		announce(w.settle(fl.future.value, fl.future.err))
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

func (w *memoCall[K, V]) follow(*core) (news, continuation) {
	fl := w.flight
	return w.settle(fl.future.value, fl.future.err), nil
}

// input gives a claim up that is counted by the flight; the last one becomes a
// claim on its future, to be given up by the caller.
func (w *memoCall[K, V]) input(i int) (*core, *link) {
	in := &w.flight.future.core
	if i > 0 || in.isSettled() {
		return nil, nil
	}
	if w.memo.leave(w.shard, w.flight) {
		in.word.Add(oneClaim)
		return in, &w.link
	}
	in.unwatch(&w.link)
	return nil, nil
}

func (w *memoCall[K, V]) base() context.Context { return w.ctx }
