package bench

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	concpool "github.com/sourcegraph/conc/pool"
	xsync "golang.org/x/sync/errgroup"

	"github.com/thence-go/thence/errgroup"
	"github.com/thence-go/thence/future"
)

// callSide starts n calls at once and returns their sum, or the first error, in
// which case the others are canceled. It returns when all calls have.
type callSide struct {
	name string
	run  func(ctx context.Context, n int, call func(ctx context.Context, i int) (int, error)) (int, error)
}

var callSides = []callSide{
	{"thence", func(ctx context.Context, n int, call func(context.Context, int) (int, error)) (int, error) {
		fs := make([]*future.Future[int], n)
		for i := range fs {
			fs[i] = future.Go(ctx, func(ctx context.Context) (int, error) { return call(ctx, i) })
		}
		vs, err := future.All(fs...).Await(ctx)
		if err != nil {
			for _, f := range fs { // All does not wait for those that it cancels
				<-f.Done()
			}
		}
		return sum(vs), err
	}},
	{"thence_scope", func(ctx context.Context, n int, call func(context.Context, int) (int, error)) (int, error) {
		s := errgroup.Collect[int](ctx)
		for i := range n {
			if s.Go(ctx, func(ctx context.Context) (int, error) { return call(ctx, i) }) != nil {
				break // the scope is over, and Wait says why
			}
		}
		vs, err := s.Wait()
		return sum(vs), err
	}},
	{"waitgroup", func(ctx context.Context, n int, call func(context.Context, int) (int, error)) (int, error) {
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		var (
			wg    sync.WaitGroup
			once  sync.Once
			first error
		)
		vs := make([]int, n)
		for i := range vs {
			wg.Go(func() {
				v, err := call(ctx, i)
				if err != nil {
					once.Do(func() {
						first = err
						cancel(err)
					})
				}
				vs[i] = v
			})
		}
		wg.Wait()
		return sum(vs), first
	}},
	{"xsync", func(ctx context.Context, n int, call func(context.Context, int) (int, error)) (int, error) {
		g, ctx := xsync.WithContext(ctx)
		vs := make([]int, n)
		for i := range vs {
			g.Go(func() (err error) {
				vs[i], err = call(ctx, i)
				return err
			})
		}
		err := g.Wait()
		return sum(vs), err
	}},
	{"conc", func(ctx context.Context, n int, call func(context.Context, int) (int, error)) (int, error) {
		p := concpool.NewWithResults[int]().WithContext(ctx).WithCancelOnError().WithFirstError()
		for i := range n {
			p.Go(func(ctx context.Context) (int, error) { return call(ctx, i) })
		}
		vs, err := p.Wait()
		return sum(vs), err
	}},
}

var errRemote = errors.New("the other side failed")

// Fifty calls over a network, of which 1 % fail, with a deadline for all of
// them: half a millisecond each, some much longer, the same for all sides. Most
// of the time is that of the slowest call; allocations and the percentiles are
// what tells the sides apart.
func BenchmarkFanOut(b *testing.B) {
	const n, ops = 50, 200
	const deadline, typical = 50 * time.Millisecond, 500 * time.Microsecond
	for _, side := range callSides {
		b.Run(side.name, func(b *testing.B) {
			random := rand.New(rand.NewPCG(3, 4))
			takes := make([]time.Duration, n*ops)
			fails := make([]bool, n*ops)
			for i := range takes {
				takes[i] = typical/2 + time.Duration(random.ExpFloat64()*float64(typical/2))
				fails[i] = random.IntN(100) == 0
			}
			var took []time.Duration
			op := 0
			loop(b, n, func() {
				from := op % ops * n
				op++
				ctx, cancel := context.WithTimeout(context.Background(), deadline)
				defer cancel()
				begin := time.Now()
				got, err := side.run(ctx, n, func(ctx context.Context, i int) (int, error) {
					t := time.NewTimer(takes[from+i])
					defer t.Stop()
					select {
					case <-t.C:
					case <-ctx.Done():
						return 0, ctx.Err()
					}
					if fails[from+i] {
						return 0, errRemote
					}
					return i, nil
				})
				took = append(took, time.Since(begin))
				failed := false
				for _, f := range fails[from : from+n] {
					failed = failed || f
				}
				switch {
				case errors.Is(err, context.DeadlineExceeded): // on a machine that is too busy
				case failed:
					equal(b, true, errors.Is(err, errRemote))
				default:
					must(b, err)
					equal(b, n*(n-1)/2, got)
				}
			})
			percentiles(b, took)
		})
	}
}
