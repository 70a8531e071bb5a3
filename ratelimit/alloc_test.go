package ratelimit_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/internal/race"
	"github.com/thence-go/thence/ratelimit"
)

func TestAllocations(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	full, empty := ratelimit.NewLimiter(1e9, 1<<30), ratelimit.NewLimiter(0, 0)
	ctx, now := t.Context(), time.Now()
	chain, room := ratelimit.NewChain(full, ratelimit.NewLimiter(1e9, 1<<30)), ratelimit.NewConcurrency(1)
	for name, c := range map[string]struct {
		want float64
		call func()
	}{
		"Allow":            {0, func() { full.Allow() }},
		"Allow, refused":   {0, func() { empty.Allow() }},
		"AllowN":           {0, func() { full.AllowN(now, 3) }},
		"Wait, no waiting": {0, func() { _ = full.Wait(ctx) }},
		"Take":             {0, func() { full.Take(3) }},
		"Give":             {0, func() { full.Take(3); full.Give(3) }},
		"Chain":            {0, func() { chain.Take(3); chain.Give(2) }},
		"Acquire":          {0, func() { _ = room.Acquire(ctx, 1); room.Release(1) }},
		"Tokens":           {0, func() { full.Tokens() }},
		"Reserve":          {1, func() { full.Reserve() }},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, testing.AllocsPerRun(100, c.call))
		})
	}
}
