package consumer

import (
	"context"
	"net/http"
	"net/http/httptest"
	"time"

	rate "github.com/thence-go/thence/ratelimit" // as code that moves over from x/time/rate names it
	"github.com/thence-go/thence/ratelimit/ratehttp"
)

func Limited(ctx context.Context) (allowed int, err error) {
	l := rate.NewLimiter(rate.Every(time.Hour), 3)
	if err := l.Wait(ctx); err != nil {
		return 0, err
	}
	for range 5 {
		if l.Allow() {
			allowed++
		}
	}
	return allowed, nil
}

// Served is a server whose limit is 2, and a client that obeys it.
func Served(ctx context.Context) (codes []int, err error) {
	limit := rate.NewLimiter(rate.Every(time.Hour), 2)
	handler := ratehttp.Middleware(func(*http.Request) rate.Decision { return limit.Take(1) })(http.NotFoundHandler())
	client := ratehttp.Transport(inMemory{handler}, rate.NewLimiter(rate.Inf, 0))
	for range 3 {
		req, err := http.NewRequestWithContext(ctx, "GET", "http://example.com/", nil)
		if err != nil {
			return nil, err
		}
		resp, err := client.RoundTrip(req)
		if err != nil {
			return nil, err
		}
		codes = append(codes, resp.StatusCode)
	}
	return codes, nil
}

type inMemory struct{ http.Handler }

func (m inMemory) RoundTrip(req *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	m.ServeHTTP(rec, req)
	return rec.Result(), nil
}
