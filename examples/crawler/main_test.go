package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/thence-go/thence/ratelimit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func crawled(t *testing.T, ctx context.Context, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	var out, errs bytes.Buffer
	code = run(ctx, args, &out, &errs)
	return code, out.String(), errs.String()
}

func TestItsOwnSite(t *testing.T) {
	code, out, errs := crawled(t, t.Context(), "-rate", "1e6", "-depth", "5")
	require.Equal(t, exitBroken, code, errs)
	// On two hosts: a front page, what was moved to it, 5 sections, each with 6
	// articles and a link to nowhere.
	require.Contains(t, out, "84 pages in ")
	require.Contains(t, out, ", 10 broken\n")
	require.Equal(t, 10, strings.Count(out, ": 404 Not Found\n"), out)
	require.Contains(t, out, "/gone/0, on http://127.0.0.1:")
}

func TestDepth(t *testing.T) {
	code, out, _ := crawled(t, t.Context(), "-rate", "1e6", "-depth", "1")
	require.Equal(t, exitOK, code)
	require.Contains(t, out, "7 pages in ", "the front page, 5 sections and the other host")
}

func TestOneRequestAtATimeToEachHost(t *testing.T) {
	s, err := serve()
	require.NoError(t, err)
	defer s.close()
	code, _, _ := crawled(t, t.Context(), "-rate", "1e6", "-workers", "32", "-depth", "4", s.start)
	require.Equal(t, exitBroken, code)
	require.EqualValues(t, 1, s.busiest.Load())
}

// A host whose limit is used up is not asked again.
func TestTheLimitOfAHost(t *testing.T) {
	asked := 0 // by one host, so one at a time
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		fmt.Fprintf(w, `<a href="/%d">next</a>`, asked)
	}))
	defer server.Close()
	first, err := url.Parse(server.URL)
	require.NoError(t, err)

	c := &crawler{client: server.Client(), hosts: ratelimit.NewKeyed[string](0, 3, 10), workers: 8}
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(time.Hour))
	defer cancel()
	r, err := c.crawl(ctx, first, 5)
	require.ErrorIs(t, err, ratelimit.ErrLimit)
	require.Equal(t, 3, r.pages)
	require.Equal(t, 3, asked)
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}))
	defer server.Close()
	code, out, errs := crawled(t, ctx, server.URL)
	require.Equal(t, exitInterrupted, code)
	require.Contains(t, out, "0 pages in ")
	require.Equal(t, "interrupted\n", errs)
}

func TestWrongArguments(t *testing.T) {
	for _, args := range [][]string{
		{"-depth", "-1"}, {"-workers", "0"}, {"-rate", "0"}, {"-nothing"}, {"a", "b"}, {"example.com"}, {"ftp://example.com/"}, {"http://%"},
	} {
		code, _, errs := crawled(t, t.Context(), args...)
		require.Equal(t, exitUsage, code, "%q", args)
		require.NotEmpty(t, errs)
	}
}

func TestNobodyAnswers(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := "http://" + l.Addr().String() + "/"
	require.NoError(t, l.Close())
	code, out, _ := crawled(t, t.Context(), address)
	require.Equal(t, exitBroken, code)
	require.Contains(t, out, "connection refused")
	require.Contains(t, out, "1 pages in ")
}
