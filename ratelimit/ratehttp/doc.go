// Package ratehttp puts limiters into HTTP servers and clients.
//
// # What does a server do?
//
// [Middleware] asks a limiter before it calls the handler. A request that is
// refused is answered with 429 and with when to try again:
//
//	limit := ratelimit.NewLimiter(100, 200)
//	take := func(*http.Request) ratelimit.Decision { return limit.Take(1) }
//	http.ListenAndServe(addr, ratehttp.Middleware(take)(mux))
//
// What decides is a function of the request, so a limit may be that of a user,
// of a path, or of both. A [Policy] gives the limit a name and tells its window.
//
// # What does a client do?
//
// [Transport] waits for a limiter before a request is sent, and for servers
// that have answered 429 or 503 and said when to come back:
//
//	client := &http.Client{Transport: ratehttp.Transport(nil, ratelimit.NewLimiter(10, 1))}
//
// # Which fields are sent and read?
//
// Retry-After, of RFC 9110, and RateLimit and RateLimit-Policy, as of
// draft-ietf-httpapi-ratelimit-headers-11 of May 2026:
//
//	RateLimit-Policy: "default";q=100;w=60
//	RateLimit: "default";r=0;t=3
//	Retry-After: 3
//
// That is a draft: what is sent may change with it. The older fields
// RateLimit-Limit, RateLimit-Remaining and RateLimit-Reset are neither sent nor
// read.
//
// # Why a package of its own?
//
// Because of net/http, which whoever imports a package that imports it links. A
// program that only has a [ratelimit.Limiter] is one of 67 packages and 2.5 MB
// (linux/amd64, Go 1.26); net/http makes that 187 packages and 5.2 MB. A test
// of internal/archtest keeps it out of all other packages.
package ratehttp
