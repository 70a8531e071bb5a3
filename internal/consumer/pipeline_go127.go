//go:build go1.27

package consumer

import (
	"context"

	"github.com/thence-go/thence/pipeline"
)

// FlowedMethods nests batches, which an instantiation cycle would forbid.
func FlowedMethods(ctx context.Context, words []string) (int, error) {
	return pipeline.FromSlice(words).
		Via(numbers).
		Map(func(n int) int { return 2 * n }).
		Batch(2, 0).
		Batch(2, 0).
		Then(func(_ context.Context, nss [][]int) (int, error) { return len(nss), nil }).
		Reduce(ctx, 0, func(a, b int) int { return a + b })
}
