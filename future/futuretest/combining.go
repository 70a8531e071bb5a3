package futuretest

import "context"

func combining() []Rule {
	return []Rule{
		{
			ID: "4.23", Title: "All gives the values once every future has one; of nothing it gives nothing",
			needs: promises | all,
			run: func(c *check) {
				p, q := c.promise(), c.promise()
				fs := c.All(p.Future, q.Future)
				p.Resolve(1)
				c.rest()
				q.Resolve(2)
				c.values(fs, 1, 2)
				c.values(c.All())
			},
		},
		{
			ID: "4.24", Title: "All fails at the first failure, without waiting for the others",
			needs: promises | all,
			run: func(c *check) {
				p, q := c.promise(), c.promise()
				fs := c.All(p.Future, q.Future)
				q.Reject(errBoom)
				_, err := c.outcomes(fs)
				c.isFailure(err, errBoom)
			},
		},
		{
			ID: "4.25", Title: "The first failure cancels the others",
			Why:   "else they run on, for a result that nobody takes",
			needs: goes | promises | all | contexts | cancel,
			run: func(c *check) {
				p, w := c.promise(), c.worker(context.Background())
				fs := c.All(w.f, p.Future)
				p.Reject(errBoom)
				_, err := c.outcomes(fs)
				c.isFailure(err, errBoom)
				c.want(w.stopped(), "the others go on")
			},
		},
		{
			ID: "4.26", Title: "It does not cancel those on which somebody else depends",
			needs: goes | promises | all | then | contexts | cancel,
			run: func(c *check) {
				p, w := c.promise(), c.worker(context.Background())
				keep := c.Then(w.f, double)
				fs := c.All(w.f, p.Future)
				p.Reject(errBoom)
				_, err := c.outcomes(fs)
				c.isFailure(err, errBoom)
				c.want(!w.stopped(), "it was canceled although another future depends on it")
				w.release()
				c.value(keep, 14)
			},
		},
		{
			ID: "4.27", Title: "All of a canceled future is canceled, with the cause, and so are the others",
			needs: goes | promises | all | cancel | isCanceled | contexts,
			run: func(c *check) {
				p, w := c.promise(), c.worker(context.Background())
				fs := c.All(w.f, p.Future)
				c.Cancel(p.Future, errCause)
				_, err := c.outcomes(fs)
				c.isCancel(err, errCause)
				c.want(w.stopped(), "the others go on")
			},
		},
		{
			ID: "4.28", Title: "To cancel All cancels every input",
			needs: goes | all | cancelAll | isCanceled | contexts,
			run: func(c *check) {
				v, w := c.worker(context.Background()), c.worker(context.Background())
				fs := c.All(v.f, w.f)
				c.CancelAll(fs, errCause)
				_, err := c.outcomes(fs)
				c.isCancel(err, errCause)
				c.want(v.stopped() && w.stopped(), "an input goes on")
			},
		},
		{
			ID: "4.29", Title: "All may be given one future twice",
			needs: promises | all,
			run: func(c *check) {
				p := c.promise()
				fs := c.All(p.Future, p.Future)
				p.Resolve(1)
				c.values(fs, 1, 1)
			},
		},
	}
}

// values: fs settles with vs.
func (c *check) values(fs Futures, vs ...int) {
	got, err := c.outcomes(fs)
	c.want(err == nil, "want the values %v, got the error %q", vs, err)
	c.want(len(got) == len(vs), "want %d values, got %d", len(vs), len(got))
	for i, v := range vs {
		c.want(got[i] == v, "want the value %d at %d, got %d", v, i, got[i])
	}
}
