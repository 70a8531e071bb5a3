package futuretest

import "context"

// Future is what the rules ask of a future of int. If Adapter.StoppedWaiting
// is nil, Await may ignore its ctx.
type Future interface {
	Await(ctx context.Context) (int, error)
}

// Futures is the future of several values, which All makes.
type Futures interface {
	Await(ctx context.Context) ([]int, error)
}

// Promise is a future together with what settles it. Resolve and Reject report
// whether they were the first; see Adapter.Silent.
type Promise struct {
	Future  Future
	Resolve func(int) bool
	Reject  func(error) bool
}

// Adapter is how the rules reach a library. A nil function means that the
// library does not have it: the rules that need it are reported as not
// offered, and do not fail. The flags below say the same of what is not a
// function. A rule uses nothing that it does not need.
//
// An adapter hands things through and adds nothing of its own, else the rules
// would judge the adapter. Its functions are called from many goroutines.
type Adapter struct {
	// Name names the library in reports.
	Name string

	// Setup is called before each rule, in the rule's bubble, and what it
	// returns after it: a library that needs a pool makes it here. May be nil.
	Setup func() (teardown func())

	// Go launches fn. The ctx that fn gets ends when ctx does.
	Go func(ctx context.Context, fn func(context.Context) (int, error)) Future

	// NewPromise makes a future that is settled by hand.
	NewPromise func() Promise

	// Resolved and Failed make futures that have settled.
	Resolved func(int) Future
	Failed   func(error) Future

	// Then goes on after a value, Catch after a failure, Finally in any case.
	Then    func(f Future, fn func(context.Context, int) (int, error)) Future
	Catch   func(f Future, fn func(context.Context, error) (int, error)) Future
	Finally func(f Future, fn func()) Future

	// All waits for every one, and ends at the first that fails.
	All func(fs ...Future) Futures

	// Done is a channel that is closed when f has settled.
	Done func(f Future) <-chan struct{}

	// Cancel asks for the end of the work behind f, CancelAll of what All has
	// made.
	Cancel    func(f Future, cause error)
	CancelAll func(fs Futures, cause error)

	// Canceled tells the error of work that was canceled from a failure,
	// StoppedWaiting that of an Await whose own ctx ended first.
	Canceled       func(error) bool
	StoppedWaiting func(error) bool

	// Panic tells the error of a function that panicked, and with what; Goexit
	// that of one that called runtime.Goexit; Deadlock that of a wait for
	// oneself.
	Panic    func(error) (value any, ok bool)
	Goexit   func(error) bool
	Deadlock func(error) bool

	// Index says which input of All an error is about.
	Index func(error) (int, bool)

	// Silent: Resolve and Reject cannot say whether they were the first; what
	// they return is not looked at.
	Silent bool

	// NoContext: the functions get no ctx of the library's making, but what the
	// adapter has at hand.
	NoContext bool

	// NoCause: Cancel takes no cause, so that none is looked for.
	NoCause bool
}

// need is a set of what a rule uses of an adapter.
type need uint32

const (
	goes need = 1 << iota
	promises
	resolved
	failed
	then
	catch
	finally
	all
	done
	cancel
	cancelAll
	isCanceled
	isStopped
	isPanic
	isGoexit
	isDeadlock
	index
	tells
	contexts
	causes
)

// offers lists what can be needed, in the order of its bits, and whether an
// adapter has it.
var offers = []struct {
	name string
	has  func(*Adapter) bool
}{
	{"Go", func(a *Adapter) bool { return a.Go != nil }},
	{"NewPromise", func(a *Adapter) bool { return a.NewPromise != nil }},
	{"Resolved", func(a *Adapter) bool { return a.Resolved != nil }},
	{"Failed", func(a *Adapter) bool { return a.Failed != nil }},
	{"Then", func(a *Adapter) bool { return a.Then != nil }},
	{"Catch", func(a *Adapter) bool { return a.Catch != nil }},
	{"Finally", func(a *Adapter) bool { return a.Finally != nil }},
	{"All", func(a *Adapter) bool { return a.All != nil }},
	{"Done", func(a *Adapter) bool { return a.Done != nil }},
	{"Cancel", func(a *Adapter) bool { return a.Cancel != nil }},
	{"CancelAll", func(a *Adapter) bool { return a.CancelAll != nil }},
	{"Canceled", func(a *Adapter) bool { return a.Canceled != nil }},
	{"StoppedWaiting", func(a *Adapter) bool { return a.StoppedWaiting != nil }},
	{"Panic", func(a *Adapter) bool { return a.Panic != nil }},
	{"Goexit", func(a *Adapter) bool { return a.Goexit != nil }},
	{"Deadlock", func(a *Adapter) bool { return a.Deadlock != nil }},
	{"Index", func(a *Adapter) bool { return a.Index != nil }},
	{"a Resolve that tells", func(a *Adapter) bool { return !a.Silent }},
	{"a ctx of the library", func(a *Adapter) bool { return !a.NoContext }},
	{"a cause for Cancel", func(a *Adapter) bool { return !a.NoCause }},
}

// names are the names of what n holds and a has not; of all that n holds if a
// is nil.
func (n need) names(a *Adapter) []string {
	var names []string
	for i, o := range offers {
		if n&(1<<i) != 0 && (a == nil || !o.has(a)) {
			names = append(names, o.name)
		}
	}
	return names
}
