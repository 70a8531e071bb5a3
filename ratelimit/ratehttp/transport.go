package ratehttp

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Transport returns a RoundTripper that sends a request when it may: not before
// its host wants to be asked again, nor before l lets it through.
//
// A host is the host and port of a URL, the port being that of the scheme if
// there is none. One that answers 429 or 503 is paused:
//
//   - for as long as Retry-After says, seconds or a date, at most a day;
//   - without that, until the end of the longest window of the RateLimit field
//     in which nothing is left.
//
// If something is left in a window that ends later, requests to the host keep
// an even distance until then, so that they are no more than that. Other
// answers change nothing: what is left is then spent at the pace of l.
//
// No request is ever sent twice: a 429 is returned like any other answer.
// [RetryAfter] says when to ask again.
//
// What is remembered is bounded: 1024 hosts that are paused at the same time.
//
// If base is nil, it is http.DefaultTransport. If l is nil, only the hosts say
// when. The RoundTripper is safe for concurrent use if base and l are.
//
// On cancel: a request whose context ends before it may be sent is not sent.
// If the context's deadline comes before the end of a pause, that is so at
// once. The error is a [*PausedError], or that of l. What l has granted to a
// request that is then not sent is lost. The body is closed.
func Transport(base http.RoundTripper, l interface{ Wait(context.Context) error }) http.RoundTripper {
	return &transport{base: base, limiter: l}
}

type transport struct {
	base    http.RoundTripper // nil: http.DefaultTransport
	limiter interface{ Wait(context.Context) error }
	pauses  pauses
}

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	host := hostOf(req.URL)
	if err := t.wait(req.Context(), host); err != nil {
		if req.Body != nil {
			_ = req.Body.Close() // a RoundTripper does, also if it fails
		}
		return nil, err
	}
	resp, err := t.under().RoundTrip(req)
	if err == nil {
		t.pauses.learn(host, resp)
	}
	return resp, err
}

// wait waits for the host first, so that those who have waited for it are still
// spread by the limiter. Whom the limiter has let through while the host was
// paused begins again: else all of those would go at the end of the pause.
func (t *transport) wait(ctx context.Context, host string) error {
	var known *pause
	for {
		waited, err := t.pauses.wait(ctx, host, known)
		if err != nil || t.limiter == nil {
			return err
		}
		if err := t.limiter.Wait(ctx); err != nil {
			return err
		}
		now := t.pauses.of(host, time.Now())
		if now == nil || now == waited {
			return nil
		}
		known = waited
	}
}

func (t *transport) under() http.RoundTripper {
	if t.base == nil {
		return http.DefaultTransport
	}
	return t.base
}

// CloseIdleConnections is what http.Client.CloseIdleConnections calls.
func (t *transport) CloseIdleConnections() {
	if c, ok := t.under().(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// hostOf returns a host in one way of writing: with its port, but that of http.
func hostOf(u *url.URL) string {
	if u == nil {
		return ""
	}
	host, port := strings.ToLower(u.Hostname()), u.Port()
	switch {
	case port == "" && u.Scheme == "https":
		port = "443"
	case port == "" || port == "80" && u.Scheme == "http":
		return host
	}
	return net.JoinHostPort(host, port)
}
