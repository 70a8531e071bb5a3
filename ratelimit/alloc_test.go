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
	for name, c := range map[string]struct {
		want float64
		call func()
	}{
		"Allow":            {0, func() { full.Allow() }},
		"Allow, refused":   {0, func() { empty.Allow() }},
		"AllowN":           {0, func() { full.AllowN(now, 3) }},
		"Wait, no waiting": {0, func() { _ = full.Wait(ctx) }},
		"Tokens":           {0, func() { full.Tokens() }},
		"Reserve":          {1, func() { full.Reserve() }},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, testing.AllocsPerRun(100, c.call))
		})
	}
}
