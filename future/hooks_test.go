package future_test

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
)

func hook(t *testing.T, h future.Hooks) {
	t.Helper()
	if h.Panic == nil {
		h.Panic = func(*future.PanicError) {}
	}
	old := future.SetHooks(h)
	t.Cleanup(func() { future.SetHooks(old) })
}

// told is what a hook was told of.
type told struct {
	op          string
	err         error
	waited, ran time.Duration
}

func TestHooks_StartAndSettle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var started, ended []told
		var where string
		hook(t, future.Hooks{
			Start: func(e future.Event) { started = append(started, told{e.Op, e.Err, e.Waited, e.Ran}) },
			Settle: func(e future.Event) {
				ended = append(ended, told{e.Op, e.Err, e.Waited, e.Ran})
				where = e.Where()
			},
		})
		ctx := t.Context()
		work := func(ctx context.Context) (int, error) { time.Sleep(time.Minute); return 0, errDisk }

		f := future.Lazy(ctx, work)
		time.Sleep(time.Second)
		_, err := f.Await(ctx)
		require.Equal(t, errDisk, err)
		require.Equal(t, []told{{"Lazy", nil, time.Second, 0}}, started)
		require.Equal(t, []told{{"Lazy", errDisk, time.Second, time.Minute}}, ended)
		require.Contains(t, where, "future_test.TestHooks_StartAndSettle")
		require.Contains(t, where, "hooks_test.go:")

		started, ended = nil, nil
		p := future.NewPromise[int]()
		g := future.Then(p.Future(), identity)
		time.Sleep(time.Hour)
		g.Cancel(errCause)
		synctest.Wait()
		over := &future.CanceledError{Cause: errCause}
		require.Equal(t, []told{{"Then", over, time.Hour, 0}, {"NewPromise", over, time.Hour, 0}}, ended)
		require.Empty(t, started, "no function was called")

		started, ended = nil, nil
		m := future.FlatMap(future.Resolved(1), func(n int) *future.Future[int] {
			time.Sleep(time.Second)
			return future.Resolved(n)
		})
		_, _ = m.Await(ctx)
		require.Equal(t, []told{{"FlatMap", nil, 0, 0}}, started)
		require.Equal(t, []told{{"FlatMap", nil, 0, time.Second}}, ended)
	})
}

// Every way to make a future that was under way is told of, once.
func TestHooks_EveryOperation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		settled := map[string]int{}
		hook(t, future.Hooks{Settle: func(e future.Event) {
			mu.Lock()
			defer mu.Unlock()
			settled[e.Op]++
		}})
		ctx := t.Context()
		p := future.NewPromise[int]()
		f := p.Future()
		ends := []interface{ Done() <-chan struct{} }{
			future.Map(f, func(n int) int { return n }), future.Then(f, identity),
			future.FlatMap(f, func(int) *future.Future[int] { return future.Resolved(1) }),
			future.Handle(f, func(_ context.Context, r future.Result[int]) (int, error) { return r.Get() }),
			f.Catch(nil1), f.Finally(func() {}), f.WithFallback(1), f.Timeout(time.Hour), f.Shield(), f.On(spawn{}),
			future.All(f, f), future.AllSettled(f), future.Any(f), future.Race(f), future.Quorum(1, f),
			future.Join2(f, f, func(context.Context, int, int) (int, error) { return 0, nil }),
			future.Go(ctx, answer), future.GoOn(ctx, spawn{}, answer), future.Lazy(ctx, answer), future.After(ctx, 1),
		}
		p.Resolve(1)
		for _, end := range ends {
			<-end.Done()
		}
		synctest.Wait()
		want := strings.Fields(`All AllSettled After Any Catch Finally FlatMap Go GoOn Handle Join2 Lazy Map NewPromise On
			Quorum Race Shield Then Timeout WithFallback`)
		require.Len(t, settled, len(want))
		for _, op := range want {
			require.Equal(t, 1, settled[op], op)
		}
	})
}

func nil1(context.Context, error) (int, error) { return 0, nil }

func answer(context.Context) (int, error) { return 42, nil }

// collected runs the garbage collector until a hook has told n things.
func collected(t *testing.T, tell <-chan future.Event, n int) (events []future.Event) {
	t.Helper()
	for range 200 {
		runtime.GC()
		for more := true; more; {
			select {
			case e := <-tell:
				events = append(events, e)
			default:
				more = false
			}
		}
		if len(events) == n {
			return events
		}
	}
	t.Fatalf("told of %d, want %d", len(events), n)
	return nil
}

func TestHooks_Unobserved(t *testing.T) {
	tell := make(chan future.Event, 100)
	hook(t, future.Hooks{Unobserved: func(e future.Event) { tell <- e }})
	ctx := context.Background()
	fails := func(context.Context) (int, error) { return 0, errDisk }

	for name, look := range map[string]func(f *future.Future[int]){
		"Await":    func(f *future.Future[int]) { _, _ = f.Await(ctx) },
		"Done":     func(f *future.Future[int]) { <-f.Done() },
		"canceled": func(f *future.Future[int]) { f.Cancel(nil) },
		"Poll": func(f *future.Future[int]) {
			for _, settled := f.Poll(); !settled; _, settled = f.Poll() {
				runtime.GC()
			}
		},
		"Err": func(f *future.Future[int]) {
			for f.Err() == future.ErrPending {
				runtime.GC()
			}
		},
		"a derived one that is looked at": func(f *future.Future[int]) {
			_, _ = future.Map(f, func(n int) int { return n }).Await(ctx)
		},
		"a combination that is looked at": func(f *future.Future[int]) { _, _ = future.All(f, f).Await(ctx) },
		"Catch":                           func(f *future.Future[int]) { _, _ = f.Catch(nil1).Await(ctx) },
		"AsCompleted": func(f *future.Future[int]) {
			for range future.AsCompleted(ctx, f) {
			}
		},
	} {
		if name == "canceled" {
			p := future.NewPromise[int]()
			look(p.Future())
			continue
		}
		look(future.Go(ctx, fails))
	}
	_, _ = future.Go(ctx, answer).Await(ctx)
	func() { // dropped
		p := future.NewPromise[int]()
		p.Reject(errDisk)
	}()
	e := collected(t, tell, 1)[0]
	require.Equal(t, "NewPromise", e.Op)
	require.Equal(t, errDisk, e.Err)
	require.Contains(t, e.Where(), "TestHooks_Unobserved")

	func() { // the end of a chain is what nobody looks at
		p := future.NewPromise[int]()
		g := future.Map(p.Future(), func(n int) int { return n })
		p.Reject(errDisk)
		<-g.Timeout(time.Hour).Shield().Finally(func() {}).Done()
		future.Map(g, func(n int) int { return n })
	}()
	require.Equal(t, "Map", collected(t, tell, 1)[0].Op)
}

func TestHooks_Abandoned(t *testing.T) {
	tell := make(chan future.Event, 100)
	hook(t, future.Hooks{Abandoned: func(e future.Event) bool { tell <- e; return true }})
	ctx := context.Background()

	f := future.NewPromise[int]().Future() // held by the consumer only
	e := collected(t, tell, 1)[0]
	require.Equal(t, "NewPromise", e.Op)
	require.Contains(t, e.Where(), "TestHooks_Abandoned")
	_, err := f.Await(ctx)
	require.ErrorIs(t, err, future.ErrAbandoned)

	func() {
		future.NewPromise[int]().Resolve(1)
		future.NewPromise[int]().Future().Cancel(nil)
	}()
	p := future.NewPromise[int]()
	copied := p
	runtime.GC()
	runtime.GC()
	require.True(t, copied.Resolve(1), "a copy keeps it")
	require.Empty(t, tell)
}

// Without Unobserved and Abandoned nothing is told, and promises stay as they
// are when they are dropped.
func TestHooks_AbandonedMayLeaveItPending(t *testing.T) {
	tell := make(chan future.Event, 1)
	hook(t, future.Hooks{Abandoned: func(e future.Event) bool { tell <- e; return false }})
	f := future.NewPromise[int]().Future()
	collected(t, tell, 1)
	require.Equal(t, future.ErrPending, f.Err())
}

// A hook that fails crashes the process, wherever it was called.
func TestHooks_FailuresAreFatal(t *testing.T) {
	const env = "THENCE_HOOK"
	if how := os.Getenv(env); how != "" {
		future.SetHooks(future.Hooks{Settle: func(future.Event) {
			if how == "panic" {
				panic("hook failed")
			}
			runtime.Goexit()
		}})
		_, _ = future.GoOn(context.Background(), spawn{}, answer).Await(context.Background())
		return
	}
	for how, text := range map[string]string{"panic": "hook failed", "exit": "a hook called runtime.Goexit"} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestHooks_FailuresAreFatal$")
		cmd.Env = append(os.Environ(), env+"="+how)
		out, err := cmd.CombinedOutput()
		require.Error(t, err)
		require.Contains(t, string(out), "panic: ")
		require.Contains(t, string(out), text)
	}
}
