// Hello is the program of the README.
package main

import (
	"context"
	"fmt"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pool"
)

func main() {
	ctx := context.Background()
	p := pool.New(4) // at most 4 calls at a time
	defer p.Close()

	fetch := func(ctx context.Context) (int, error) { return 20, nil }
	a := pool.Submit(ctx, p, fetch)                      // starts now
	b := future.Map(a, func(n int) int { return n + 1 }) // goes on from there
	c := future.All(a, b, pool.Submit(ctx, p, fetch))    // waits for all, fails fast
	total := future.Map(c, func(v []int) int { return v[0] + v[1] + v[2] })

	fmt.Println(total.Await(ctx)) // a ctx that ends stops the waiting
}
