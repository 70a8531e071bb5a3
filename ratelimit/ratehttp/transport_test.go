package ratehttp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
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

const tick = 100 * time.Millisecond

// servers answer in memory, at once, and log when they were asked.
type servers struct {
	t     *testing.T
	rt    http.RoundTripper
	start time.Time
	takes time.Duration // to answer
	mu    sync.Mutex
	say   []answer // in turn; then 200
	log   []string
}

// answer is one that a server gives: a status and fields, "Name: value".
type answer struct {
	code   int
	fields []string
}

func says(code int, fields ...string) answer { return answer{code, fields} }

func (s *servers) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, fmt.Sprint(req.URL.Host, req.URL.Path, " at ", time.Since(s.start)))
	a := says(200)
	if len(s.say) > 0 {
		a, s.say = s.say[0], s.say[1:]
	}
	s.mu.Unlock()
	time.Sleep(s.takes)
	s.mu.Lock()
	resp := &http.Response{StatusCode: a.code, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("")), Request: req}
	for _, f := range a.fields {
		name, value, _ := strings.Cut(f, ": ")
		resp.Header.Add(name, value)
	}
	return resp, nil
}

// meet runs fn in a bubble with a client and servers that answer so.
func meet(t *testing.T, l interface{ Wait(context.Context) error }, say []answer, fn func(s *servers)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &servers{t: t, start: time.Now(), say: say}
		s.rt = ratehttp.Transport(s, l)
		fn(s)
	})
}

// get asks for a page as "host/path".
func (s *servers) get(ctx context.Context, page string) error {
	req, err := http.NewRequestWithContext(ctx, "GET", "http://"+page, nil)
	require.NoError(s.t, err)
	resp, err := s.rt.RoundTrip(req)
	if err == nil {
		_ = resp.Body.Close()
	}
	return err
}

func (s *servers) ok(page string) {
	s.t.Helper()
	require.NoError(s.t, s.get(s.t.Context(), page))
}

func date(d time.Duration) string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }

func TestARefusalPausesItsHost(t *testing.T) {
	for name, c := range map[string]struct {
		say  func() answer
		wait time.Duration
	}{
		"429, seconds": {func() answer { return says(429, "Retry-After: 7") }, 7 * time.Second},
		"503, seconds": {func() answer { return says(503, "Retry-After: 7") }, 7 * time.Second},
		"429, a date":  {func() answer { return says(429, "Retry-After: "+date(9*time.Second)) }, 9 * time.Second},
		"a date of another clock": {func() answer {
			return says(429, "Date: "+date(-time.Hour), "Retry-After: "+date(9*time.Second-time.Hour))
		}, 9 * time.Second},
		"a date that has passed":    {func() answer { return says(429, "Retry-After: "+date(-time.Second)) }, 0},
		"429 that says nothing":     {func() answer { return says(429) }, 0},
		"no number":                 {func() answer { return says(429, "Retry-After: soon") }, 0},
		"a negative number":         {func() answer { return says(429, "Retry-After: -5") }, 0},
		"a fraction":                {func() answer { return says(429, "Retry-After: 1.5") }, 0},
		"200":                       {func() answer { return says(200, "Retry-After: 7") }, 0},
		"500":                       {func() answer { return says(500, "Retry-After: 7") }, 0},
		"more than a day":           {func() answer { return says(429, "Retry-After: 9223372036854775807") }, 24 * time.Hour},
		"a date in a hundred years": {func() answer { return says(429, "Retry-After: "+date(876000*time.Hour)) }, 24 * time.Hour},

		"nothing left":                       {func() answer { return says(429, `RateLimit: "a";r=0;t=5`) }, 5 * time.Second},
		"nothing left, in one of two":        {func() answer { return says(429, `RateLimit: "a";r=5;t=5, "b";r=0;t=6`) }, 6 * time.Second},
		"nothing left, in two of two fields": {func() answer { return says(429, `RateLimit: "a";r=0;t=6`, `RateLimit: "b";r=0;t=8`) }, 8 * time.Second},
		"Retry-After goes before":            {func() answer { return says(429, `RateLimit: "a";r=0;t=5`, "Retry-After: 2") }, 2 * time.Second},
		"nothing left, of a token":           {func() answer { return says(429, `RateLimit: a ;t=5; r=0 ;pk=:cHsdsRa894==:`) }, 5 * time.Second},
		"a name with all that separates":     {func() answer { return says(429, `RateLimit: "a,b;r=9\",\\";r=0;t=5`) }, 5 * time.Second},
		"nothing left, no window":            {func() answer { return says(429, `RateLimit: "a";r=0`) }, 0},
		"a malformed field":                  {func() answer { return says(429, `RateLimit: "a";r=0;t=5, "b";r=x;t=5`) }, 0},
		"no quota":                           {func() answer { return says(429, `RateLimit: "a";t=5`) }, 0},
		"no name":                            {func() answer { return says(429, `RateLimit: ;r=0;t=5`) }, 0},
		"200, nothing left":                  {func() answer { return says(200, `RateLimit: "a";r=0;t=5`) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			meet(t, nil, nil, func(s *servers) {
				s.say = []answer{c.say()}
				s.ok("a")
				s.ok("b")
				s.ok("A")
				s.ok("a")
				require.Equal(t, []string{
					"a at 0s", "b at 0s", fmt.Sprint("A at ", c.wait), fmt.Sprint("a at ", c.wait),
				}, s.log)
			})
		})
	}
}

func TestWhatIsLeftIsSpread(t *testing.T) {
	for name, c := range map[string]struct {
		say  answer
		want []string // of six that are asked for at once
	}{
		"three in ten seconds": {says(429, `RateLimit: "a";r=3;t=10`),
			[]string{"0s", "3.333333334s", "6.666666668s", "10s", "10s", "10s"}},
		"two, once the pause is over": {says(429, `RateLimit: "a";r=2;t=10`, "Retry-After: 4"),
			[]string{"4s", "7s", "10s", "10s", "10s", "10s"}},
		"the slower of two": {says(429, `RateLimit: "a";r=1;t=10, "b";r=10;t=10`),
			[]string{"0s", "10s", "10s", "10s", "10s", "10s"}},
		"the pause is longer": {says(429, `RateLimit: "a";r=2;t=10`, "Retry-After: 11"),
			[]string{"11s", "11s", "11s", "11s", "11s", "11s"}},
		"plenty": {says(429, `RateLimit: "a";r=999999999999999;t=1`),
			[]string{"0s", "1ns", "2ns", "3ns", "4ns", "5ns"}},
	} {
		t.Run(name, func(t *testing.T) {
			meet(t, nil, []answer{c.say}, func(s *servers) {
				s.ok("a")
				s.log = nil
				var wg sync.WaitGroup
				for range c.want {
					wg.Go(func() { s.ok("a") })
				}
				wg.Wait()
				for i, at := range c.want {
					require.Equal(t, "a at "+at, s.log[i])
				}
			})
		})
	}
}

func TestTheLimiterIsAskedOnceThePauseIsOver(t *testing.T) {
	l := ratelimit.NewLimiter(1, 1)
	meet(t, l, []answer{says(429, "Retry-After: 5")}, func(s *servers) {
		s.ok("a")
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() { s.ok("a") })
		}
		wg.Wait()
		require.Equal(t, []string{"a at 0s", "a at 5s", "a at 6s", "a at 7s"}, s.log, "not all at once")
	})
}

// Who was asleep in the limiter when the pause began waits for it, too.
func TestAPauseReachesThoseWhoWaitForTheLimiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := ratelimit.NewLimiter(1, 2)
		s := &servers{t: t, start: time.Now(), takes: tick, say: []answer{says(200), says(429, "Retry-After: 5")}}
		s.rt = ratehttp.Transport(s, l)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() { s.ok("a") })
		}
		wg.Wait()
		require.Equal(t, []string{"a at 0s", "a at 0s", "a at 5.1s", "a at 5.1s"}, s.log)
	})
}

// Answers may come in any order: what any of them asked for holds.
func TestALaterAnswerDoesNotShortenAPause(t *testing.T) {
	pause, short := says(429, "Retry-After: 9"), says(429, "Retry-After: 1")
	two, none := says(429, `RateLimit: "a";r=2;t=5`), says(429, "Retry-After: 0")
	for name, c := range map[string]struct {
		say   []answer
		later time.Duration
		want  []string
	}{
		"two pauses":               {[]answer{pause, short}, 0, []string{"a at 9.1s", "a at 9.1s"}},
		"a pause, then a pace":     {[]answer{pause, two}, 6 * time.Second, []string{"a at 9.1s", "a at 9.1s"}},
		"a pace, then a pause":     {[]answer{two, short}, 0, []string{"a at 1.1s", "a at 3.6s"}},
		"a pace, then not a thing": {[]answer{two, none}, 0, []string{"a at 100ms", "a at 2.6s"}},
	} {
		t.Run(name, func(t *testing.T) {
			meet(t, nil, c.say, func(s *servers) {
				s.takes = tick
				var wg sync.WaitGroup
				for range c.say {
					wg.Go(func() { s.ok("a") })
					synctest.Wait()
				}
				wg.Wait()
				s.takes = 0
				time.Sleep(c.later)
				s.ok("a")
				s.ok("a")
				require.Equal(t, c.want, s.log[len(c.say):])
			})
		})
	}
}

// body is a request's body that sees whether it was closed.
type body struct {
	io.Reader
	closed bool
}

func (b *body) Close() error { b.closed = true; return nil }

func TestWhatIsNotSentIsClosed(t *testing.T) {
	boom := errors.New("boom")
	for name, c := range map[string]struct {
		ctx  func(context.Context) (context.Context, context.CancelFunc)
		at   time.Duration
		is   []error
		not  error
		text string
	}{
		"the deadline comes before": {
			func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, 3*time.Second)
			},
			0, []error{ratelimit.ErrLimit, context.DeadlineExceeded}, context.Canceled,
			"ratehttp: a asked to be left alone for 7s more, and the context ends before: try again later, or give it more time",
		},
		"the deadline comes at the end": {
			func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, 7*time.Second)
			},
			0, []error{ratelimit.ErrLimit, context.DeadlineExceeded}, context.Canceled,
			"ratehttp: a asked to be left alone for 7s more, and the context ends before: try again later, or give it more time",
		},
		"canceled meanwhile": {
			func(ctx context.Context) (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancelCause(ctx)
				time.AfterFunc(2*time.Second, func() { cancel(boom) })
				return ctx, func() { cancel(nil) }
			},
			2 * time.Second, []error{context.Canceled, boom}, context.DeadlineExceeded,
			"ratehttp: a asked to be left alone for 5s more, and the wait was stopped: boom",
		},
		"canceled before": {
			func(ctx context.Context) (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancelCause(ctx)
				cancel(boom)
				return context.WithTimeout(ctx, time.Second)
			},
			0, []error{context.Canceled, boom}, context.DeadlineExceeded,
			"ratehttp: a asked to be left alone for 7s more, and the wait was stopped: boom",
		},
	} {
		t.Run(name, func(t *testing.T) {
			meet(t, nil, []answer{says(429, "Retry-After: 7")}, func(s *servers) {
				s.ok("a")
				ctx, cancel := c.ctx(s.t.Context())
				defer cancel()
				b := &body{Reader: strings.NewReader("payload")}
				req, err := http.NewRequestWithContext(ctx, "POST", "http://a", b)
				require.NoError(t, err)
				_, err = s.rt.RoundTrip(req)
				require.Equal(t, c.at, time.Since(s.start))
				for _, target := range c.is {
					require.ErrorIs(t, err, target)
				}
				require.NotErrorIs(t, err, c.not)
				require.Equal(t, c.not == context.Canceled, errors.Is(err, ratelimit.ErrLimit))
				require.EqualError(t, err, c.text)
				var paused *ratehttp.PausedError
				require.ErrorAs(t, err, &paused)
				require.Equal(t, "a", paused.Host)
				require.Equal(t, 7*time.Second-c.at, paused.RetryAfter())
				require.Equal(t, c.not == context.Canceled, paused.Timeout())
				require.True(t, b.closed)
				require.Len(t, s.log, 1, "it was not sent")
			})
		})
	}
	t.Run("refused by the limiter", func(t *testing.T) {
		meet(t, ratelimit.NewLimiter(0, 0), nil, func(s *servers) {
			b := &body{Reader: strings.NewReader("payload")}
			req, err := http.NewRequestWithContext(s.t.Context(), "POST", "http://a", b)
			require.NoError(t, err)
			_, err = s.rt.RoundTrip(req)
			require.ErrorIs(t, err, ratelimit.ErrLimit)
			require.True(t, b.closed)
			require.Empty(t, s.log)
		})
	})
	t.Run("no turn before the deadline", func(t *testing.T) {
		meet(t, nil, []answer{says(429, `RateLimit: "a";r=2;t=10`)}, func(s *servers) {
			s.ok("a")
			s.ok("a")
			ctx, cancel := context.WithTimeout(s.t.Context(), 4*time.Second)
			defer cancel()
			err := s.get(ctx, "a")
			require.ErrorIs(t, err, context.DeadlineExceeded)
			var limit *ratelimit.LimitError
			require.ErrorAs(t, err, &limit)
			require.Equal(t, 5*time.Second, limit.RetryAfter(), "its turn, not the end of the window")
			require.Equal(t, []string{"a at 0s", "a at 0s"}, s.log)
			require.Zero(t, time.Since(s.start), "at once")
		})
	})
}

// A server cannot make a client remember more and more.
func TestMemoryIsBounded(t *testing.T) {
	meet(t, nil, nil, func(s *servers) {
		const hosts = 3000
		for i := range hosts {
			s.say = []answer{says(429, fmt.Sprint("Retry-After: ", i+1))}
			s.ok(fmt.Sprint("host", i))
		}
		require.Equal(t, ratehttp.MaxHosts, ratehttp.Remembered(s.rt))
		s.ok("host0")
		require.Zero(t, time.Since(s.start), "those are forgotten whose pause would have ended first")
		now, cancel := context.WithTimeout(s.t.Context(), 1)
		defer cancel()
		for i := hosts - ratehttp.MaxHosts; i < hosts; i++ {
			require.Error(t, s.get(now, fmt.Sprint("host", i)), "the others are not")
		}

		time.Sleep(hosts * time.Second)
		s.say = []answer{says(429, "Retry-After: 1"), says(429, "Retry-After: 1")}
		s.ok("one.more")
		s.ok("two.more")
		require.Equal(t, 2, ratehttp.Remembered(s.rt), "what is over is forgotten when room is needed")
		s.ok("one.more")
		s.ok("two.more")
		require.Zero(t, ratehttp.Remembered(s.rt))
	})
}

func TestCloseIdleConnectionsIsPassedOn(t *testing.T) {
	under := &closer{}
	(&http.Client{Transport: ratehttp.Transport(under, nil)}).CloseIdleConnections()
	require.True(t, under.closed)
}

type closer struct {
	http.RoundTripper
	closed bool
}

func (c *closer) CloseIdleConnections() { c.closed = true }
