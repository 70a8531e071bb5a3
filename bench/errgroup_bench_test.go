package bench

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	concpool "github.com/sourcegraph/conc/pool"
	xsync "golang.org/x/sync/errgroup"

	"github.com/thence-go/thence/errgroup"
)

// groupSide runs a task n times in a new group, at most limit at a time unless
// that is 0, and returns the group's error.
type groupSide struct {
	name string
	run  func(n, limit int, task func() error) error
}

var groups = []groupSide{
	{"thence", func(n, limit int, task func() error) error {
		var g errgroup.Group
		if limit > 0 {
			g.SetLimit(limit)
		}
		for range n {
			g.Go(task)
		}
		return g.Wait()
	}},
	{"thence_scope", func(n, limit int, task func() error) error {
		ctx := context.Background()
		var opts []errgroup.Option
		if limit > 0 {
			opts = append(opts, errgroup.Limit(limit))
		}
		s := errgroup.Collect[struct{}](ctx, opts...)
		defer s.Close()
		fn := func(context.Context) (struct{}, error) { return struct{}{}, task() }
		for range n {
			if err := s.Go(ctx, fn); err != nil {
				break
			}
		}
		_, err := s.Wait()
		return err
	}},
	{"xsync", func(n, limit int, task func() error) error {
		var g xsync.Group
		if limit > 0 {
			g.SetLimit(limit)
		}
		for range n {
			g.Go(task)
		}
		return g.Wait()
	}},
	{"conc", func(n, limit int, task func() error) error {
		p := concpool.New().WithErrors().WithFirstError()
		if limit > 0 {
			p = p.WithMaxGoroutines(limit)
		}
		for range n {
			p.Go(task)
		}
		return p.Wait()
	}},
}

func BenchmarkGroupOne(b *testing.B) {
	for _, side := range groups {
		b.Run(side.name, func(b *testing.B) { runGroup(b, side, 1, 0) })
	}
}

func BenchmarkGroupThousand(b *testing.B) {
	for _, side := range groups {
		b.Run(side.name, func(b *testing.B) { runGroup(b, side, 1000, 0) })
	}
}

func BenchmarkGroupLimit(b *testing.B) {
	workers := groupSide{"chan64", chanGroup}
	for _, side := range append(groups[:len(groups):len(groups)], workers) {
		b.Run(side.name, func(b *testing.B) { runGroup(b, side, 1000, 8) })
	}
}

func runGroup(b *testing.B, side groupSide, n, limit int) {
	// Each task runs once, and a failure is returned.
	var ran atomic.Int64
	must(b, side.run(n, limit, func() error {
		ran.Add(1)
		return nil
	}))
	equal(b, int64(n), ran.Load())
	failed := errors.New("failed")
	if err := side.run(n, limit, func() error { return failed }); !errors.Is(err, failed) {
		b.Fatalf("the error of a task was lost: %v", err)
	}

	empty := func() error { return nil }
	loop(b, n, func() { must(b, side.run(n, limit, empty)) })
}

// chanGroup is workers on a channel that keep the first error.
func chanGroup(n, limit int, task func() error) error {
	c := make(chan func() error, 64)
	var wg sync.WaitGroup
	var once sync.Once
	var first error
	for range limit {
		wg.Go(func() {
			for fn := range c {
				if err := fn(); err != nil {
					once.Do(func() { first = err })
				}
			}
		})
	}
	for range n {
		c <- task
	}
	close(c)
	wg.Wait()
	return first
}
