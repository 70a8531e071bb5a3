package futuretest_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/future/futuretest"
)

type (
	F    = futuretest.Future
	work = func(context.Context) (int, error)
)

// mutants are libraries that are wrong in one thing, and the rules that see it.
var mutants = map[string]struct {
	spoil func(*futuretest.Adapter)
	sees  []string
	may   []string // see it if a race goes that way
}{
	"none": {spoil: func(*futuretest.Adapter) {}},
	"the last settler wins": {
		spoil: func(a *futuretest.Adapter) {
			a.NewPromise = func() futuretest.Promise {
				p := future.NewPromise[int]()
				f := &overwritten{f: p.Future()}
				return futuretest.Promise{
					Future:  f,
					Resolve: func(v int) bool { f.set(v); return p.Resolve(v) },
					Reject:  p.Reject,
				}
			}
			unwrapped(a)
		},
		sees: []string{"1.3", "4.12"},
		may:  []string{"1.5", "1.6"},
	},
	"Resolve always says true": {
		spoil: func(a *futuretest.Adapter) {
			make := a.NewPromise
			a.NewPromise = func() futuretest.Promise {
				p := make()
				resolve := p.Resolve
				p.Resolve = func(v int) bool { resolve(v); return true }
				return p
			}
		},
		sees: []string{"1.4", "1.6", "3.8", "4.13"},
	},
	"Then of a settled future runs in its caller": {
		spoil: func(a *futuretest.Adapter) {
			a.NoContext = true
			then := a.Then
			a.Then = func(f F, fn func(context.Context, int) (int, error)) F {
				r, ok := f.(futureOfInt).Poll()
				if !ok || r.Err != nil {
					return then(f, fn)
				}
				p := future.NewPromise[int]()
				p.Settle(fn(context.Background(), r.Value))
				return p.Future()
			}
		},
		sees: []string{"3.1"},
	},
	"Resolve runs continuations in its caller": {
		spoil: inline,
		sees:  []string{"3.4", "3.5 hung", "3.9 hung", "3.11 hung", "6.6 hung", "8.6"},
	},
	"a Goexit is a success": {
		spoil: func(a *futuretest.Adapter) {
			launch := a.Go
			a.Go = func(ctx context.Context, fn work) F {
				return launch(ctx, func(ctx context.Context) (v int, err error) {
					over := make(chan struct{})
					go func() {
						defer func() {
							if p := recover(); p != nil {
								err = &future.PanicError{Value: p}
							}
							close(over)
						}()
						v, err = fn(ctx)
					}()
					<-over
					return v, err
				})
			}
		},
		sees: []string{"6.1", "6.2", "6.8"},
	},
	"a panic ends the process": {
		spoil: func(a *futuretest.Adapter) {
			launch := a.Go
			a.Go = func(ctx context.Context, fn work) F {
				return launch(ctx, func(ctx context.Context) (v int, err error) {
					over := make(chan struct{})
					go func() {
						err = future.ErrGoexit
						defer close(over)
						v, err = fn(ctx)
					}()
					<-over
					return v, err
				})
			}
		},
		sees: []string{"5.1 crashed", "5.2 crashed", "5.3 crashed", "5.4 crashed", "5.5 crashed", "5.6 crashed", "6.7 crashed"},
	},
	"the cause is lost": {
		spoil: func(a *futuretest.Adapter) {
			a.Cancel = func(f F, _ error) { f.(futureOfInt).Cancel(nil) }
			a.CancelAll = func(fs futuretest.Futures, _ error) { fs.(*future.Future[[]int]).Cancel(nil) }
		},
		sees: []string{
			"2.5", "2.6", "2.11", "2.12", "2.16", "4.3", "4.4", "4.8", "4.10", "4.12", "4.18", "4.21", "4.27", "4.28", "8.6",
		},
	},
	"stopped waiting counts as canceled": {
		spoil: func(a *futuretest.Adapter) {
			a.Canceled = func(err error) bool {
				return errors.Is(err, future.ErrCanceled) || errors.Is(err, future.ErrStoppedWaiting)
			}
		},
		sees: []string{"2.14", "2.15"},
	},
	"any context error counts as canceled": {
		spoil: func(a *futuretest.Adapter) {
			a.Canceled = func(err error) bool {
				return errors.Is(err, future.ErrCanceled) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
			}
		},
		sees: []string{"2.4", "2.10", "2.14", "2.15", "2.17", "5.6"},
	},
	"to stop waiting cancels the work": {
		spoil: func(a *futuretest.Adapter) {
			launch := a.Go
			a.Go = func(ctx context.Context, fn work) F { return &impatient{launch(ctx, fn).(futureOfInt)} }
			unwrapped(a)
		},
		sees: []string{"2.15"},
	},
	"a cancel settles work that runs": {
		spoil: func(a *futuretest.Adapter) {
			launch := a.Go
			a.Deadlock = nil
			a.Go = func(ctx context.Context, fn work) F {
				return &hasty{work: launch(ctx, fn).(futureOfInt), over: make(chan struct{})}
			}
			unwrapped(a)
			cancel := a.Cancel
			a.Cancel = func(f F, cause error) {
				cancel(f, cause)
				if h, ok := f.(*hasty); ok {
					h.cancel(cause)
				}
			}
		},
		sees: []string{"2.3", "2.9", "2.10", "4.9", "5.6"},
	},
	"Await starts a goroutine": {
		spoil: func(a *futuretest.Adapter) {
			make := a.NewPromise
			a.NewPromise = func() futuretest.Promise {
				p := make()
				p.Future = &watched{p.Future.(futureOfInt)}
				return p
			}
			unwrapped(a)
		},
		sees: []string{"8.1", "8.2"},
	},
	"a chain keeps its past": {
		spoil: func(a *futuretest.Adapter) {
			unwrapped(a)
			catch := a.Catch
			a.Catch = func(f F, fn func(context.Context, error) (int, error)) F {
				return &heir{catch(f, fn).(futureOfInt), f}
			}
			then := a.Then
			a.Then = func(f F, fn func(context.Context, int) (int, error)) F {
				return &heir{then(f, fn).(futureOfInt), f}
			}
		},
		sees: []string{"8.3"},
	},
	"All gives the values as they come": {
		spoil: func(a *futuretest.Adapter) {
			all := a.All
			a.All = func(fs ...F) futuretest.Futures {
				var mu sync.Mutex
				var order []int
				ours := make([]F, len(fs))
				for i, f := range fs {
					ours[i] = future.Map(f.(futureOfInt), func(v int) int {
						mu.Lock()
						defer mu.Unlock()
						order = append(order, v)
						return v
					})
				}
				return &reordered{all(ours...), func() []int {
					mu.Lock()
					defer mu.Unlock()
					return slices.Clone(order)
				}}
			}
			cancel := a.CancelAll
			a.CancelAll = func(fs futuretest.Futures, cause error) { cancel(fs.(*reordered).Futures, cause) }
		},
		sees: []string{"7.6"},
		may:  []string{"7.7"},
	},
	"All lets the others run on": {
		spoil: func(a *futuretest.Adapter) {
			all := a.All
			a.All = func(fs ...F) futuretest.Futures {
				for _, f := range fs {
					future.Map(f.(futureOfInt), func(v int) int { return v }) // its claim stays
				}
				return all(fs...)
			}
		},
		sees: []string{"4.25", "4.27", "4.28"},
	},
	"Done is closed too early": {
		spoil: func(a *futuretest.Adapter) {
			a.Done = func(F) <-chan struct{} { return future.Resolved(0).Done() }
		},
		sees: []string{"1.9"},
	},
	"the index is that of a list of failures": {
		spoil: func(a *futuretest.Adapter) {
			index := a.Index
			a.Index = func(err error) (int, bool) { _, ok := index(err); return 0, ok }
		},
		sees: []string{"7.8"},
	},
}

// A suite that passes everything would pass Thence too.
func TestMutantsBreakTheRulesTheyShould(t *testing.T) {
	for name, m := range mutants {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := thence()
			m.spoil(&a)
			var saw []string
			for _, v := range futuretest.ShortSurvey(t, a) {
				switch v.Outcome {
				case futuretest.Passed, futuretest.NotOffered:
				case futuretest.Failed:
					saw = append(saw, v.Rule.ID)
				default:
					saw = append(saw, v.Rule.ID+" "+v.Outcome.String())
				}
				if v.Outcome != futuretest.Passed && v.Outcome != futuretest.NotOffered {
					t.Logf("%s %s: %s", v.Rule.ID, v.Outcome, v.Reason)
				}
			}
			saw = slices.DeleteFunc(saw, func(id string) bool { return slices.Contains(m.may, id) })
			require.ElementsMatch(t, m.sees, saw)
		})
	}
}
