package ratehttp_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/ratelimit"
	"github.com/thence-go/thence/ratelimit/ratehttp"
)

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func responding(code int, retryAfter string) *http.Response {
	r := &http.Response{StatusCode: code, Header: http.Header{}, Body: http.NoBody}
	if retryAfter != "" {
		r.Header.Set("Retry-After", retryAfter)
	}
	return r
}

// Those who wait for the limiter while a pause begins are spread by it when the
// pause is over, as all others are.
func TestNoHerdAtTheEndOfAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin, asked := time.Now(), map[time.Duration]int{}
		var mu sync.Mutex
		n := 0
		tr := ratehttp.Transport(roundTripper(func(*http.Request) (*http.Response, error) {
			mu.Lock()
			n++
			first := n == 1
			asked[time.Since(begin)]++
			mu.Unlock()
			if first {
				time.Sleep(time.Second / 2)
				return responding(http.StatusTooManyRequests, "60"), nil
			}
			return responding(http.StatusOK, ""), nil
		}), ratelimit.NewLimiter(1, 1))
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				request, err := http.NewRequest(http.MethodGet, "http://a/", nil)
				require.NoError(t, err)
				_, err = tr.RoundTrip(request)
				require.NoError(t, err)
			})
		}
		wg.Wait()
		require.Equal(t, 100, n)
		for at, k := range asked {
			require.Equal(t, 1, k, "after %v", at)
			require.True(t, at == 0 || at >= 60*time.Second+time.Second/2, "after %v", at)
		}
	})
}

func TestADelayBeyondAllNumbers(t *testing.T) {
	d, ok := ratehttp.RetryAfter(responding(http.StatusTooManyRequests, strings.Repeat("9", 40)))
	require.True(t, ok)
	require.Equal(t, 24*time.Hour, d)
}

func TestTheDefaultPortIsThePortOfTheScheme(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := ratehttp.Transport(roundTripper(func(*http.Request) (*http.Response, error) {
			return responding(http.StatusTooManyRequests, "60"), nil
		}), nil)
		ask := func(url string) error {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
			require.NoError(t, err)
			_, err = tr.RoundTrip(request)
			return err
		}
		require.NoError(t, ask("http://a/"))
		var paused *ratehttp.PausedError
		require.ErrorAs(t, ask("http://A:80/"), &paused, "the same server and port")
		require.NoError(t, ask("https://a/"), "another port")
		require.ErrorAs(t, ask("https://a:443/"), &paused)
		require.NoError(t, ask("http://a:8080/"))
	})
}
