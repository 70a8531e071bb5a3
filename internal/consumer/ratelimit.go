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
