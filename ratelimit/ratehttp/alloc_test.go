package ratehttp_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/internal/race"
	"github.com/thence-go/thence/ratelimit"
	"github.com/thence-go/thence/ratelimit/ratehttp"
)

// nowhere is where writes and requests cost nothing.
type nowhere struct{ h http.Header }

func (n nowhere) Header() http.Header                           { return n.h }
func (nowhere) Write(b []byte) (int, error)                     { return len(b), nil }
func (nowhere) WriteHeader(int)                                 {}
func (nowhere) ServeHTTP(http.ResponseWriter, *http.Request)    {}
func (nowhere) RoundTrip(*http.Request) (*http.Response, error) { return fine, nil }

var fine = &http.Response{StatusCode: 200}

// What has no limit costs nothing, nor does a client whose servers want nothing.
func TestAllocations(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	req, err := http.NewRequestWithContext(t.Context(), "GET", "http://example.com", nil)
	require.NoError(t, err)
	out := nowhere{http.Header{}}
	free := ratehttp.Middleware(func(*http.Request) (d ratelimit.Decision) { return d })(out)
	client := ratehttp.Transport(out, ratelimit.NewLimiter(ratelimit.Inf, 0))
	for name, call := range map[string]func(){
		"Middleware, no limit": func() { free.ServeHTTP(out, req) },
		"Transport, no pause":  func() { _, _ = client.RoundTrip(req) },
	} {
		t.Run(name, func(t *testing.T) { require.Zero(t, testing.AllocsPerRun(100, call)) })
	}
}
