package future_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
)

// joins are all Joins, over inputs of one type.
var joins = map[int]func(fn func(context.Context, ...int) (string, error), f ...ints) *future.Future[string]{
	2: func(fn func(context.Context, ...int) (string, error), f ...ints) *future.Future[string] {
		return future.Join2(f[0], f[1], func(ctx context.Context, a, b int) (string, error) { return fn(ctx, a, b) })
	},
	3: func(fn func(context.Context, ...int) (string, error), f ...ints) *future.Future[string] {
		return future.Join3(f[0], f[1], f[2], func(ctx context.Context, a, b, c int) (string, error) { return fn(ctx, a, b, c) })
	},
	4: func(fn func(context.Context, ...int) (string, error), f ...ints) *future.Future[string] {
		return future.Join4(f[0], f[1], f[2], f[3],
			func(ctx context.Context, a, b, c, d int) (string, error) { return fn(ctx, a, b, c, d) })
	},
	5: func(fn func(context.Context, ...int) (string, error), f ...ints) *future.Future[string] {
		return future.Join5(f[0], f[1], f[2], f[3], f[4],
			func(ctx context.Context, a, b, c, d, e int) (string, error) { return fn(ctx, a, b, c, d, e) })
	},
}

func TestLaw11_EveryLegOfEveryJoin(t *testing.T) {
	for n, join := range joins {
		t.Run(fmt.Sprint("Join", n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for leg := range n {
					var ps []future.Promise[int]
					var fs []ints
					for range n {
						p := future.NewPromise[int]()
						ps, fs = append(ps, p), append(fs, p.Future())
					}
					called := 0
					note := func(_ context.Context, vs ...int) (string, error) { called++; return fmt.Sprint(vs), nil }

					// This leg is the last to come.
					j := join(note, fs...)
					for i, p := range ps {
						if i != leg {
							p.Resolve(i)
						}
					}
					synctest.Wait()
					require.Equal(t, future.ErrPending, j.Err())
					ps[leg].Resolve(leg)
					v, err := j.Await(t.Context())
					require.NoError(t, err)
					require.Equal(t, fmt.Sprint([]int{0, 1, 2, 3, 4}[:n]), v)
					require.Equal(t, 1, called)

					// It fails, while the others are under way.
					for i := range fs {
						fs[i] = future.Go(t.Context(), untilDone)
					}
					fs[leg] = future.Failed[int](errDisk)
					_, err = join(note, fs...).Await(t.Context())
					require.Equal(t, &future.JoinError{Errs: []future.IndexedError{{Index: leg, Err: errDisk}}}, err)
					for i := range fs {
						if i != leg {
							_, late := fs[i].Await(t.Context())
							require.Equal(t, &future.CanceledError{Cause: err}, late)
						}
					}

					// It is canceled.
					for i := range fs {
						fs[i] = future.Go(t.Context(), untilDone)
					}
					j = join(note, fs...)
					fs[leg].Cancel(errCause)
					_, err = j.Await(t.Context())
					require.Equal(t, &future.CanceledError{Cause: errCause}, err)
					for i := range fs {
						_, late := fs[i].Await(t.Context())
						require.Equal(t, err, late)
					}

					// It is missing.
					fs[leg] = nil
					require.PanicsWithValue(t, fmt.Sprintf("future: Join%d needs a future, got nil", n), func() { join(note, fs...) })
					require.Equal(t, 1, called)
				}
			})
		})
	}
}

// What a combination comes to when its inputs have settled in every way.
func TestLaw11_FailuresKeepOneShape(t *testing.T) {
	over := future.NewPromise[int]().Future()
	over.Cancel(errCause)
	failed, value := future.Failed[int](errDisk), future.Resolved(7)
	overErr := &future.CanceledError{Cause: errCause}
	joined := func(errs ...future.IndexedError) error { return &future.JoinError{Errs: errs} }
	at := func(i int, err error) future.IndexedError { return future.IndexedError{Index: i, Err: err} }
	for name, c := range map[string]struct {
		op   handle
		want outcome
	}{
		"All, none":             {handleOf(future.All[int]()), outcome{[]int{}, nil}},
		"All":                   {handleOf(future.All(value, value)), outcome{[]int{7, 7}, nil}},
		"All, the first to be":  {handleOf(future.All(over, failed)), outcome{nil, overErr}},
		"All, the second":       {handleOf(future.All(value, failed, over)), outcome{nil, joined(at(1, errDisk))}},
		"AllSettled, none":      {handleOf(future.AllSettled[int]()), outcome{[]future.Result[int]{}, nil}},
		"AllSettled":            {handleOf(future.AllSettled(over, value, failed)), outcome{[]future.Result[int]{{Err: overErr}, {Value: 7}, {Err: errDisk}}, nil}},
		"Any, none":             {handleOf(future.Any[int]()), outcome{nil, future.ErrNoInput}},
		"Any, the last":         {handleOf(future.Any(over, failed, value)), outcome{7, nil}},
		"Any, all failed":       {handleOf(future.Any(failed, failed)), outcome{nil, joined(at(0, errDisk), at(1, errDisk))}},
		"Any, all canceled":     {handleOf(future.Any(over, over)), outcome{nil, overErr}},
		"Any, both":             {handleOf(future.Any(over, failed)), outcome{nil, joined(at(0, overErr), at(1, errDisk))}},
		"Race, none":            {handleOf(future.Race[int]()), outcome{nil, future.ErrNoInput}},
		"Race, fails":           {handleOf(future.Race(failed, value)), outcome{nil, joined(at(0, errDisk))}},
		"Race, canceled":        {handleOf(future.Race(over, value)), outcome{nil, overErr}},
		"Quorum, of 0":          {handleOf(future.Quorum(0, value)), outcome{nil, future.ErrNoInput}},
		"Quorum, too many":      {handleOf(future.Quorum(2, value)), outcome{nil, future.ErrNoInput}},
		"Quorum, reached":       {handleOf(future.Quorum(2, over, value, failed, value)), outcome{[]future.Result[int]{{Err: overErr}, {Value: 7}, {Err: errDisk}, {Value: 7}}, nil}},
		"Quorum, not reached":   {handleOf(future.Quorum(2, value, over, failed)), outcome{nil, joined(at(1, overErr), at(2, errDisk))}},
		"Quorum, only canceled": {handleOf(future.Quorum(2, value, over, over)), outcome{nil, overErr}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, c.op.now(), "at once: no function is called")
			if j, ok := c.want.err.(*future.JoinError); ok {
				require.ErrorIs(t, j, errDisk)
				require.NotErrorIs(t, j, future.ErrCanceled, "a failure is never taken for a cancellation")
				require.NotErrorIs(t, j, errCause)
			}
		})
	}
}

// AllSettled touches nobody, and has a claim all the same: who cancels another
// future that was derived does not end what AllSettled waits for.
func TestLaw11_AllSettledHasAClaim(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		call := future.Go(t.Context(), after(5))
		all := future.AllSettled(call)
		future.Then(call, identity).Cancel(errCause)
		rs, err := all.Await(t.Context())
		require.NoError(t, err)
		require.Equal(t, []future.Result[int]{{Value: 5}}, rs)

		call = future.Go(t.Context(), after(5))
		future.AllSettled(call).Cancel(errCause)
		require.Equal(t, future.ErrPending, call.Err())
		future.Then(call, identity).Cancel(errDisk) // nobody else is left
		_, err = call.Await(t.Context())
		require.Equal(t, &future.CanceledError{Cause: errDisk}, err)
	})
}

// Shield holds until the future itself is canceled.
func TestLaw11_ShieldHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		call := future.Go(t.Context(), after(5))
		shield := call.Shield()
		behind := future.Then(shield, identity)
		beside := future.Then(call, identity)
		behind.Cancel(errCause)
		require.Equal(t, &future.CanceledError{Cause: errCause}, shield.Err(), "its last claim is gone")
		beside.Cancel(errCause)
		v, err := call.Await(t.Context())
		require.NoError(t, err)
		require.Equal(t, 5, v)

		call = future.Go(t.Context(), after(5))
		shield = call.Shield()
		call.Cancel(errDisk)
		_, err = shield.Await(t.Context())
		require.Equal(t, &future.CanceledError{Cause: errDisk}, err)
	})
}

// A FlatMap has a claim on what its function returned, from then on.
func TestLaw11_FlatMapsSecondClaim(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner := future.Go(t.Context(), untilDone)
		shared := future.Go(t.Context(), after(5))
		keeps := future.Then(shared, identity)
		mine := future.FlatMap(future.Resolved(1), func(int) ints { return inner })
		theirs := future.FlatMap(future.Resolved(1), func(int) ints { return shared })
		synctest.Wait()
		mine.Cancel(errCause)
		theirs.Cancel(errCause)
		require.Equal(t, &future.CanceledError{Cause: errCause}, mine.Err(), "at once")
		_, err := inner.Await(t.Context())
		require.Equal(t, &future.CanceledError{Cause: errCause}, err)
		v, err := keeps.Await(t.Context())
		require.NoError(t, err)
		require.Equal(t, 5, v)

		// Canceled while its function runs: what that returns is not needed.
		release := make(chan struct{})
		inner = future.Go(t.Context(), untilDone)
		mine = future.FlatMap(future.Resolved(1), func(int) ints { <-release; return inner })
		synctest.Wait()
		mine.Cancel(errCause)
		synctest.Wait()
		require.Equal(t, future.ErrPending, inner.Err())
		close(release)
		synctest.Wait()
		require.Equal(t, &future.CanceledError{Cause: errCause}, inner.Err())
		require.Zero(t, inner.Followers())

		var self ints
		made := make(chan struct{})
		self = future.FlatMap(future.Resolved(1), func(int) ints { <-made; return self })
		close(made)
		_, err = self.Await(t.Context())
		require.Equal(t, future.ErrDeadlock, err)
		_, err = future.FlatMap(future.Resolved(1), func(int) ints { return nil }).Await(t.Context())
		require.ErrorContains(t, err, "future: the function that was given to FlatMap returned nil")
		_, err = future.FlatMap(future.Resolved(1), func(int) ints { return future.Failed[int](errDisk) }).Await(t.Context())
		require.Equal(t, errDisk, err)
	})
}
