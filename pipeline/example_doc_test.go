package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pipeline"
)

// The flow that the package's documentation begins with.
func Example_boundedOrderedRetried() {
	ctx := context.Background()
	get := func(_ context.Context, id int) (string, error) {
		if id == 4 {
			return "", future.Permanent(errors.New("no such user"))
		}
		return fmt.Sprint("user ", id), nil
	}
	bury := func(_ context.Context, l pipeline.Letter[int]) error {
		fmt.Println("gave up on", l.Item, "after", l.Attempts)
		return nil
	}
	store := func(_ context.Context, users []string) error {
		fmt.Println("store", users)
		return nil
	}

	ids := pipeline.FromSlice([]int{1, 2, 3, 4, 5})
	patient := pipeline.Retry(future.RetryPolicy{Attempts: 3}, pipeline.Within(time.Second, get))
	fetch := pipeline.DeadLetter(bury, patient)
	users := pipeline.Then(ids, fetch, pipeline.Workers(8), pipeline.Ahead(100), pipeline.Name("fetch"))
	err := pipeline.Batch(users, 500, time.Second).ForEach(ctx, store)

	fmt.Println(err)
	// Output:
	// gave up on 4 after 1
	// store [user 1 user 2 user 3 user 5]
	// <nil>
}
