package pipeline

import (
	"fmt"
	"time"

	"github.com/thence-go/thence/pipeline/internal/lane"
)

// Tick makes a flow of the time, every d, from d after the run has begun. As
// with a time.Ticker, one tick at most waits for a consumer that is slow, and
// further ones are dropped; before a fused step, as for Buffer, two more may be
// on their way. It has no end of its own.
//
// On cancel it ends at once.
func Tick(d time.Duration) Flow[time.Time] {
	if d <= 0 {
		panic(fmt.Sprintf("pipeline: Tick needs a duration above 0, got %v", d))
	}
	return flowOf(&step{name: "source"}, unknown, func(p *part, to dest[time.Time]) {
		latest := buffered[time.Time]{to: to, name: "source", room: 1, full: lane.DropNewest}
		openSource(p, latest, func(s *sourcing[time.Time]) error {
			ticker := time.NewTicker(d)
			defer ticker.Stop()
			done := s.seg.ctx.Done()
			for s.goesOn() {
				select {
				case at := <-ticker.C:
					if !s.put(at) {
						return nil
					}
				case <-done:
				}
			}
			return nil
		})
	})
}
