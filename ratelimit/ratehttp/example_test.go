package ratehttp_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/thence-go/thence/ratelimit"
	"github.com/thence-go/thence/ratelimit/ratehttp"
)

// Two requests an hour, for everybody together; who asks for the health of the
// server is not counted.
func ExampleMiddleware() {
	limit := ratelimit.NewLimiter(ratelimit.Every(time.Hour), 2)
	handler := ratehttp.Middleware(func(r *http.Request) ratelimit.Decision {
		if r.URL.Path == "/health" {
			return ratelimit.Decision{} // no limit
		}
		return limit.Take(1)
	})(http.NotFoundHandler())

	for _, path := range []string{"/a", "/b", "/c", "/health"} {
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, httptest.NewRequest("GET", path, nil))
		fmt.Println(path, rec.Code, rec.Header().Get("RateLimit-Policy"), rec.Header().Get("Retry-After") != "")
	}
	// Output:
	// /a 404 "default";q=2 false
	// /b 404 "default";q=2 false
	// /c 429 "default";q=2 true
	// /health 404  false
}

func ExamplePolicy_Middleware() {
	limit := ratelimit.NewLimiter(ratelimit.Every(600*time.Millisecond), 100)
	policy := ratehttp.Policy{Name: "burst", Window: time.Minute}
	handler := policy.Middleware(func(*http.Request) ratelimit.Decision { return limit.Take(1) })(http.NotFoundHandler())

	rec := httptest.NewRecorder()
	handler.ServeHTTP(rec, httptest.NewRequest("GET", "/", nil))
	fmt.Println("RateLimit-Policy:", rec.Header().Get("RateLimit-Policy"))
	fmt.Println("RateLimit:", rec.Header().Get("RateLimit"))
	// Output:
	// RateLimit-Policy: "burst";q=100;w=60
	// RateLimit: "burst";r=99
}

// A server that wants to be left alone is, by everybody who uses the client.
func ExampleTransport() {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		http.Error(w, "busy", http.StatusServiceUnavailable)
	}))
	defer srv.Close()

	client := &http.Client{Transport: ratehttp.Transport(nil, ratelimit.NewLimiter(1000, 10))}
	defer client.CloseIdleConnections()
	resp, err := client.Get(srv.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = resp.Body.Close()
	fmt.Println(resp.StatusCode)

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, "GET", srv.URL, nil)
	_, err = client.Do(req)
	var paused *ratehttp.PausedError
	fmt.Println(errors.As(err, &paused), paused.RetryAfter().Round(time.Hour))
	// Output:
	// 503
	// true 1h0m0s
}

// With package future, what is safe to send twice is sent again when the server
// says so:
//
//	page := future.Retry(policy, func(ctx context.Context) (*http.Response, error) {
//		resp, err := get(ctx, url)
//		if err != nil || resp.StatusCode != http.StatusTooManyRequests {
//			return resp, err
//		}
//		resp.Body.Close()
//		after, _ := ratehttp.RetryAfter(resp)
//		return nil, future.RetryAfter(after, errBusy)
//	})
func ExampleRetryAfter() {
	resp := &http.Response{Header: http.Header{"Retry-After": {"120"}}}
	fmt.Println(ratehttp.RetryAfter(resp))
	// Output: 2m0s true
}
