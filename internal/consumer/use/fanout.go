package use

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/thence-go/thence/future"
)

type Price struct{ Cents int }

func price(url string) func(context.Context) (Price, error) {
	return func(ctx context.Context) (Price, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return Price{}, err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return Price{}, err
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return Price{}, fmt.Errorf("%s: %s", url, resp.Status)
		}
		var p Price
		return p, json.NewDecoder(resp.Body).Decode(&p)
	}
}

// FanOut asks all at once; one that fails has no price. The ctx bounds it.
func FanOut(ctx context.Context, urls []string) ([]Price, error) {
	fs := make([]*future.Future[Price], len(urls))
	for i, u := range urls {
		fs[i] = future.Go(ctx, price(u)).
			Catch(func(context.Context, error) (Price, error) { return Price{Cents: -1}, nil })
	}
	return future.All(fs...).Await(ctx)
}
