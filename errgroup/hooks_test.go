package errgroup_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/errgroup"
	"github.com/thence-go/thence/future"
)

// log keeps what hooks are told, as lines.
type log struct {
	mu    sync.Mutex
	lines []string
}

func (l *log) add(what string, i errgroup.CallInfo, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, fmt.Sprintf("%s %d waited %v ran %v: %v", what, i.Call, i.Waited, i.Ran, err))
}

func (l *log) take() []string {
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := l.lines
	l.lines = nil
	return lines
}

func (l *log) hooks() errgroup.Option {
	return errgroup.WithHooks(errgroup.Hooks{
		Start:  func(i errgroup.CallInfo) { l.add("start", i, nil) },
		Done:   func(i errgroup.CallInfo, err error) { l.add("done", i, err) },
		Panic:  func(i errgroup.CallInfo, err *future.PanicError) { l.add("panic", i, err) },
		Reject: func(i errgroup.CallInfo, err error) { l.add("reject", i, err) },
	})
}

func TestHooks(t *testing.T) {
	quiet(t)
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		var l log
		s := errgroup.Collect[int](ctx, l.hooks(), errgroup.Limit(1), errgroup.Supervise(func(int, error) { l.add("sink", errgroup.CallInfo{}, nil) }))
		require.NoError(t, s.Go(ctx, after(time.Second, 1, nil)))
		require.Equal(t, []string{"start 0 waited 0s ran 0s: <nil>"}, l.take())
		require.ErrorIs(t, s.TryGo(ctx, value(1)), errgroup.ErrLimit)
		require.Equal(t, []string{"reject -1 waited 0s ran 0s: errgroup: the scope is at its limit: call Go to wait for room"}, l.take())
		require.NoError(t, s.Do(ctx, func(context.Context) error { time.Sleep(time.Minute); panic("boom") }))
		require.Equal(t, []string{"done 0 waited 0s ran 1s: <nil>", "start 1 waited 1s ran 0s: <nil>"}, l.take())
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		require.ErrorIs(t, s.Go(short, value(1)), future.ErrStoppedWaiting)
		require.Equal(t, []string{"reject -1 waited 1s ran 0s: future: stopped waiting: context deadline exceeded"}, l.take())
		time.Sleep(time.Minute)
		require.Equal(t, []string{
			"panic 1 waited 1s ran 1m0s: future: panic: boom",
			"done 1 waited 1s ran 1m0s: future: panic: boom",
			"sink 0 waited 0s ran 0s: <nil>",
		}, l.take())
		require.NoError(t, s.Go(ctx, func(context.Context) (int, error) { runtime.Goexit(); return 0, nil }))
		require.Equal(t, []string{"start 2 waited 0s ran 0s: <nil>", "done 2 waited 0s ran 0s: " + future.ErrGoexit.Error(), "sink 0 waited 0s ran 0s: <nil>"}, l.take())
		s.Wait()
		require.Error(t, s.Go(ctx, value(1)))
		require.Equal(t, []string{"reject -1 waited 0s ran 0s: " + (&errgroup.OverError{Reason: errgroup.ErrClosed}).Error()}, l.take())
	})
}

// On an executor, and with a limiter: each call is told of once, as what it was.
func TestHooks_OfAnExecutor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		var l log
		s := errgroup.Collect[int](ctx, l.hooks(), errgroup.On(rejecting))
		require.Error(t, s.Go(ctx, value(1)))
		s.Wait()
		require.Len(t, l.take(), 1)

		s = errgroup.Collect[int](ctx, l.hooks(), errgroup.On(dropping))
		require.NoError(t, s.Go(ctx, value(1)))
		s.Wait()
		lines := l.take()
		require.Len(t, lines, 1)
		require.Contains(t, lines[0], "reject 0")

		s = errgroup.Collect[int](ctx, l.hooks(), errgroup.On(onGoroutine))
		require.NoError(t, s.Go(ctx, value(1)))
		s.Wait()
		require.Equal(t, []string{"start 0 waited 0s ran 0s: <nil>", "done 0 waited 0s ran 0s: <nil>"}, l.take())

		for _, panics := range []bool{false, true} {
			s = errgroup.Collect[int](ctx, l.hooks(), errgroup.Throttle(limiter(func(ctx context.Context) error {
				if panics {
					panic("x")
				}
				<-ctx.Done()
				return ctx.Err()
			})))
			time.AfterFunc(time.Second, func() { s.Cancel(errNet) })
			func() {
				defer func() { _ = recover() }()
				require.ErrorIs(t, s.Go(ctx, value(1)), errNet)
			}()
			lines = l.take()
			require.Len(t, lines, 1)
			require.Contains(t, lines[0], "reject -1")
			time.Sleep(time.Minute)
			s.Wait()
		}
	})
}

// A call that was accepted and is canceled before it begins has its number.
func TestHooks_CanceledBeforeItBegan(t *testing.T) {
	var l log
	ended := make(chan struct{})
	s := errgroup.Collect[int](t.Context(), l.hooks(), errgroup.On(executor(func(ctx context.Context, task future.Task) error {
		go func() { <-ended; task.Run(ctx) }()
		return nil
	})))
	require.NoError(t, s.Go(t.Context(), value(1)))
	s.Cancel(errNet)
	s.Wait()
	close(ended)
	require.Len(t, l.lines, 1)
	require.Contains(t, l.lines[0], "reject 0")

	// On goroutines it is a matter of luck which of them it is, but it is one.
	for range 500 {
		l.lines = nil
		s := errgroup.Collect[int](t.Context(), l.hooks())
		require.NoError(t, s.Go(t.Context(), value(1)))
		s.Cancel(errNet)
		s.Wait()
		begun := s.Stats().Started == 1
		require.Len(t, l.lines, map[bool]int{true: 2, false: 1}[begun], "%q", l.lines)
	}
}

// What a hook does wrong is loud: this binary runs itself as the victim.
func TestLaw6_AHookThatPanicsCrashes(t *testing.T) {
	const env = "ERRGROUP_VICTIM"
	victims := map[string]func(){
		"hook boom":                    func() { panic("hook boom") },
		"a hook called runtime.Goexit": runtime.Goexit,
	}
	if v := victims[os.Getenv(env)]; v != nil {
		s := errgroup.Collect[int](context.Background(), errgroup.WithHooks(errgroup.Hooks{Start: func(errgroup.CallInfo) { v() }}))
		_ = s.Go(context.Background(), value(1))
		_, _ = s.Wait()
		return
	}
	for says := range victims {
		cmd := exec.Command(os.Args[0], "-test.run=^TestLaw6_AHookThatPanicsCrashes$", "-test.timeout=30s")
		cmd.Env = append(os.Environ(), env+"="+says)
		out, err := cmd.CombinedOutput()
		require.Error(t, err, "%s", out)
		require.Contains(t, string(out), says)
		require.NotContains(t, string(out), "test timed out")
	}
}
