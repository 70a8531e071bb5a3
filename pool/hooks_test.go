package pool_test

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"runtime/pprof"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pool"
)

func TestHooks(t *testing.T) {
	quiet(t)
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		var seen []string
		note := func(what string, i pool.TaskInfo) {
			require.Equal(t, "mail", i.Pool)
			seen = append(seen, strings.TrimSpace(what+" "+i.Name))
		}
		var done, rejected pool.TaskInfo
		p := pool.New(1, pool.Name("mail"), pool.Queue(1, pool.Reject), pool.WithHooks(pool.Hooks{
			Enqueue: func(i pool.TaskInfo) { note("enqueue", i) },
			Start:   func(i pool.TaskInfo) { note("start", i) },
			Done:    func(i pool.TaskInfo, err error) { note("done", i); done = i },
			Panic:   func(i pool.TaskInfo, err *future.PanicError) { note("panic", i) },
			Reject:  func(i pool.TaskInfo, err error) { note("reject", i); rejected = i },
		}))
		take := func() []string { synctest.Wait(); s := seen; seen = nil; return s }
		nap := func(context.Context) { time.Sleep(time.Second) }
		require.NoError(t, p.Go(ctx, nap))
		require.Equal(t, []string{"enqueue", "start"}, take())
		require.NoError(t, p.Named("boom").Go(ctx, func(context.Context) { time.Sleep(time.Minute); panic("boom") }))
		require.ErrorIs(t, p.Named("late").Go(ctx, nothing), pool.ErrFull)
		require.Equal(t, []string{"enqueue boom", "enqueue late", "reject late"}, take())
		time.Sleep(2 * time.Minute)
		require.Equal(t, []string{"done", "start boom", "panic boom", "done boom"}, take())
		require.Equal(t, pool.TaskInfo{Pool: "mail", Name: "boom", Waited: time.Second, Ran: time.Minute}, done)

		require.NoError(t, p.Go(ctx, func(context.Context) { runtime.Goexit() }))
		require.Equal(t, []string{"enqueue", "start", "done"}, take())
		f := pool.Submit(ctx, p, untilDone)
		require.Equal(t, []string{"enqueue", "start"}, take())
		g := pool.Submit(ctx, p.Named("left"), one)
		time.Sleep(time.Second)
		require.Error(t, p.Close())
		_, err := f.Await(ctx)
		require.ErrorIs(t, err, future.ErrCanceled)
		_, err = g.Await(ctx)
		require.ErrorIs(t, err, pool.ErrNotRun)
		require.Equal(t, []string{"enqueue left", "reject left", "done"}, take())
		require.Equal(t, pool.TaskInfo{Pool: "mail", Name: "left", Waited: time.Second}, rejected)
		s := p.Stats()
		balanced(t, s)
		require.Equal(t, uint64(2), s.Failed)
		require.Equal(t, uint64(1), s.Panicked)
	})
}

// What a hook does wrong is loud: this binary runs itself as the victim.
func TestLaw6_AHookThatPanicsCrashes(t *testing.T) {
	const env = "POOL_VICTIM"
	victims := map[string]func(){
		"hook boom":                    func() { panic("hook boom") },
		"a hook called runtime.Goexit": runtime.Goexit,
	}
	if v := victims[os.Getenv(env)]; v != nil {
		p := pool.New(1, pool.WithHooks(pool.Hooks{Start: func(pool.TaskInfo) { v() }}))
		_, _ = pool.Submit(context.Background(), p, one).Await(context.Background())
		return
	}
	for says := range victims {
		t.Run(says, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.run=^TestLaw6_AHookThatPanicsCrashes$", "-test.timeout=30s")
			cmd.Env = append(os.Environ(), env+"="+says)
			out, err := cmd.CombinedOutput()
			require.Error(t, err)
			require.Contains(t, string(out), says)
			require.NotContains(t, string(out), "test timed out")
		})
	}
}

func TestMeasureTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(1, pool.MeasureTimes())
		for i := range 100 {
			require.NoError(t, p.Go(ctx, func(context.Context) {
				time.Sleep(time.Millisecond)
				if i == 98 {
					time.Sleep(time.Second)
				}
			}))
		}
		require.NoError(t, p.Shutdown(ctx))
		s := p.Stats()
		require.Equal(t, 1001*time.Millisecond, s.Run.Max)
		require.InDelta(t, time.Millisecond, s.Run.P50, float64(time.Millisecond)/8)
		require.InDelta(t, time.Millisecond, s.Run.P99, float64(time.Millisecond)/8)
		require.InDelta(t, 50*time.Millisecond, s.Wait.P50, float64(8*time.Millisecond))
		require.Equal(t, 1099*time.Millisecond, s.Wait.Max)
	})
}

func TestLabels(t *testing.T) {
	ctx := pprof.WithLabels(context.Background(), pprof.Labels("user", "u"))
	p := pool.New(1, pool.Labels(), pool.Name("mail"))
	label := func(key string) (v string) {
		require.NoError(t, p.Named("send").Go(ctx, func(context.Context) {
			var b strings.Builder
			_ = pprof.Lookup("goroutine").WriteTo(&b, 1)
			v = b.String()
		}))
		require.NoError(t, p.Shutdown(context.Background()))
		return v
	}
	text := label("task")
	require.Contains(t, text, `"pool":"mail"`)
	require.Contains(t, text, `"task":"send"`)
	require.Contains(t, text, `"user":"u"`)
}
