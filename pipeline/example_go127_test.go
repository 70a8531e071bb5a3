//go:build go1.27

package pipeline_test

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/thence-go/thence/pipeline"
)

func ExampleFlow_Then() {
	total, err := pipeline.FromSlice([]string{"1", "2", "3", "4", "5"}).
		Then(pipeline.Try(strconv.Atoi), pipeline.Workers(4)).
		Filter(func(n int) bool { return n != 3 }).
		Map(func(n int) float64 { return float64(n) / 2 }).
		Batch(2, time.Second).
		Reduce(context.Background(), 0.0, func(sum float64, batch []float64) float64 {
			return sum + batch[0] + batch[1]
		})
	fmt.Println(total, err)
	// Output: 6 <nil>
}
