package task

// Hook runs a hook of the user's. Nothing that it does may look like the work's
// doing: a panic of its own ends the process, and so does runtime.Goexit, which
// would leave others waiting. by is the package that says so.
func Hook(by string, hook func()) {
	returned := false
	defer func() {
		if returned {
			return
		}
		v := recover()
		if v == nil {
			v = by + ": a hook called runtime.Goexit: it must return"
		}
		crash(v)
	}()
	hook()
	returned = true
}

// crash ends the process with a hook's panic, which nobody up the stack can
// recover from.
func crash(v any) {
	wait := make(chan struct{})
	go func() {
		panic(v)
	}()
	<-wait
}
