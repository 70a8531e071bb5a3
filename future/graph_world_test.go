package future_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/thence-go/thence/future"
)

// world is a graph in flesh and blood.
type world struct {
	graph
	start   time.Time
	root    context.Context
	endRoot context.CancelCauseFunc
	nap     func(node int) time.Duration // from the end of a ctx that is heeded
	alive   []atomic.Pointer[living]
	calls   []atomic.Int64
	ctxs    []atomic.Pointer[context.Context] // what functions were given
	heard   []atomic.Pointer[string]          // why those ended that were heeded
	waiters []*waiter
}

// living is a future of any type.
type living struct {
	any
	promise future.Promise[int]
	poll    func() (any, error, bool)
	await   func(context.Context) (any, error)
	done    func() <-chan struct{}
	cancel  func(error)
}

type waiter struct {
	node    int
	stop    context.CancelCauseFunc
	outcome atomic.Pointer[string]
}

func newWorld(g graph) *world {
	w := &world{
		graph: g, start: time.Now(), nap: bit, alive: make([]atomic.Pointer[living], len(g.nodes)),
		calls: make([]atomic.Int64, len(g.nodes)), ctxs: make([]atomic.Pointer[context.Context], len(g.nodes)),
		heard: make([]atomic.Pointer[string], len(g.nodes)),
	}
	w.root, w.endRoot = context.WithCancelCause(context.Background())
	return w
}

func live[T any](f *future.Future[T]) *living {
	return &living{
		any:    f,
		poll:   func() (any, error, bool) { r, ok := f.Poll(); return r.Value, r.Err, ok },
		await:  func(ctx context.Context) (any, error) { return f.Await(ctx) },
		done:   f.Done,
		cancel: f.Cancel,
	}
}

// build makes a node, all inputs of which were made.
func (w *world) build(at int) {
	n := w.nodes[at]
	in := make([]*future.Future[int], len(n.in))
	for i, from := range n.in {
		if l := w.alive[from].Load(); l != nil {
			in[i], _ = l.any.(*future.Future[int])
		}
	}
	ctx := context.Background()
	if n.rooted {
		ctx = w.root
	}
	leaf := func(ctx context.Context) (int, error) { return w.work(at, ctx, nil, nil) }
	var l *living
	switch n.op {
	case opGo:
		l = live(future.Go(ctx, leaf))
	case opLazy:
		l = live(future.Lazy(ctx, leaf))
	case opPromise:
		p := future.NewPromise[int]()
		l = live(p.Future())
		l.promise = p
	case opResolved:
		l = live(future.Resolved(at))
	case opFailed:
		l = live(future.Failed[int](numbered(at)))
	case opAfter:
		l = live(future.After(ctx, n.stays))
	case opThen:
		l = live(future.Then(in[0], func(ctx context.Context, v int) (int, error) { return w.work(at, ctx, v, nil) }))
	case opMap:
		l = live(w.mapped(at, w.alive[n.in[0]].Load().any))
	case opCatch:
		l = live(in[0].Catch(func(ctx context.Context, err error) (int, error) { return w.work(at, ctx, nil, err) }))
	case opHandle:
		l = live(future.Handle(in[0], func(ctx context.Context, r future.Result[int]) (int, error) {
			return w.work(at, ctx, r.Value, r.Err)
		}))
	case opFinally:
		l = live(in[0].Finally(func() { w.pure(at, nil) }))
	case opFallback:
		l = live(in[0].WithFallback(at))
	case opTimeout:
		l = live(in[0].Timeout(n.stays))
	case opShield:
		l = live(in[0].Shield())
	case opFlatCall:
		return // with the next one
	case opFlatMap:
		call := w.nodes[n.in[0]]
		from := w.alive[call.in[0]].Load().any.(*future.Future[int])
		l = live(future.FlatMap(from, func(v int) *future.Future[int] {
			w.pure(n.in[0], v)
			if call.k < 0 {
				return nil
			}
			return w.alive[call.k].Load().any.(*future.Future[int])
		}))
	case opAll:
		l = live(future.All(in...))
	case opAllSettled:
		l = live(future.AllSettled(in...))
	case opAny:
		l = live(future.Any(in...))
	case opRace:
		l = live(future.Race(in...))
	case opQuorum:
		l = live(future.Quorum(n.k, in...))
	case opJoin2:
		l = live(future.Join2(in[0], in[1], func(ctx context.Context, a, b int) (int, error) {
			return w.work(at, ctx, []int{a, b}, nil)
		}))
	case opJoin3:
		l = live(future.Join3(in[0], in[1], in[2], func(ctx context.Context, a, b, c int) (int, error) {
			return w.work(at, ctx, []int{a, b, c}, nil)
		}))
	}
	w.alive[at].Store(l)
}

func (w *world) mapped(at int, in any) *future.Future[int] {
	switch f := in.(type) {
	case *future.Future[[]int]:
		return future.Map(f, func(v []int) int { return w.pure(at, v) })
	case *future.Future[[]future.Result[int]]:
		return future.Map(f, func(v []future.Result[int]) int { return w.pure(at, v) })
	case *future.Future[time.Time]:
		return future.Map(f, func(v time.Time) int { return w.pure(at, v) })
	}
	return future.Map(in.(*future.Future[int]), func(v int) int { return w.pure(at, v) })
}

// work is the function behind a node that has a ctx.
func (w *world) work(at int, ctx context.Context, v any, came error) (int, error) {
	n := w.nodes[at]
	w.calls[at].Add(1)
	w.ctxs[at].Store(&ctx)
	ends := n.ends
	if n.heeds {
		var enough <-chan time.Time
		if n.stays > 0 {
			enough = time.After(n.stays)
		}
		select {
		case <-enough:
		case <-ctx.Done():
			ends = n.over
			cause := canonError(context.Cause(ctx))
			w.heard[at].Store(&cause)
			time.Sleep(w.nap(at))
		}
	} else {
		time.Sleep(n.stays)
	}
	result := digest(at, w.canon(v, came))
	switch ends {
	case byError:
		return result, numbered(at)
	case byPanic:
		panic(at)
	case byGoexit:
		runtime.Goexit()
	case byCtxErr:
		return result, ctx.Err()
	case byCause:
		return result, context.Cause(ctx)
	case byDeadline:
		return result, context.DeadlineExceeded
	case byWhatCame:
		return result, came
	}
	return result, nil
}

// pure is the function behind a node that has none.
func (w *world) pure(at int, v any) int {
	w.calls[at].Add(1)
	time.Sleep(w.nodes[at].stays)
	switch w.nodes[at].ends {
	case byPanic:
		panic(at)
	case byGoexit:
		runtime.Goexit()
	}
	return digest(at, w.canon(v, nil))
}

// digest makes the value of a node, which tells what its function was given.
func digest(at int, given string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(given))
	return at*1000 + int(h.Sum32()%1000)
}

// do makes an event happen.
func (w *world) do(i int, e event) {
	switch e.act {
	case actResolve:
		w.alive[e.target].Load().promise.Resolve(1_000_000 + i)
	case actReject:
		w.alive[e.target].Load().promise.Reject(numbered(100 + i))
	case actCancel:
		w.alive[e.target].Load().cancel(numbered(200 + i))
	case actAwait, actAwaitCtx:
		ctx, stop := context.Background(), context.CancelCauseFunc(func(error) {})
		if e.act == actAwaitCtx {
			ctx, stop = context.WithCancelCause(ctx)
		}
		one := &waiter{node: e.target, stop: stop}
		w.waiters = append(w.waiters, one)
		go func() {
			v, err := w.alive[e.target].Load().await(ctx)
			s := w.canon(v, err)
			one.outcome.Store(&s)
			stop(nil)
		}()
	case actStopWaiting:
		w.waiters[e.target].stop(numbered(300 + i))
	case actEndRoot:
		w.endRoot(numbered(400 + i))
	case actDone:
		w.alive[e.target].Load().done()
	}
}

// stop ends all that may still run.
func (w *world) stop() {
	w.endRoot(nil)
	for at := range w.alive {
		if l := w.alive[at].Load(); l != nil {
			l.cancel(nil)
		}
	}
	time.Sleep(time.Hour)
}

// observe tells all that can be seen, a line a node.
func (w *world) observe() string {
	var s strings.Builder
	for at := range w.nodes {
		outcome := "-"
		if l := w.alive[at].Load(); l != nil {
			if v, err, ok := l.poll(); ok {
				outcome = w.canon(v, err)
			}
		}
		over, heard := false, "-"
		if ctx := w.ctxs[at].Load(); ctx != nil {
			over = (*ctx).Err() != nil
		}
		if cause := w.heard[at].Load(); cause != nil {
			heard = *cause
		}
		fmt.Fprintf(&s, "%d %s: %s, calls %d, over %t, heard %s\n", at, opNames[w.nodes[at].op], outcome, w.calls[at].Load(), over, heard)
	}
	for i, one := range w.waiters {
		outcome := "-"
		if o := one.outcome.Load(); o != nil {
			outcome = *o
		}
		fmt.Fprintf(&s, "waiter %d at %d: %s\n", i, one.node, outcome)
	}
	return s.String()
}

func (w *world) canon(v any, err error) string { return canon(w.start, v, err) }

// canon tells an outcome exactly: which errors are the same, and of which type.
func canon(start time.Time, v any, err error) string {
	if err != nil {
		return canonError(err)
	}
	switch v := v.(type) {
	case []future.Result[int]:
		var s []string
		for _, r := range v {
			s = append(s, canon(start, r.Value, r.Err))
		}
		return fmt.Sprint(s)
	case time.Time:
		return v.Sub(start).String()
	}
	return fmt.Sprint(v)
}

func canonError(err error) string {
	switch e := err.(type) {
	case *future.CanceledError:
		return "canceled(" + canonError(e.Cause) + ")"
	case *future.WaitError:
		return "stopped(" + canonError(e.Cause) + ")"
	case *future.JoinError:
		s := "join("
		for _, one := range e.Errs {
			s += fmt.Sprintf(" %d:%s", one.Index, canonError(one.Err))
		}
		return s + ")"
	}
	if err == context.Canceled || err == context.DeadlineExceeded || err == future.ErrGoexit || err == future.ErrNotNeeded {
		return "the " + err.Error()
	}
	var no numbered
	if errors.As(err, &no) && err != error(no) {
		return fmt.Sprintf("%T wraps %v", err, err)
	}
	return fmt.Sprintf("%T %v", err, err)
}
