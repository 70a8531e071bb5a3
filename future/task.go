package future

import "context"

// A Task is work that an Executor has been handed. Exactly one of its methods
// is called, once.
type Task interface {
	// Run does the work and returns its outcome: nil, the failure, or an
	// error that matches ErrCanceled. It never panics, but it may end the
	// goroutine (runtime.Goexit); the task counts as done then too.
	//
	// Run's ctx has the values of the one that was given to Execute, and ends
	// when that one ends or when the executor wants its work to stop.
	Run(ctx context.Context) error

	// Refuse settles the task with err because it will never run: it was
	// dropped, or its executor stopped.
	Refuse(err error)
}

// An Executor runs tasks somewhere: *pool.Pool and its views do, and an
// adapter over any other pool is a few lines. It is an interface so that
// futures, groups and flows can run on whatever bounds the work.
type Executor interface {
	// Execute hands t over. It may block until there is room. An error means
	// that t was not accepted: neither of t's methods will be called.
	//
	// On cancel of ctx while it blocks, t is not accepted.
	Execute(ctx context.Context, t Task) error
}
