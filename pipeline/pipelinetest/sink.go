package pipelinetest

import (
	"context"
	"time"

	"github.com/thence-go/thence/pipeline"
)

// Sink takes the items of a flow as a consumer with faults does. The zero value
// takes all of them and is quick. It may be copied and used again: each
// [Sink.Drain] is a run of its own.
type Sink[T any] struct {
	Each  time.Duration // virtual time that it takes for an item
	Break int           // it walks away after so many items; 0: never
	Fail  int           // it fails with Err at the item after so many; -1 is the first, 0 never
	Err   error
}

// Drain runs f and returns the items that the sink got, in their order. The
// error is that of the flow: nil after a break.
//
// On cancel of ctx it stops, also in the middle of an item: the error matches
// future.ErrCanceled and unwraps to the cause.
func (s Sink[T]) Drain(ctx context.Context, f pipeline.Flow[T]) (got []T, err error) {
	take := func(ctx context.Context, v T) error {
		if s.Fail < 0 || s.Fail > 0 && len(got) == s.Fail {
			return s.Err
		}
		got = append(got, v)
		if s.Each > 0 && !pause(ctx, s.Each) {
			return context.Cause(ctx)
		}
		return nil
	}
	if s.Break > 0 {
		f = f.Take(int64(s.Break))
	}
	err = f.ForEach(ctx, take)
	return got, err
}
