package ratehttp_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/ratelimit/ratehttp"
)

func TestRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			text, date string
			want       time.Duration
			ok         bool
		}{
			{text: "0", ok: true},
			{text: " 120 ", want: 2 * time.Minute, ok: true},
			{text: "86401", want: 24 * time.Hour, ok: true},
			{text: date(time.Minute), want: time.Minute, ok: true},
			{text: date(time.Minute), date: date(time.Second), want: 59 * time.Second, ok: true},
			{text: date(time.Minute), date: "today", want: time.Minute, ok: true},
			{text: date(-time.Minute), ok: true},
			{text: date(48 * time.Hour), want: 24 * time.Hour, ok: true},
			{text: ""}, {text: "-1"}, {text: "+1"}, {text: "1.5"}, {text: "1e3"}, {text: "tomorrow"},
			{text: "99999999999999999999", want: 24 * time.Hour, ok: true},
		} {
			got, ok := ratehttp.RetryAfter(&http.Response{Header: http.Header{"Retry-After": {c.text}, "Date": {c.date}}})
			require.Equal(t, c.want, got, "%+v", c)
			require.Equal(t, c.ok, ok, "%+v", c)
		}
		_, ok := ratehttp.RetryAfter(&http.Response{})
		require.False(t, ok)
	})
}
