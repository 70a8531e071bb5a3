package use

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pool"
)

// Orders pays each order on a pool, quoting inside of a task of that pool, and
// closes it with a time limit.
func Orders(ctx context.Context, orders []Order, a API) (totals []int, err error) {
	p := pool.New(8, pool.Queue(1024, pool.Block), pool.Name("orders"))

	var pays []*future.Future[Receipt]
	for _, o := range orders {
		pays = append(pays, pool.Submit(ctx, p, func(ctx context.Context) (Receipt, error) {
			return a.Pay(ctx, Quote{o.Cents})
		}))
	}
	if err := p.Go(ctx, func(context.Context) {}); err != nil { // nobody waits for its result
		return nil, err
	}
	totals, err = pool.Map(ctx, p, orders, func(ctx context.Context, o Order) (int, error) {
		// The ctx knows the pool: this wait gives the worker's place back.
		q, err := pool.Submit(ctx, p, func(ctx context.Context) (Quote, error) { return a.Quote(ctx, o.Cents) }).Await(ctx)
		return q.Cents, err
	})
	if err != nil {
		return nil, err
	}
	if _, err := future.All(pays...).Await(ctx); err != nil {
		return nil, err
	}

	limited, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return totals, p.Shutdown(limited)
}

// Handler hands work to a pool and says so when there is no room for it.
func Handler(p *pool.Pool, work func(context.Context)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := p.TryGo(context.WithoutCancel(r.Context()), work); errors.Is(err, pool.ErrFull) {
			http.Error(w, "busy", http.StatusServiceUnavailable)
		}
	}
}
