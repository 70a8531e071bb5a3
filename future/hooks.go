package future

import (
	"sync/atomic"
	"time"
)

// Hooks are called as things happen, in the whole process. A nil function is
// off and costs nothing, except for Panic. All but Panic and Unobserved run
// inline where the thing happens, with no lock held, so they should be quick; a
// hook that panics, or calls runtime.Goexit, crashes the process.
//
// With any of Start, Settle and Unobserved a future costs about a microsecond
// more, for the clock and for the place where it was launched. Futures that are
// made by Resolved and Failed were never under way, and are not told of.
type Hooks struct {
	// Panic is told of every panic in a user's function, at once: the
	// goroutine that panicked waits for it, with no lock held. The default
	// logs an error with the stack to slog's default logger. It is called on a
	// goroutine of its own, so a hook that panics crashes the process there
	// and then, and one that calls runtime.Goexit harms nobody.
	Panic func(*PanicError)

	// Start is told that the function behind a future is about to be called.
	Start func(Event)

	// Settle is told that a future has settled, before anybody who waits for
	// it is woken.
	Settle func(Event)

	// Unobserved is told of a failure that nobody will ever see: the future
	// failed and was dropped without having been awaited to its end, polled,
	// asked for its Done, chained or combined. The garbage collector finds that out, so it is late, and not
	// certain to come before the program ends. It runs on a goroutine of the
	// runtime, outside of every synctest bubble.
	Unobserved func(Event)

	// Abandoned is told of a promise that was dropped before anybody settled
	// it. If it returns true, the future settles with ErrAbandoned, so that
	// those who await it are released. It is called as Unobserved is; inside a
	// synctest bubble it must not return true. It makes a promise four
	// allocations.
	Abandoned func(Event) bool
}

// Event is what a hook is told of a future.
type Event struct {
	Op     string        // what made it: "Go", "Then", "NewPromise", ...
	Err    error         // the outcome, nil for a value and at the start
	Waited time.Duration // from the launch until the function was called, or until it settled without that
	Ran    time.Duration // from there until it settled

	launch *[launchDepth]uintptr
}

// Where says where the future was launched, as "function file:line".
func (e Event) Where() string {
	if e.launch == nil {
		return "unknown"
	}
	return callerOf(e.launch[:])
}

var hooks atomic.Pointer[Hooks]

// SetHooks replaces the process's hooks and returns the former ones. It may be
// called at any time; futures that were launched before may stay untold of.
func SetHooks(h Hooks) (old Hooks) {
	if was := hooks.Swap(&h); was != nil {
		return *was
	}
	return Hooks{}
}

// tellHook calls a hook. What it does to its goroutine would be recovered
// somewhere, or lose those who wait, so it is made fatal here.
func tellHook(hook func(Event), e Event) {
	askHook(func(e Event) bool { hook(e); return false }, e)
}

func askHook(hook func(Event) bool, e Event) (yes bool) {
	returned := false
	defer func() {
		if returned {
			return
		}
		v := recover()
		if v == nil {
			v = "future: a hook called runtime.Goexit"
		}
		go panic(v)
		select {} // nothing may go on before the process has crashed
	}()
	yes = hook(e)
	returned = true
	return yes
}
