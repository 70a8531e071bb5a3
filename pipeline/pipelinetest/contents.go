package pipelinetest

import "time"

func contents() []Rule {
	// inputs are of several lengths, quick and slow.
	inputs := func(c *check, judge func(n int, got []any)) {
		for _, n := range []int{1, 2, 3, 10, length - 1, length} {
			for _, pace := range []time.Duration{0, time.Second} {
				s := c.source(n)
				s.pace = pace
				judge(n, c.result(c.flow(s)))
			}
		}
	}
	// all goes through the numbers of the items that results are of.
	all := func(c *check, got []any, visit func(item int)) {
		for _, b := range got {
			for _, i := range c.of(b) {
				visit(i)
			}
		}
	}
	return []Rule{{
		ID: "4.1", Title: "An empty input ends well",
		Why: "it is the case that nobody tries",
		run: func(c *check) {
			s := c.source(0)
			got := c.result(c.flow(s))
			c.want(!c.whole || len(got) == 0, "an empty input gives %d results", len(got))
			c.stopped(s)
		},
	}, {
		ID: "4.2", Title: "Every item comes out, also the last ones",
		Why: "what waits for company at the end of the input is lost",
		needs: func(d declared) string {
			if !d.whole {
				return "Whole"
			}
			return origins(d)
		},
		run: func(c *check) {
			inputs(c, func(n int, got []any) {
				if c.reads > 0 {
					n = min(n, c.reads)
				}
				came := make([]bool, length)
				all(c, got, func(i int) {
					if i >= 0 && i < length {
						came[i] = true
					}
				})
				for i := range n {
					c.want(came[i], "of %d items, item %d does not come out", n, i)
				}
			})
		},
	}, {
		ID: "4.3", Title: "No item is made up",
		Why:   "a place that is reused gives old items, or zero values",
		needs: origins,
		run: func(c *check) {
			inputs(c, func(n int, got []any) {
				all(c, got, func(i int) { c.want(i >= 0 && i < n, "of %d items, there comes item %d", n, i) })
			})
		},
	}, {
		ID: "4.4", Title: "No item comes twice",
		Why: "what is done for it is done twice then",
		needs: func(d declared) string {
			if d.repeats {
				return "items that come once, and Repeats is declared"
			}
			return origins(d)
		},
		run: func(c *check) {
			inputs(c, func(n int, got []any) {
				came := map[int]bool{}
				all(c, got, func(i int) {
					c.want(!came[i], "of %d items, item %d comes twice", n, i)
					came[i] = true
				})
			})
		},
	}, {
		ID: "4.5", Title: "The order of the items is kept",
		Why: "order that holds only when all are equally quick fails in production",
		needs: func(d declared) string {
			if !d.ordered {
				return "Ordered"
			}
			return origins(d)
		},
		run: func(c *check) {
			inputs(c, func(n int, got []any) {
				before := -1 // of the result before: overlapping ones begin one after the other
				for _, b := range got {
					at := -1
					for k, i := range c.of(b) {
						c.want(i >= at, "item %d comes behind item %d", i, at)
						if at = i; k == 0 {
							c.want(i >= before, "item %d comes behind item %d", i, before)
							before = i
						}
					}
					if !c.repeats {
						before = max(before, at)
					}
				}
			})
		},
	}}
}
