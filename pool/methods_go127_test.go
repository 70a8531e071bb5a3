//go:build go1.27

package pool_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/pool"
)

func ExamplePool_Submit() {
	ctx := context.Background()
	p := pool.New(4)
	defer p.Close()
	word, err := p.Submit(ctx, func(context.Context) (int, error) { return 42, nil }).
		Map(func(n int) string { return fmt.Sprintf("<%d>", n) }).
		Await(ctx)
	fmt.Println(word, err)
	// Output: <42> <nil>
}

func TestMethods(t *testing.T) {
	ctx := context.Background()
	p := pool.New(4)
	defer p.Close()
	out, err := p.Map(ctx, []int{1, 2}, func(_ context.Context, n int) (string, error) { return fmt.Sprint(n), nil })
	require.NoError(t, err)
	require.Equal(t, []string{"1", "2"}, out)
	require.NoError(t, p.ForEach(ctx, out, func(context.Context, string) error { return nil }))
	v := p.Priority(pool.Low).Key("k")
	out, err = v.Map(ctx, []int{1, 2}, func(_ context.Context, n int) (string, error) { return fmt.Sprint(n), nil })
	require.NoError(t, err)
	require.Equal(t, []string{"1", "2"}, out)
	require.NoError(t, v.ForEach(ctx, out, func(context.Context, string) error { return nil }))
	n, err := v.Submit(ctx, one).Await(ctx)
	require.NoError(t, err)
	require.Equal(t, 1, n)
}
