package main

import (
	"context"
	"errors"

	"github.com/sourcegraph/conc/iter"
	"github.com/sourcegraph/conc/panics"
	"github.com/sourcegraph/conc/pool"
	"github.com/sourcegraph/conc/stream"
)

const concModule = "github.com/sourcegraph/conc"

// repanicked makes an error of a panic that conc hands on to the one who waits,
// in the way it offers for that.
func repanicked(err *error) {
	switch v := recover().(type) {
	case nil:
	case *panics.Recovered:
		*err = v.AsError()
	default:
		panic(v)
	}
}

func concGroup() subject[groupKit] {
	open := func(ctx context.Context, limit int) openGroup {
		p := pool.NewWithResults[int]().WithContext(ctx).WithCancelOnError().WithFirstError()
		if limit > 0 {
			p = p.WithMaxGoroutines(limit)
		}
		return openGroup{
			start: func(_ context.Context, fn call) error {
				p.Go(fn)
				return nil
			},
			wait: func() (vals []int, err error) {
				defer repanicked(&err)
				return p.Wait()
			},
		}
	}
	return subject[groupKit]{
		library{"conc pool", concModule, "`ResultContextPool`, `WithCancelOnError`, `WithFirstError`, `WithMaxGoroutines`"},
		groupKit{open: open, values: open},
	}
}

// concStream has neither ctx nor errors: the callbacks, which run in order,
// cancel a ctx of the caller's own.
func concStream() subject[flowKit] {
	return subject[flowKit]{
		library{"conc stream", concModule, "`stream.New().WithMaxGoroutines(4)`; the ctx and the end are the caller's own"},
		flowKit{run: func(ctx context.Context, items []int, fn step, each func(int) bool) (err error) {
			ctx, cancel := context.WithCancelCause(ctx)
			defer cancel(nil)
			s := stream.New().WithMaxGoroutines(flowWorkers)
			stop := func(cause error) {
				err = cause
				cancel(cause)
			}
			for _, item := range items {
				if ctx.Err() != nil {
					break
				}
				s.Go(func() stream.Callback {
					v, failure := fn(ctx, item)
					return func() {
						if err != nil {
							return
						}
						if failure != nil {
							stop(failure)
						} else if !each(v) {
							stop(errEnough)
						}
					}
				})
			}
			func() {
				defer func() {
					var panicked error
					defer func() {
						if panicked != nil {
							err = panicked
						}
					}()
					defer repanicked(&panicked)
					s.Wait()
				}()
			}()
			if err == nil {
				err = context.Cause(ctx)
			}
			if errors.Is(err, errEnough) {
				return nil
			}
			return err
		}},
	}
}

func concIter() subject[flowKit] {
	return subject[flowKit]{
		library{"conc iter", concModule, "`iter.Mapper`, `MapErr`"},
		flowKit{whole: true, noCtx: true, run: func(ctx context.Context, items []int, fn step, each func(int) bool) (err error) {
			defer repanicked(&err)
			m := iter.Mapper[int, int]{MaxGoroutines: flowWorkers}
			results, err := m.MapErr(items, func(item *int) (int, error) { return fn(ctx, *item) })
			for _, v := range results {
				each(v)
			}
			return err
		}},
	}
}
