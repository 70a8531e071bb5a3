package consumer

import (
	"context"
	"time"

	rate "github.com/thence-go/thence/ratelimit" // as code that moves over from x/time/rate names it
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

// bounded takes a limiter of any kind of key, as generic code does.
func bounded[K comparable](k *rate.Keyed[K], keys ...K) (allowed int) {
	for _, key := range keys {
		if k.Allow(key) {
			allowed++
		}
	}
	return allowed
}

func LimitedEach() int {
	return bounded(rate.NewKeyed[string](rate.Every(time.Hour), 1, 10), "a", "b", "a")
}
