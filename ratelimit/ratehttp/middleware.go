package ratehttp

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/thence-go/thence/ratelimit"
)

// Middleware returns what puts a limit before a handler. It asks take about
// each request, from the goroutine of the request. If the Decision is a
// refusal, the answer is 429 with Retry-After, in whole seconds, rounded up,
// and the handler is not called; there is no Retry-After if to come back would
// never help.
//
// Both the granted and the refused are told what is left, as [Policy.Middleware]
// says, in a policy named "default".
//
// The zero Decision, which no limiter makes, says that there is no limit for
// this request: it is let through and told nothing.
func Middleware(take func(*http.Request) ratelimit.Decision) func(http.Handler) http.Handler {
	return Policy{}.Middleware(take)
}

// Policy is what clients are told of a limit, beyond what a Decision knows. It
// changes nothing of what is granted. It is a plain value; the zero Policy is
// that of [Middleware].
type Policy struct {
	// Name tells this limit from others that the same answer may have gone
	// through, in printable ASCII. It is "default" if empty.
	Name string

	// Window is how long it takes until Decision.Limit requests are there
	// again, in whole seconds, rounded up. It is not told if 0.
	Window time.Duration
}

// Middleware is [Middleware] for this policy. It adds to the header, before the
// handler is called,
//
//   - RateLimit-Policy, with the Limit of the Decision as q and the window as w;
//   - RateLimit, with what is Remaining as r and, if it is a refusal that ends,
//     the seconds of Retry-After as t;
//
// or neither, if the Limit of the Decision is that of no limit. Several policies
// around one handler add a field each. The handler may change or delete them.
//
// It panics if the name has other characters than printable ASCII, if the
// window is negative, or if take or the handler is nil.
func (p Policy) Middleware(take func(*http.Request) ratelimit.Decision) func(http.Handler) http.Handler {
	name, window := p.fields()
	if take == nil {
		panic("ratehttp: Middleware needs a function, got nil: pass one that takes from a limiter")
	}
	return func(next http.Handler) http.Handler {
		if next == nil {
			panic("ratehttp: Middleware needs a handler, got nil: pass http.DefaultServeMux if it is that one")
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			d := take(r)
			if d == (ratelimit.Decision{}) {
				next.ServeHTTP(w, r)
				return
			}
			tell(w.Header(), name, window, d)
			if d.OK {
				next.ServeHTTP(w, r)
				return
			}
			if d.RetryAfter < ratelimit.InfDuration {
				w.Header().Set("Retry-After", strconv.FormatInt(seconds(d.RetryAfter), 10))
			}
			http.Error(w, http.StatusText(http.StatusTooManyRequests), http.StatusTooManyRequests)
		})
	}
}

// fields returns the policy's name and window as the header has them.
func (p Policy) fields() (name, window string) {
	if p.Name == "" {
		p.Name = "default"
	}
	for _, c := range []byte(p.Name) {
		if c < ' ' || c > '~' {
			panic(fmt.Sprintf("ratehttp: a Policy needs a Name in printable ASCII, got %q", p.Name))
		}
	}
	if p.Window < 0 {
		panic(fmt.Sprintf("ratehttp: a Policy needs a Window of 0 or more, got %v: pass how long it takes until all is there again", p.Window))
	}
	if p.Window > 0 {
		window = ";w=" + strconv.FormatInt(seconds(p.Window), 10)
	}
	return quote(p.Name), window
}

// seconds returns d in seconds, rounded up: who comes back then is not early.
func seconds(d time.Duration) int64 {
	s := d / time.Second
	if d%time.Second > 0 {
		s++
	}
	return int64(s)
}
