package consumer

import (
	"context"
	"strconv"
	"time"

	"github.com/thence-go/thence/pipeline"
)

// Every exported generic type of package pipeline, as users name them. Stage
// is the one that hung importers' compilers when it was an alias.
type (
	FlowOf   struct{ F pipeline.Flow[string] }
	StageOf  struct{ S pipeline.Stage[string, int] }
	LetterOf struct{ L pipeline.Letter[string] }
	TopicOf  struct{ T *pipeline.Topic[string] }
)

var numbers pipeline.Stage[string, int] = func(in pipeline.Flow[string]) pipeline.Flow[int] {
	return pipeline.Then(in, pipeline.Try(strconv.Atoi), pipeline.Workers(2))
}

// A stage made of a stage, in somebody else's generic code.
func counted[A, B any](n *int, s pipeline.Stage[A, B]) pipeline.Stage[A, B] {
	return func(in pipeline.Flow[A]) pipeline.Flow[B] {
		return pipeline.Via(in.Filter(func(A) bool { *n++; return true }), s)
	}
}

func Flowed(ctx context.Context, words []string) (sum, seen int, bad []string, err error) {
	toBad := func(_ context.Context, l pipeline.Letter[string]) error {
		bad = append(bad, l.Item)
		return nil
	}
	checked := pipeline.Then(pipeline.FromSlice(words), pipeline.DeadLetter(toBad,
		func(_ context.Context, s string) (string, error) { _, err := strconv.Atoi(s); return s, err }))
	batches := pipeline.Batch(pipeline.Via(checked, counted(&seen, numbers)), 2, time.Second)
	sum, err = pipeline.Reduce(ctx, batches, 0, func(sum int, ns []int) int {
		for _, n := range ns {
			sum += n
		}
		return sum
	})
	return sum, seen, bad, err
}
