package future_test

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
)

// Every hook that fails crashes the process there and then, whichever goroutine
// it was called on, and nothing goes on behind it.
func TestHooks_EveryFailureIsFatal(t *testing.T) {
	const env = "THENCE_EVERY_HOOK"
	ctx := context.Background()
	fails := map[string]func(){"panic": func() { panic("hook failed") }, "exit": runtime.Goexit}
	collect := func() {
		for range 200 {
			runtime.GC()
		}
	}
	for name, c := range map[string]struct {
		hooks   func(fail func()) future.Hooks
		happens func()
		mayExit bool // which harms nobody
	}{
		"Start": {
			hooks:   func(fail func()) future.Hooks { return future.Hooks{Start: func(future.Event) { fail() }} },
			happens: func() { _, _ = future.Go(ctx, answer).Await(ctx) },
		},
		"Settle, of a task": {
			hooks:   func(fail func()) future.Hooks { return future.Hooks{Settle: func(future.Event) { fail() }} },
			happens: func() { _, _ = future.Go(ctx, answer).Await(ctx) },
		},
		"Settle, where Resolve is called": {
			hooks: func(fail func()) future.Hooks { return future.Hooks{Settle: func(future.Event) { fail() }} },
			happens: func() {
				defer func() { _ = recover() }()
				future.NewPromise[int]().Resolve(1)
			},
		},
		"Start, of a continuation": {
			hooks: func(fail func()) future.Hooks {
				return future.Hooks{Start: func(e future.Event) {
					if e.Op == "Then" {
						fail()
					}
				}}
			},
			happens: func() { _, _ = future.Then(future.Go(ctx, answer), identity).Await(ctx) },
		},
		"Unobserved": {
			hooks: func(fail func()) future.Hooks { return future.Hooks{Unobserved: func(future.Event) { fail() }} },
			happens: func() {
				func() { future.NewPromise[int]().Reject(errDisk) }()
				collect()
			},
		},
		"Abandoned": {
			hooks: func(fail func()) future.Hooks {
				return future.Hooks{Abandoned: func(future.Event) bool { fail(); return true }}
			},
			happens: func() {
				func() { future.NewPromise[int]() }()
				collect()
			},
		},
		"Panic": {
			hooks: func(fail func()) future.Hooks { return future.Hooks{Panic: func(*future.PanicError) { fail() }} },
			happens: func() {
				_, _ = future.Go(ctx, func(context.Context) (int, error) { panic("task") }).Await(ctx)
			},
			mayExit: true,
		},
	} {
		for how, fail := range fails {
			if os.Getenv(env) == name+"/"+how {
				future.SetHooks(c.hooks(fail))
				c.happens()
				return
			}
		}
		if os.Getenv(env) != "" {
			continue
		}
		for how := range fails {
			t.Run(name+"/"+how, func(t *testing.T) {
				cmd := exec.Command(os.Args[0], "-test.run=^TestHooks_EveryFailureIsFatal$")
				cmd.Env = append(os.Environ(), env+"="+name+"/"+how)
				out, err := cmd.CombinedOutput()
				if how == "exit" && c.mayExit {
					require.NoError(t, err, string(out))
					return
				}
				require.Error(t, err, "it goes on")
				require.Regexp(t, `panic: (hook failed|future: a hook called runtime.Goexit)`, string(out))
			})
		}
	}
}
