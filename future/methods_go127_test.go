//go:build go1.27

package future_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
)

func ExampleFuture_Then() {
	ctx := context.Background()
	s, err := future.Go(ctx, func(context.Context) (string, error) { return "41", nil }).
		Then(future.Try(strconv.Atoi)).
		Map(func(n int) int { return n + 1 }).
		Map(strconv.Itoa).
		Await(ctx)
	fmt.Println(s, err)
	// Output: 42 <nil>
}

func TestMethodsReadLeftToRight(t *testing.T) {
	ctx := context.Background()
	ran := false
	v, err := future.Resolved("x").
		Then(future.Try(strconv.Atoi)).
		Catch(func(context.Context, error) (int, error) { return 6, nil }).
		Map(func(n int) float64 { return float64(n) * 7 }).
		Finally(func() { ran = true }).
		Await(ctx)
	require.NoError(t, err)
	require.Equal(t, 42.0, v)
	require.True(t, ran)
}
