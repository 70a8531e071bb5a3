package use

import (
	"context"
	"errors"
	"strconv"

	"github.com/thence-go/thence/future"
)

type User struct{ ID, Tenant int }
type Order struct{ ID, Cents int }
type Quote struct{ Cents int }
type Receipt struct{ Text string }

// API is a stand-in for a client of a remote service.
type API struct{}

func (API) User(ctx context.Context) (User, error) { return User{ID: 1, Tenant: 1}, nil }
func (API) Orders(ctx context.Context, u User) ([]Order, error) {
	return []Order{{u.ID, 300}, {u.ID, 400}}, nil
}
func (API) Quote(ctx context.Context, cents int) (Quote, error) { return Quote{cents}, nil }
func (API) Pay(ctx context.Context, q Quote) (Receipt, error) {
	return Receipt{strconv.Itoa(q.Cents)}, nil
}

// PayAsync is a client's method that returns a future itself.
func (a API) PayAsync(q Quote) *future.Future[Receipt] {
	return future.Go(context.Background(), func(ctx context.Context) (Receipt, error) { return a.Pay(ctx, q) })
}

func sum(os []Order) (n int) {
	for _, o := range os {
		n += o.Cents
	}
	return
}
func (r Receipt) String() string { return r.Text }

// Chain is five dependent calls.
func Chain(ctx context.Context, a API) (string, error) {
	paid := false
	user := future.Go(ctx, a.User)
	orders := future.Then(user, a.Orders)
	total := future.Map(orders, sum)
	quote := future.Then(total, a.Quote)
	receipt := future.Then(quote, a.Pay).
		Catch(func(ctx context.Context, err error) (Receipt, error) { return Receipt{"later"}, nil }).
		Finally(func() { paid = true })
	text, err := future.Map(receipt, Receipt.String).Await(ctx)
	if !paid {
		return "", errors.New("use: the cleanup did not run")
	}
	return text, err
}

// Flat goes on with a future that a call returns.
func Flat(ctx context.Context, a API) (Receipt, error) {
	q := future.Then(future.Resolved(3), a.Quote)
	return future.FlatMap(q, a.PayAsync).Await(ctx)
}

// Joined needs two results of different types.
func Joined(ctx context.Context, a API) (Receipt, error) {
	u := future.Go(ctx, a.User)
	o := future.Then(u, a.Orders)
	return future.Join2(u, o, func(ctx context.Context, u User, os []Order) (Receipt, error) {
		return a.Pay(ctx, Quote{sum(os) * u.Tenant})
	}).Await(ctx)
}
