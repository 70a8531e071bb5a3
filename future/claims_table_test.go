package future_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
)

type ints = *future.Future[int]

// handle is a future whose type does not matter.
type handle struct {
	cancel func(error)
	now    func() outcome
}

type outcome struct {
	v   any
	err error
}

func handleOf[T any](f *future.Future[T]) handle {
	return handle{f.Cancel, func() outcome {
		r, settled := f.Poll()
		switch {
		case !settled:
			return isPending
		case r.Err != nil:
			return outcome{nil, r.Err}
		}
		return outcome{r.Value, nil}
	}}
}

var (
	isPending = outcome{nil, future.ErrPending}
	isOverBy  = func(cause error) outcome { return outcome{nil, &future.CanceledError{Cause: cause}} }
	failsWith = func(err error) outcome { return outcome{nil, err} }
	joinFails = func(i int) outcome {
		return failsWith(&future.JoinError{Errs: []future.IndexedError{{Index: i, Err: errDisk}}})
	}
	notNeeded = outcome{nil, &future.CanceledError{Cause: future.ErrNotNeeded}}
)

// result is what a row says that an operation comes to when its first input
// has settled: its own outcome, how often its function was called, and what
// becomes of its other input.
type result struct {
	own   outcome
	calls int
	other outcome
}

// row is a line of table 2.
type row struct {
	op              func(fn func(), fs ...ints) handle
	two             bool // inputs
	value, fails    result
	canceled        result
	cancelWaits     bool // its function is called all the same, once the input has settled
	cancelKeepsThem bool
}

var table2 = map[string]row{
	"Then": {op: func(fn func(), fs ...ints) handle {
		return handleOf(future.Then(fs[0], func(_ context.Context, n int) (int, error) { fn(); return n + 1, nil }))
	}, value: result{own: outcome{8, nil}, calls: 1}, fails: result{own: failsWith(errDisk)}, canceled: result{own: isOverBy(errCause)}},
	"Map": {op: func(fn func(), fs ...ints) handle {
		return handleOf(future.Map(fs[0], func(n int) int { fn(); return n + 1 }))
	}, value: result{own: outcome{8, nil}, calls: 1}, fails: result{own: failsWith(errDisk)}, canceled: result{own: isOverBy(errCause)}},
	"FlatMap": {op: func(fn func(), fs ...ints) handle {
		return handleOf(future.FlatMap(fs[0], func(n int) ints { fn(); return future.Resolved(n + 1) }))
	}, value: result{own: outcome{8, nil}, calls: 1}, fails: result{own: failsWith(errDisk)}, canceled: result{own: isOverBy(errCause)}},
	"Catch": {op: func(fn func(), fs ...ints) handle {
		return handleOf(fs[0].Catch(func(_ context.Context, err error) (int, error) { fn(); return 9, nil }))
	}, value: result{own: outcome{7, nil}}, fails: result{own: outcome{9, nil}, calls: 1}, canceled: result{own: isOverBy(errCause)}},
	"WithFallback": {op: func(fn func(), fs ...ints) handle { return handleOf(fs[0].WithFallback(9)) },
		value: result{own: outcome{7, nil}}, fails: result{own: outcome{9, nil}}, canceled: result{own: isOverBy(errCause)}},
	"Handle": {op: func(fn func(), fs ...ints) handle {
		return handleOf(future.Handle(fs[0], func(_ context.Context, r future.Result[int]) (outcome, error) {
			fn()
			return outcome{r.Value, r.Err}, nil
		}))
	}, value: result{own: outcome{outcome{7, nil}, nil}, calls: 1}, fails: result{own: outcome{outcome{0, errDisk}, nil}, calls: 1},
		canceled: result{own: outcome{outcome{0, isOverBy(errCause).err}, nil}, calls: 1}},
	"Finally": {op: func(fn func(), fs ...ints) handle { return handleOf(fs[0].Finally(fn)) },
		value: result{own: outcome{7, nil}, calls: 1}, fails: result{own: failsWith(errDisk), calls: 1},
		canceled: result{own: isOverBy(errCause), calls: 1}, cancelWaits: true},
	"Timeout": {op: func(fn func(), fs ...ints) handle { return handleOf(fs[0].Timeout(time.Hour)) },
		value: result{own: outcome{7, nil}}, fails: result{own: failsWith(errDisk)}, canceled: result{own: isOverBy(errCause)}},
	"Shield": {op: func(fn func(), fs ...ints) handle { return handleOf(fs[0].Shield()) },
		value: result{own: outcome{7, nil}}, fails: result{own: failsWith(errDisk)}, canceled: result{own: isOverBy(errCause)}, cancelKeepsThem: true},
	"On": {op: func(fn func(), fs ...ints) handle { return handleOf(fs[0].On(spawn{})) },
		value: result{own: outcome{7, nil}}, fails: result{own: failsWith(errDisk)}, canceled: result{own: isOverBy(errCause)}},
	"All": {op: func(fn func(), fs ...ints) handle { return handleOf(future.All(fs...)) }, two: true,
		value: result{own: isPending, other: isPending}, fails: result{own: joinFails(0), other: isOverBy(joinFails(0).err)},
		canceled: result{own: isOverBy(errCause), other: isOverBy(errCause)}},
	"Join2": {op: func(fn func(), fs ...ints) handle {
		return handleOf(future.Join2(fs[0], fs[1], func(context.Context, int, int) (int, error) { fn(); return 0, nil }))
	}, two: true, value: result{own: isPending, other: isPending}, fails: result{own: joinFails(0), other: isOverBy(joinFails(0).err)},
		canceled: result{own: isOverBy(errCause), other: isOverBy(errCause)}},
	"AllSettled": {op: func(fn func(), fs ...ints) handle { return handleOf(future.AllSettled(fs...)) }, two: true,
		value: result{own: isPending, other: isPending}, fails: result{own: isPending, other: isPending},
		canceled: result{own: isPending, other: isPending}, cancelKeepsThem: true},
	"Any": {op: func(fn func(), fs ...ints) handle { return handleOf(future.Any(fs...)) }, two: true,
		value: result{own: outcome{7, nil}, other: notNeeded}, fails: result{own: isPending, other: isPending},
		canceled: result{own: isPending, other: isPending}},
	"Race": {op: func(fn func(), fs ...ints) handle { return handleOf(future.Race(fs...)) }, two: true,
		value: result{own: outcome{7, nil}, other: notNeeded}, fails: result{own: joinFails(0), other: isOverBy(joinFails(0).err)},
		canceled: result{own: isOverBy(errCause), other: isOverBy(errCause)}},
	"Quorum(1)": {op: func(fn func(), fs ...ints) handle { return handleOf(future.Quorum(1, fs...)) }, two: true,
		value: result{own: outcome{[]future.Result[int]{{Value: 7}, {Err: withoutIt}}, nil}, other: notNeeded},
		fails: result{own: isPending, other: isPending}, canceled: result{own: isPending, other: isPending}},
	"Quorum(2)": {op: func(fn func(), fs ...ints) handle { return handleOf(future.Quorum(2, fs...)) }, two: true,
		value: result{own: isPending, other: isPending}, fails: result{own: joinFails(0), other: isOverBy(joinFails(0).err)},
		canceled: result{own: isOverBy(errCause), other: isOverBy(errCause)}},
}

// withoutIt is what Quorum says of an input that it did not wait for.
var withoutIt = func() error {
	rs, _ := future.Quorum(1, future.Resolved(1), future.NewPromise[int]().Future()).Await(context.Background())
	return rs[1].Err
}()

func TestLaw11_Table2(t *testing.T) {
	for name, r := range table2 {
		for how, c := range map[string]struct {
			settle func(future.Promise[int])
			want   result
		}{
			"has a value": {func(p future.Promise[int]) { p.Resolve(7) }, r.value},
			"fails":       {func(p future.Promise[int]) { p.Reject(errDisk) }, r.fails},
			"is canceled": {func(p future.Promise[int]) { p.Future().Cancel(errCause) }, r.canceled},
		} {
			for _, late := range []bool{false, true} {
				t.Run(name+"/input "+how+map[bool]string{true: " before"}[late], func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						calls := 0
						p, other := future.NewPromise[int](), future.Go(context.Background(), untilDone)
						synctest.Wait()
						if late {
							c.settle(p)
						}
						op := r.op(func() { calls++ }, p.Future(), other)
						if !late {
							c.settle(p)
						}
						synctest.Wait()
						require.Equal(t, c.want.own, op.now())
						require.Equal(t, c.want.calls, calls)
						if r.two {
							require.Equal(t, c.want.other, handleOf(other).now())
						}
						other.Cancel(nil)
						synctest.Wait()
					})
				})
			}
		}
		t.Run(name+"/it is canceled", func(t *testing.T) { synctest.Test(t, r.testCancel) })
	}
}

// testCancel tests the column "op.Cancel(c)": with inputs that nobody else
// depends on, and with one that somebody does.
func (r row) testCancel(t *testing.T) {
	calls := 0
	release := make(chan struct{})
	running := func(ctx context.Context) (int, error) { <-ctx.Done(); <-release; return 0, ctx.Err() }
	mine, other := future.Go(context.Background(), running), future.Go(context.Background(), running)
	shared, alsoShared := future.NewPromise[int](), future.NewPromise[int]()
	keeps := future.All(shared.Future(), alsoShared.Future())
	synctest.Wait()
	op := r.op(func() { calls++ }, mine, other)
	leaves := r.op(func() { calls++ }, shared.Future(), alsoShared.Future())

	op.cancel(errCause)
	leaves.cancel(errCause)
	op.cancel(errDisk) // too late
	synctest.Wait()
	if r.cancelWaits {
		require.Equal(t, isPending, op.now())
		require.Equal(t, isPending, leaves.now())
	} else {
		require.Equal(t, isOverBy(errCause), op.now(), "at once")
		require.Equal(t, isOverBy(errCause), leaves.now(), "at once")
	}
	require.Zero(t, calls)
	require.Equal(t, isPending, handleOf(mine).now(), "its function still runs")

	close(release)
	synctest.Wait()
	want := isOverBy(errCause)
	if r.cancelKeepsThem {
		want = isPending
	}
	require.Equal(t, want, handleOf(mine).now())
	if r.two {
		require.Equal(t, want, handleOf(other).now())
	}
	require.True(t, shared.Resolve(1), "somebody else depends on it")
	require.True(t, alsoShared.Resolve(2))
	synctest.Wait()
	require.Equal(t, outcome{[]int{1, 2}, nil}, handleOf(keeps).now())
	require.Equal(t, isOverBy(errCause), op.now())
	require.Equal(t, isOverBy(errCause), leaves.now())
	if r.cancelWaits {
		require.Equal(t, 2, calls)
	} else {
		require.Zero(t, calls)
	}
	mine.Cancel(nil)
	other.Cancel(nil)
	synctest.Wait()
}
