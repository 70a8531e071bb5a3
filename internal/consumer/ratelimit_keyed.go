package consumer

import (
	"time"

	"github.com/thence-go/thence/ratelimit"
)

// bounded takes a limiter of any kind of key, as generic code does.
func bounded[K comparable](k *ratelimit.Keyed[K], keys ...K) (allowed int) {
	for _, key := range keys {
		if k.Allow(key) {
			allowed++
		}
	}
	return allowed
}

func LimitedEach() int {
	return bounded(ratelimit.NewKeyed[string](ratelimit.Every(time.Hour), 1, 10), "a", "b", "a")
}
