package ratehttp_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/ratelimit"
	"github.com/thence-go/thence/ratelimit/ratehttp"
)

// On loopback time is real, so nothing here depends on how much of it passes:
// the limits give nothing back within a test.
func TestOnLoopback(t *testing.T) {
	l := ratelimit.NewLimiter(ratelimit.Every(24*time.Hour), 3)
	var served atomic.Int64
	srv := httptest.NewServer(ratehttp.Middleware(func(r *http.Request) (d ratelimit.Decision) {
		if r.URL.Path != "/free" {
			d = l.Take(1)
		}
		return d
	})(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		served.Add(1)
		_, _ = io.Copy(w, r.Body)
	})))
	defer srv.Close()
	base := srv.Client().Transport
	client := &http.Client{Transport: ratehttp.Transport(base, nil)}
	defer client.CloseIdleConnections()

	post := func(client *http.Client, path string) *http.Response {
		resp, err := client.Post(srv.URL+path, "text/plain", strings.NewReader("payload"))
		require.NoError(t, err)
		text, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, resp.StatusCode == 200, string(text) == "payload")
		return resp
	}
	for left := 2; left >= 0; left-- {
		resp := post(client, "/")
		require.Equal(t, 200, resp.StatusCode)
		require.Equal(t, `"default";r=`+strconv.Itoa(left), resp.Header.Get("RateLimit"))
		require.Equal(t, `"default";q=3`, resp.Header.Get("RateLimit-Policy"))
	}
	require.NotContains(t, post(client, "/free").Header, "Ratelimit", "no limit, nothing to tell")

	resp := post(client, "/")
	require.Equal(t, 429, resp.StatusCode)
	after, ok := ratehttp.RetryAfter(resp)
	require.True(t, ok)
	require.Positive(t, after)

	// From now on this client does not ask, and another one is told the same.
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", srv.URL, nil)
	require.NoError(t, err)
	_, err = client.Do(req)
	var paused *ratehttp.PausedError
	require.ErrorAs(t, err, &paused)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Equal(t, 429, post(&http.Client{Transport: base}, "/").StatusCode)
	require.EqualValues(t, 4, served.Load())
}

// The client's limit is one of how many are sent, whoever sends them.
func TestManyClientsOnLoopback(t *testing.T) {
	var served atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served.Add(1) }))
	defer srv.Close()
	l := ratelimit.NewLimiter(ratelimit.Every(24*time.Hour), 10)
	client := &http.Client{Transport: ratehttp.Transport(srv.Client().Transport, l)}
	defer client.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	var wg sync.WaitGroup
	var refused atomic.Int64
	for range 30 {
		wg.Go(func() {
			req, _ := http.NewRequestWithContext(ctx, "GET", srv.URL, nil)
			resp, err := client.Do(req)
			if err != nil {
				refused.Add(1)
				return
			}
			_ = resp.Body.Close()
		})
	}
	wg.Wait()
	require.EqualValues(t, 10, served.Load())
	require.EqualValues(t, 20, refused.Load())
}

// pipes is a listener whose connections are in memory, so that time is virtual.
type pipes struct {
	conns chan net.Conn
	over  chan struct{}
	once  sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.over:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { p.once.Do(func() { close(p.over) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }
func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		return client, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// A server and clients of net/http, in virtual time: nobody is refused twice,
// because everybody comes back when told.
func TestServerAndClientInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := ratelimit.NewLimiter(ratelimit.Every(1500*time.Millisecond), 2)
		refused := 0
		ps := &pipes{conns: make(chan net.Conn), over: make(chan struct{})}
		srv := &http.Server{Handler: ratehttp.Middleware(func(*http.Request) ratelimit.Decision {
			d := l.Take(1)
			if !d.OK {
				refused++
			}
			return d
		})(hello)}
		var wg sync.WaitGroup
		wg.Go(func() { _ = srv.Serve(ps) })
		client := &http.Client{Transport: ratehttp.Transport(&http.Transport{DialContext: ps.dial}, nil)}

		start := time.Now()
		var served []string
		for len(served) < 5 {
			resp, err := client.Get("http://pipes/")
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			if resp.StatusCode == 200 {
				served = append(served, time.Since(start).String())
			}
		}
		require.Equal(t, []string{"0s", "0s", "2s", "3s", "5s"}, served)
		require.Equal(t, 3, refused)

		client.CloseIdleConnections()
		require.NoError(t, srv.Close())
		wg.Wait()
	})
}
