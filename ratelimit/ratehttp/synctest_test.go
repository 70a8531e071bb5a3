package ratehttp_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/ratelimit"
	"github.com/thence-go/thence/ratelimit/ratehttp"
)

func TestLaw12_WholeAPIInTwoBubbles(t *testing.T) {
	testkit.TwoBubbles(t, func(t *testing.T) {
		l := ratelimit.NewLimiter(1, 1)
		take := func(*http.Request) ratelimit.Decision { return l.Take(1) }
		h := ratehttp.Policy{Name: "all", Window: time.Second}.Middleware(take)(hello)
		require.Equal(t, 200, ask(h).Code)
		rec := ask(ratehttp.Middleware(take)(hello))
		require.Equal(t, 429, rec.Code)
		after, ok := ratehttp.RetryAfter(rec.Result())
		require.True(t, ok)
		require.Equal(t, time.Second, after)

		s := &servers{t: t, start: time.Now(), say: []answer{says(429, "Retry-After: 3", `RateLimit: "a";r=1;t=9`)}}
		s.rt = ratehttp.Transport(s, ratelimit.NewLimiter(1, 1))
		for range 3 {
			s.ok("a")
		}
		require.Equal(t, []string{"a at 0s", "a at 3s", "a at 9s"}, s.log)
	})
}
