package ratehttp

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// longest is how long a server is believed that it wants to be left alone. More
// is rather its mistake than its wish, and who asks once a day does no harm.
const longest = 24 * time.Hour

// believed returns n seconds, of which there are no more than longest.
func believed(n int64) time.Duration {
	return time.Duration(min(n, int64(longest/time.Second))) * time.Second
}

// RetryAfter returns how long after the response the request may be made
// again, as its Retry-After says in seconds or as a date; at most a day. It
// reports false if the response does not say, or says what cannot be read.
//
// A date is compared with the Date of the response, so that the clocks of
// server and client may differ; with the time now if there is none.
func RetryAfter(resp *http.Response) (time.Duration, bool) {
	text := strings.TrimSpace(resp.Header.Get("Retry-After"))
	n, err := strconv.ParseUint(text, 10, 63)
	if err == nil || errors.Is(err, strconv.ErrRange) { // then n is the greatest
		return believed(int64(n)), true
	}
	when, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	said, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		said = time.Now()
	}
	return min(max(when.Sub(said), 0), longest), true
}
