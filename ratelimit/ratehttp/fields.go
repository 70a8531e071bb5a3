package ratehttp

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/thence-go/thence/ratelimit"
)

// The fields of draft-ietf-httpapi-ratelimit-headers-11, which are lists of
// strings with parameters, in the syntax of RFC 9651. net/http has canonical
// names of its own for them; the names of fields know no case.
const (
	policyField = "Ratelimit-Policy"
	limitField  = "Ratelimit"
)

// most is the greatest integer that the syntax knows.
const most = 999_999_999_999_999

// tell adds what d says of a policy.
func tell(h http.Header, name, window string, d ratelimit.Decision) {
	if d.Limit == math.MaxInt {
		return
	}
	h.Add(policyField, name+";q="+number(d.Limit)+window)
	field := name + ";r=" + number(d.Remaining)
	if !d.OK && d.RetryAfter < ratelimit.InfDuration {
		field += ";t=" + strconv.FormatInt(seconds(d.RetryAfter), 10)
	}
	h.Add(limitField, field)
}

func number(n int) string { return strconv.FormatInt(min(max(int64(n), 0), most), 10) }

var escape = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

func quote(s string) string { return `"` + escape.Replace(s) + `"` }

// left is what a server says is left: units, to be used within a time.
type left struct {
	units  int64
	within time.Duration // 0: not said
}

// limits reads the RateLimit field; nothing if it is malformed.
func limits(h http.Header) (all []left) {
	text := strings.Join(h.Values(limitField), ",")
	for _, item := range split(text, ',') {
		l, ok := parseLimit(item)
		if !ok {
			return nil
		}
		all = append(all, l)
	}
	return all
}

func parseLimit(item string) (l left, ok bool) {
	parts := split(item, ';')
	if strings.Trim(parts[0], " \t") == "" {
		return left{}, false
	}
	for _, p := range parts[1:] {
		key, value, _ := strings.Cut(strings.Trim(p, " \t"), "=")
		if key != "r" && key != "t" {
			continue
		}
		n, err := strconv.ParseUint(value, 10, 64)
		if err != nil || n > most {
			return left{}, false
		}
		if key == "r" {
			l.units, ok = int64(n), true
		} else {
			l.within = believed(int64(n))
		}
	}
	return l, ok
}

// split cuts s at sep, which means nothing between quotes.
func split(s string, sep byte) (parts []string) {
	begin, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == sep && !quoted:
			parts = append(parts, s[begin:i])
			begin = i + 1
		}
	}
	return append(parts, s[begin:])
}
