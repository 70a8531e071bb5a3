package ratehttp_test

import (
	"math"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/ratelimit"
	"github.com/thence-go/thence/ratelimit/ratehttp"
)

// always decides d about every request.
func always(d ratelimit.Decision) func(*http.Request) ratelimit.Decision {
	return func(*http.Request) ratelimit.Decision { return d }
}

var hello = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) })

// ask makes a request to h in memory.
func ask(h http.Handler) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest("GET", "/", nil))
	return rec
}

func TestWhatClientsAreTold(t *testing.T) {
	const none = ""
	greatest := strconv.FormatInt(min(int64(math.MaxInt-1), 999_999_999_999_999), 10)
	for name, c := range map[string]struct {
		policy                 ratehttp.Policy
		d                      ratelimit.Decision
		code                   int
		retry, limit, policies string
	}{
		"the zero Decision: no limit": {
			code: 200,
		},
		"granted": {
			d:    ratelimit.Decision{OK: true, Limit: 100, Remaining: 50},
			code: 200, limit: `"default";r=50`, policies: `"default";q=100`,
		},
		"granted, no limit": {
			d:    ratelimit.Decision{OK: true, Limit: math.MaxInt, Remaining: math.MaxInt},
			code: 200,
		},
		"granted, all that there was": {
			d:    ratelimit.Decision{OK: true, Limit: 1},
			code: 200, limit: `"default";r=0`, policies: `"default";q=1`,
		},
		"refused": {
			d:    ratelimit.Decision{Reason: ratelimit.Exhausted, RetryAfter: 3 * time.Second, Limit: 100, Remaining: 2},
			code: 429, retry: "3", limit: `"default";r=2;t=3`, policies: `"default";q=100`,
		},
		"refused, rounded up": {
			d:    ratelimit.Decision{Reason: ratelimit.Exhausted, RetryAfter: 2*time.Second + 1, Limit: 100},
			code: 429, retry: "3", limit: `"default";r=0;t=3`, policies: `"default";q=100`,
		},
		"refused, never": {
			d:    ratelimit.Decision{Reason: ratelimit.OverBurst, RetryAfter: ratelimit.InfDuration, Limit: 5, Remaining: 5},
			code: 429, retry: none, limit: `"default";r=5`, policies: `"default";q=5`,
		},
		"refused, almost never": {
			d:    ratelimit.Decision{Reason: ratelimit.TooFar, RetryAfter: ratelimit.InfDuration - 1, Limit: 5},
			code: 429, retry: "9223372037", limit: `"default";r=0;t=9223372037`, policies: `"default";q=5`,
		},
		"refused by what has no limit": {
			d:    ratelimit.Decision{Reason: ratelimit.OverBurst, RetryAfter: ratelimit.InfDuration, Limit: math.MaxInt, Remaining: math.MaxInt},
			code: 429,
		},
		"a refusal with its reason only": {
			d:    ratelimit.Decision{Reason: ratelimit.Exhausted},
			code: 429, retry: "0", limit: `"default";r=0;t=0`, policies: `"default";q=0`,
		},
		"more than the syntax has digits for": {
			d:    ratelimit.Decision{OK: true, Limit: math.MaxInt - 1, Remaining: math.MaxInt - 1},
			code: 200, limit: `"default";r=` + greatest, policies: `"default";q=` + greatest,
		},
		"a window": {
			policy: ratehttp.Policy{Window: time.Minute},
			d:      ratelimit.Decision{OK: true, Limit: 100, Remaining: 50},
			code:   200, limit: `"default";r=50`, policies: `"default";q=100;w=60`,
		},
		"a window that is no whole second, and a name to escape": {
			policy: ratehttp.Policy{Name: `a "b\c`, Window: 1500 * time.Millisecond},
			d:      ratelimit.Decision{OK: true, Limit: 100, Remaining: 50},
			code:   200, limit: `"a \"b\\c";r=50`, policies: `"a \"b\\c";q=100;w=2`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			rec := ask(c.policy.Middleware(always(c.d))(hello))
			require.Equal(t, c.code, rec.Code)
			require.Equal(t, c.retry, rec.Header().Get("Retry-After"))
			require.Equal(t, c.limit, rec.Header().Get("RateLimit"))
			require.Equal(t, c.policies, rec.Header().Get("RateLimit-Policy"))
			if c.code == 200 {
				require.Equal(t, "hello", rec.Body.String())
			} else {
				require.Equal(t, "Too Many Requests\n", rec.Body.String())
			}
		})
	}
}

// What a server says is when it grants: a client that obeys is never early.
func TestWhoComesBackWhenToldIsLetThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := ratelimit.NewLimiter(ratelimit.Every(1500*time.Millisecond), 2)
		h := ratehttp.Middleware(func(*http.Request) ratelimit.Decision { return l.Take(1) })(hello)
		require.Equal(t, 200, ask(h).Code)
		require.Equal(t, 200, ask(h).Code)
		rec := ask(h)
		require.Equal(t, 429, rec.Code)
		require.Equal(t, "2", rec.Header().Get("Retry-After"))
		after, ok := ratehttp.RetryAfter(rec.Result())
		require.True(t, ok)
		time.Sleep(after)
		require.Equal(t, 200, ask(h).Code)
	})
}

func TestSeveralPoliciesEachAddAField(t *testing.T) {
	user := ratehttp.Policy{Name: "user"}.Middleware(always(ratelimit.Decision{OK: true, Limit: 5, Remaining: 4}))
	all := ratehttp.Policy{Name: "all"}.Middleware(always(ratelimit.Decision{Reason: ratelimit.Exhausted, RetryAfter: time.Second, Limit: 7}))
	rec := ask(user(all(hello)))
	require.Equal(t, 429, rec.Code)
	require.Equal(t, []string{`"user";r=4`, `"all";r=0;t=1`}, rec.Header().Values("RateLimit"))
	require.Equal(t, []string{`"user";q=5`, `"all";q=7`}, rec.Header().Values("RateLimit-Policy"))
}

func TestTheHandlerMayChangeWhatIsTold(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Del("RateLimit-Policy") })
	rec := ask(ratehttp.Middleware(always(ratelimit.Decision{OK: true, Limit: 5}))(h))
	require.NotContains(t, rec.Header(), "Ratelimit-Policy")
	require.Contains(t, rec.Header(), "Ratelimit")
}

func TestMistakesOfTheProgrammerPanic(t *testing.T) {
	take := always(ratelimit.Decision{})
	for text, call := range map[string]func(){
		"needs a function":                   func() { ratehttp.Middleware(nil) },
		"needs a handler":                    func() { ratehttp.Middleware(take)(nil) },
		"needs a Name in printable ASCII":    func() { ratehttp.Policy{Name: "größer"}.Middleware(take) },
		"needs a Window of 0 or more":        func() { ratehttp.Policy{Window: -1}.Middleware(take) },
		"Name in printable ASCII, got \"\\n": func() { ratehttp.Policy{Name: "\n"}.Middleware(take) },
	} {
		t.Run(text, func(t *testing.T) {
			defer func() { require.Contains(t, recover(), text) }()
			call()
		})
	}
}
