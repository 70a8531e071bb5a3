package pipeline

// FromChan makes a flow of what c gives, until c is closed. It can be run
// once: a second run fails with ErrUsed.
//
// On cancel, and whenever else the flow stops, it ends without taking another
// item. One that it has taken by then goes on or is seen by OnUndelivered.
func FromChan[T any](c <-chan T) Flow[T] {
	mustFunc("FromChan", "channel", c == nil)
	return once(func(s *sourcing[T]) error {
		done := s.seg.ctx.Done()
		for s.goesOn() {
			select {
			case v, ok := <-c:
				if !ok || !s.deliver(v) {
					return nil
				}
			case <-done:
			}
		}
		return nil
	})
}
