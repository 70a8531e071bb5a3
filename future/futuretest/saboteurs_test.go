package futuretest_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/future/futuretest"
)

var errOther = errors.New("another error")

// saboteurs are cruder than mutants: they break much, and each is only asked
// whether the rules that no mutant breaks can fail.
var saboteurs = map[string]struct {
	spoil  func(*futuretest.Adapter)
	breaks []string
}{
	"values are off by one": {
		spoil: promisesWith(func(p *futuretest.Promise) {
			resolve := p.Resolve
			p.Resolve = func(v int) bool { return resolve(v + 1) }
		}),
		breaks: []string{"1.1", "4.1", "4.20", "4.23", "4.29", "7.1", "7.5", "9.4"},
	},
	"errors are replaced": {
		spoil: promisesWith(func(p *futuretest.Promise) {
			reject := p.Reject
			p.Reject = func(error) bool { return reject(errOther) }
		}),
		breaks: []string{"1.2", "4.2", "4.16", "4.24", "7.2"},
	},
	"the second who awaits is forgotten": {
		spoil: promisesWith(func(p *futuretest.Promise) {
			var n atomic.Int32
			p.Future = awaiting{p.Future.(futureOfInt), func(ctx context.Context, f futureOfInt) (int, error) {
				if n.Add(1) == 2 {
					select {}
				}
				return f.Await(ctx)
			}}
		}),
		breaks: []string{"1.7"},
	},
	"the ctx of Await comes first": {
		spoil: promisesWith(func(p *futuretest.Promise) {
			p.Future = awaiting{p.Future.(futureOfInt), func(ctx context.Context, f futureOfInt) (int, error) {
				if ctx.Err() != nil {
					return 0, future.StoppedWaiting(ctx)
				}
				return f.Await(ctx)
			}}
		}),
		breaks: []string{"1.10"},
	},
	"Await is late": {
		spoil: promisesWith(func(p *futuretest.Promise) {
			p.Future = awaiting{p.Future.(futureOfInt), func(ctx context.Context, f futureOfInt) (int, error) {
				defer time.Sleep(time.Second)
				return f.Await(ctx)
			}}
		}),
		breaks: []string{"9.2"},
	},
	"a cancel comes too late and counts": {
		spoil: func(a *futuretest.Adapter) {
			a.Cancel = func(f F, cause error) {
				f.(*hasty).cancel(cause)
			}
			promisesWith(func(p *futuretest.Promise) {
				p.Future = &hasty{work: p.Future.(futureOfInt), over: make(chan struct{})}
			})(a)
		},
		breaks: []string{"4.11"},
	},
	"what has settled is settled otherwise": {
		spoil: func(a *futuretest.Adapter) {
			a.Resolved = func(v int) F { return future.Resolved(v + 1) }
			a.Failed = func(error) F { return future.Failed[int](errOther) }
		},
		breaks: []string{"1.11", "1.12"},
	},
	"the outcome is another": {
		spoil: launchWith(func(ctx context.Context, fn work) (int, error) {
			v, err := fn(ctx)
			if err != nil {
				err = errOther
			}
			return v + 1, err
		}),
		breaks: []string{"2.1", "2.2"},
	},
	"the work is slow": {
		spoil: launchWith(func(ctx context.Context, fn work) (int, error) {
			time.Sleep(time.Second)
			return fn(ctx)
		}),
		breaks: []string{"9.1"},
	},
	"the parent is ignored": {
		spoil: func(a *futuretest.Adapter) {
			launch := a.Go
			a.Go = func(ctx context.Context, fn work) F { return launch(context.WithoutCancel(ctx), fn) }
		},
		breaks: []string{"2.7", "2.8"},
	},
	"a deadlock is any error": {
		spoil:  func(a *futuretest.Adapter) { a.Deadlock = func(error) bool { return false } },
		breaks: []string{"2.18"},
	},
	"continuations run in the caller": {
		spoil: func(a *futuretest.Adapter) {
			a.Catch = func(f F, fn func(context.Context, error) (int, error)) F {
				p := future.NewPromise[int]()
				_, err := f.Await(context.Background())
				p.Settle(fn(context.Background(), err))
				return p.Future()
			}
			a.Finally = func(f F, fn func()) F { fn(); return f }
			then := a.Then
			a.Then = func(f F, fn func(context.Context, int) (int, error)) F {
				_, _ = f.Await(context.Background())
				return then(f, fn)
			}
		},
		breaks: []string{"3.2", "3.3", "3.6", "4.17"},
	},
	"every future is needed by somebody": {
		spoil: func(a *futuretest.Adapter) {
			keep := func(f F) F {
				future.Map(f.(futureOfInt), func(v int) int { return v })
				return f
			}
			then, catch, finally := a.Then, a.Catch, a.Finally
			a.Then = func(f F, fn func(context.Context, int) (int, error)) F { return then(keep(f), fn) }
			a.Catch = func(f F, fn func(context.Context, error) (int, error)) F { return catch(keep(f), fn) }
			a.Finally = func(f F, fn func()) F { return finally(keep(f), fn) }
		},
		breaks: []string{"4.6", "4.7", "4.19", "4.22"},
	},
	"continuations get a ctx of nobody": {
		spoil: func(a *futuretest.Adapter) {
			then := a.Then
			a.Then = func(f F, fn func(context.Context, int) (int, error)) F {
				return then(f, func(_ context.Context, v int) (int, error) {
					ctx, stop := context.WithCancel(context.Background())
					stop()
					return fn(ctx, v)
				})
			}
		},
		breaks: []string{"4.14", "4.15"},
	},
	"All cancels what others need": {
		spoil: func(a *futuretest.Adapter) {
			all := a.All
			a.All = func(fs ...F) futuretest.Futures {
				sum := all(fs...)
				go func() {
					if _, err := sum.Await(context.Background()); err != nil {
						for _, f := range fs {
							f.(futureOfInt).Cancel(err)
						}
					}
				}()
				return sum
			}
		},
		breaks: []string{"4.26"},
	},
}

func TestSaboteursBreakWhatMutantsDoNot(t *testing.T) {
	for name, s := range saboteurs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := thence()
			s.spoil(&a)
			for _, v := range futuretest.ShortSurvey(t, a, s.breaks...) {
				require.Contains(t, []futuretest.Outcome{futuretest.Failed, futuretest.Hung}, v.Outcome, v.Rule.ID)
				t.Logf("%s %s: %s", v.Rule.ID, v.Outcome, v.Reason)
			}
		})
	}
}

// awaiting has an Await of its own.
type awaiting struct {
	f     futureOfInt
	await func(context.Context, futureOfInt) (int, error)
}

func (w awaiting) inside() futureOfInt                    { return w.f }
func (w awaiting) Await(ctx context.Context) (int, error) { return w.await(ctx, w.f) }

func promisesWith(spoil func(*futuretest.Promise)) func(*futuretest.Adapter) {
	return func(a *futuretest.Adapter) {
		make := a.NewPromise
		a.NewPromise = func() futuretest.Promise {
			p := make()
			spoil(&p)
			return p
		}
		unwrappedButCancel(a)
	}
}

func launchWith(run func(context.Context, work) (int, error)) func(*futuretest.Adapter) {
	return func(a *futuretest.Adapter) {
		launch := a.Go
		a.Go = func(ctx context.Context, fn work) F {
			return launch(ctx, func(ctx context.Context) (int, error) { return run(ctx, fn) })
		}
	}
}

// unwrappedButCancel is unwrapped for those whose Cancel wants the wrapper.
func unwrappedButCancel(a *futuretest.Adapter) {
	cancel := a.Cancel
	unwrapped(a)
	inside := a.Cancel
	a.Cancel = func(f F, cause error) {
		if _, ok := f.(*hasty); ok {
			cancel(f, cause)
			return
		}
		inside(f, cause)
	}
}
