package pipeline

import (
	"fmt"
	"time"
)

// BatchWeight gathers items into slices whose weights add up to max at most,
// such as bytes for one request. An item goes into the next slice if there is
// no room for it, and one that weighs more than max has a slice of its own. A
// weight below 1 counts as 1, so no slice has more than max items.
//
// A slice goes on as soon as it is full, or when an item comes that does not
// fit, and otherwise as one of Batch: when maxWait has passed since its first
// item came, and at the end of the flow. Goroutines are those of Batch.
func BatchWeight[A any](f Flow[A], max int64, weight func(A) int64, maxWait time.Duration) Flow[[]A] {
	return batchWeight[A, []A](f, max, weight, maxWait)
}

// batchWeight is to BatchWeight what batch is to Batch.
func batchWeight[T any, B []T](f Flow[T], max int64, weight func(T) int64, maxWait time.Duration) Flow[B] {
	mustFlow("BatchWeight", f)
	mustFunc("BatchWeight", "function that gives the weight", weight == nil)
	if max < 1 {
		panic(fmt.Sprintf("pipeline: BatchWeight needs a max of at least 1, got %d", max))
	}
	mustWait("BatchWeight", maxWait)
	return batches[T, B](f, f.label("batchweight", ""), max, weight, maxWait)
}
