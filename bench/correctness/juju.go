package main

import (
	"context"
	"errors"
	"time"

	"github.com/juju/ratelimit"
)

func jujuLimiter() subject[limiterKit] {
	return subject[limiterKit]{
		library{"juju/ratelimit", "github.com/juju/ratelimit", "`NewBucketWithRate`, `Wait`, `WaitMaxDuration`; it has neither ctx nor errors, and its rate is fixed"},
		limiterKit{open: func(perSecond float64, burst int) openLimiter {
			b := ratelimit.NewBucketWithRate(perSecond, int64(burst))
			return openLimiter{
				deaf:   true,
				silent: true,
				wait: func(context.Context) error {
					b.Wait(1)
					return nil
				},
				within: func(_ context.Context, d time.Duration) error {
					if !b.WaitMaxDuration(1, d) {
						return errors.New("it would take longer")
					}
					return nil
				},
			}
		}},
	}
}
