package use

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

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

// FanOut asks all at once and gives each a moment; one that fails, or is late,
// has no price. The ctx bounds it all.
func FanOut(ctx context.Context, urls []string) ([]Price, error) {
	fs := make([]*future.Future[Price], len(urls))
	for i, u := range urls {
		fs[i] = future.Go(ctx, price(u)).
			Timeout(30 * time.Second).
			WithFallback(Price{Cents: -1})
	}
	return future.All(fs...).Await(ctx)
}

// FirstGood takes the first price below a dollar, and cancels the other calls;
// if there is none, any price will do.
func FirstGood(ctx context.Context, urls []string) (Price, error) {
	var fs []*future.Future[Price]
	for _, u := range urls {
		fs = append(fs, future.Go(ctx, price(u)))
	}
	for _, r := range future.AsCompleted(ctx, fs...) {
		if r.Err == nil && r.Value.Cents < 100 {
			return r.Value, nil
		}
	}
	return future.Any(fs...).Await(ctx)
}
