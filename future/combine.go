package future

import "sync/atomic"

// All waits for every future and settles with their values, in input order. It
// fails at the first failure, with a *JoinError that names the input; it is
// canceled if an input is canceled first. Then, and if it is canceled itself,
// it gives up its claims on the others, which cancels those that nobody else
// depends on. All of nothing is an empty slice.
//
// A slice of futures is passed as All(fs...).
func All[T any](fs ...*Future[T]) *Future[[]T] {
	if len(fs) == 0 {
		return Resolved([]T{})
	}
	return combine("All", fs, rule[T, []T](allRule[T]{}), len(fs), pending)
}

type allRule[T any] struct{}

func (allRule[T]) note(g *group[T, []T], p *place[T, []T]) news {
	if p.in.err != nil {
		return g.settle(nil, g.failed(p))
	}
	if g.left.Add(-1) > 0 || g.isDecided() {
		return news{}
	}
	places := g.inputs()
	values := make([]T, len(places))
	for i := range places {
		values[i] = places[i].in.value
	}
	return g.settle(values, nil)
}

// AllSettled waits for every future, whatever it comes to, and settles with
// their results, in input order. It never fails. Canceling it stops only
// itself: it never cancels an input.
func AllSettled[T any](fs ...*Future[T]) *Future[[]Result[T]] {
	if len(fs) == 0 {
		return Resolved([]Result[T]{})
	}
	return combine("AllSettled", fs, rule[T, []Result[T]](settledRule[T]{}), len(fs), pending|quiet)
}

type settledRule[T any] struct{}

func (settledRule[T]) note(g *group[T, []Result[T]], _ *place[T, []Result[T]]) news {
	if g.left.Add(-1) > 0 {
		return news{}
	}
	return g.settle(g.results(), nil)
}

// Any settles with the first value. It fails when every input has failed, with
// a *JoinError of them all, and is canceled when all were canceled. Then it
// gives up its claims on the others: the winner ends the losers that nobody
// else depends on, with ErrNotNeeded as the cause. Any of nothing fails with
// ErrNoInput.
func Any[T any](fs ...*Future[T]) *Future[T] {
	if len(fs) == 0 {
		return Failed[T](ErrNoInput)
	}
	return combine("Any", fs, rule[T, T](anyRule[T]{}), len(fs), pending)
}

type anyRule[T any] struct{}

func (anyRule[T]) note(g *group[T, T], p *place[T, T]) news {
	if p.in.err == nil {
		return g.settle(p.in.value, nil)
	}
	if g.left.Add(-1) > 0 || g.isDecided() {
		return news{}
	}
	var zero T
	return g.settle(zero, g.failures())
}

// Race settles as the first input that settles does, whatever that is: a value,
// a failure (in a *JoinError that names the input), or a cancellation. Then it
// gives up its claims on the others, as Any does. Race of nothing fails with
// ErrNoInput.
func Race[T any](fs ...*Future[T]) *Future[T] {
	if len(fs) == 0 {
		return Failed[T](ErrNoInput)
	}
	return combine("Race", fs, rule[T, T](raceRule[T]{}), 0, pending)
}

type raceRule[T any] struct{}

func (raceRule[T]) note(g *group[T, T], p *place[T, T]) news {
	if p.in.err == nil {
		return g.settle(p.in.value, nil)
	}
	if g.isDecided() {
		return news{}
	}
	var zero T
	return g.settle(zero, g.failed(p))
}

// Quorum settles once k inputs have values, with a result for each input, in
// input order; the error of one that had not settled by then matches
// ErrStoppedWaiting. It fails as soon as k values cannot be reached any more,
// with a *JoinError of those that have failed; it is canceled if those were
// all canceled. Then it gives up its claims on the others, as Any does. If k is
// less than 1 or more than there are inputs, it fails with ErrNoInput.
func Quorum[T any](k int, fs ...*Future[T]) *Future[[]Result[T]] {
	mustFutures("Quorum", fs)
	if k < 1 || k > len(fs) {
		for _, f := range fs { // decided without them
			f.word.Add(oneClaim)
			carryOnElsewhere(announce(f.unclaim(nil, ErrNoInput)))
		}
		return Failed[[]Result[T]](ErrNoInput)
	}
	return combine("Quorum", fs, rule[T, []Result[T]](&quorumRule[T]{spare: len(fs) - k}), k, pending)
}

type quorumRule[T any] struct {
	spare  int // so many may fail
	failed atomic.Int64
}

func (r *quorumRule[T]) note(g *group[T, []Result[T]], p *place[T, []Result[T]]) news {
	if p.in.err == nil {
		if g.left.Add(-1) == 0 {
			return g.settle(g.results(), nil)
		}
	} else if r.failed.Add(1) == int64(r.spare)+1 {
		return g.settle(nil, g.failures())
	}
	return news{}
}

// results tells what has come of every input so far.
func (g *group[T, R]) results() []Result[T] {
	places := g.inputs()
	results := make([]Result[T], len(places))
	for i := range places {
		in := places[i].in
		if in.isSettled() {
			results[i] = Result[T]{in.value, in.err}
		} else {
			results[i].Err = &WaitError{Cause: ErrNotNeeded, err: ErrNotNeeded}
		}
	}
	return results
}
