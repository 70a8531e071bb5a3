package pipeline

import (
	"errors"
	"sync/atomic"
)

// ErrUsed is the failure of a second run of a flow whose items can be had only
// once: FromChan, FromReader, or a subscription of a Topic.
var ErrUsed = errors.New("pipeline: this flow's source can be run only once, and it was: make a new flow")

// once is a source for one run. What is decided holds for the flow, its copies
// and all flows that are made of it.
func once[T any](produce func(*sourcing[T]) error) Flow[T] {
	var used atomic.Bool
	return source(unknown, func(s *sourcing[T]) error {
		if used.Swap(true) {
			return ErrUsed
		}
		return produce(s)
	})
}
