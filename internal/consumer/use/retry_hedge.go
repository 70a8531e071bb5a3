package use

import (
	"context"
	"time"

	"github.com/thence-go/thence/errgroup"
	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pool"
)

// One for each service that is called: retries and hedges together cannot be
// more than a fifth of what succeeds, and ten a second.
var shopBudget = future.NewBudget(0.2, 10)

func robust(url string) func(context.Context) (Price, error) {
	return future.Hedge(future.HedgePolicy{Delay: 10 * time.Second, Budget: shopBudget},
		future.Retry(future.RetryPolicy{Attempts: 3, Base: time.Millisecond, Budget: shopBudget},
			price(url)))
}

// Robust calls with retries and hedges, in each of the ways in which a function
// can be called.
func Robust(ctx context.Context, p *pool.Pool, url string) ([]Price, error) {
	fetch := robust(url)
	called, err := fetch(ctx)
	if err != nil {
		return nil, err
	}
	g := errgroup.Collect[Price](ctx)
	if err := g.Go(ctx, fetch); err != nil {
		return nil, err
	}
	grouped, err := g.Wait()
	if err != nil {
		return nil, err
	}
	rest, err := future.All(
		future.Go(ctx, fetch),
		pool.Submit(ctx, p.Priority(pool.High), fetch),
	).Await(ctx)
	return append(append(grouped, called), rest...), err
}

// NewShop asks for many prices with few requests, and remembers them.
func NewShop(prices func(context.Context, []string) (map[string]Price, error)) *future.Memo[string, Price] {
	loader := future.NewLoader(prices, future.MaxBatch(100))
	return future.NewMemo(loader.Get, future.TTL(time.Minute), future.MaxEntries(1000))
}
