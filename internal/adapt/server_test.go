package adapt_test

import (
	"container/heap"
	"math"
	"math/rand/v2"
	"time"

	"github.com/thence-go/thence/internal/adapt"
)

// server is a simulated one in simulated time: it works on so many at once, its
// knee, and the others wait in line. So latency is flat up to the knee and grows
// in proportion beyond it. Its one client keeps as much in flight as the limit
// lets it, but no more than it offers.
type server struct {
	knee    int
	base    time.Duration
	noise   float64 // of the base, in both directions
	slow    float64 // factor of all latencies
	offered int     // by the client
	room    int     // beyond that it drops; 0: it has room for all
	ignore  int     // every so many calls fail at once, by themselves; 0: none

	limit    *adapt.Limit
	rand     *rand.Rand
	now      time.Duration
	free     times // when each of its workers is free
	inFlight calls
	done     int
}

func newServer(knee, offered int, l *adapt.Limit) *server {
	return &server{
		knee: knee, base: 10 * time.Millisecond, slow: 1, offered: offered,
		limit: l, rand: rand.New(rand.NewPCG(1, 2)),
	}
}

// run simulates for a time and returns the least and most that the limit was
// while nothing was being measured.
func (s *server) run(d time.Duration) (least, most int) {
	least = math.MaxInt
	for end := s.now + d; s.now < end; {
		s.fill()
		c := heap.Pop(&s.inFlight).(call)
		s.now = c.end
		s.limit.Sample(c.end-c.start, len(s.inFlight)+1, c.outcome)
		s.done++
		if !s.limit.Probing() {
			least, most = min(least, s.limit.Limit()), max(most, s.limit.Limit())
		}
	}
	return least, most
}

func (s *server) fill() {
	for len(s.inFlight) < max(1, min(s.limit.Limit(), s.offered)) {
		if s.room > 0 && len(s.inFlight) >= s.room {
			heap.Push(&s.inFlight, call{start: s.now, end: s.now + s.base, outcome: adapt.Dropped})
			continue
		}
		if s.ignore > 0 && s.rand.IntN(s.ignore) == 0 {
			heap.Push(&s.inFlight, call{start: s.now, end: s.now + time.Microsecond, outcome: adapt.Ignore})
			continue
		}
		for len(s.free) < s.knee {
			heap.Push(&s.free, s.now)
		}
		for len(s.free) > s.knee { // it has become smaller
			heap.Pop(&s.free)
		}
		begin := max(s.now, heap.Pop(&s.free).(time.Duration))
		factor := s.slow * (1 + s.noise*(2*s.rand.Float64()-1))
		end := begin + time.Duration(float64(s.base)*factor)
		heap.Push(&s.free, end)
		heap.Push(&s.inFlight, call{start: s.now, end: end})
	}
}

type call struct {
	start, end time.Duration
	outcome    adapt.Outcome
}

type calls []call

func (c calls) Len() int           { return len(c) }
func (c calls) Less(i, j int) bool { return c[i].end < c[j].end }
func (c calls) Swap(i, j int)      { c[i], c[j] = c[j], c[i] }
func (c *calls) Push(v any)        { *c = append(*c, v.(call)) }
func (c *calls) Pop() any {
	last := (*c)[len(*c)-1]
	*c = (*c)[:len(*c)-1]
	return last
}

type times []time.Duration

func (t times) Len() int           { return len(t) }
func (t times) Less(i, j int) bool { return t[i] < t[j] }
func (t times) Swap(i, j int)      { t[i], t[j] = t[j], t[i] }
func (t *times) Push(v any)        { *t = append(*t, v.(time.Duration)) }
func (t *times) Pop() any {
	last := (*t)[len(*t)-1]
	*t = (*t)[:len(*t)-1]
	return last
}
