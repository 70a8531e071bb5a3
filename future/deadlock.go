package future

// serial is a slot whose task keeps others from running until it has returned,
// parked or not, as one with a key of a pool does.
type serial interface {
	// NeverRun returns those of them that have not begun, as they were given to
	// the executor.
	NeverRun() []any
}

// dependent is a follower whose future cannot settle without its input.
type dependent interface {
	// dependsOn returns its future, nil if that may settle although the inputs
	// for which stuck is true never do.
	dependsOn(stuck map[*core]bool) *core
}

// outlives reports whether c cannot settle before a task has returned for which
// tasks wait. It follows what depends on those: so it costs nothing while there
// are none, and futures need not know what they wait for.
//
// It says so only if nothing but a cancel could settle c: Any and Race may have
// another input that does, All one that fails, and Timeout has its clock.
func (c *core) outlives(tasks []any) bool {
	if len(tasks) == 0 {
		return false
	}
	stuck := make(map[*core]bool)
	var todo []*core
	add := func(d *core) {
		if d != nil && !stuck[d] && !d.isSettled() && !d.hasCleanup() {
			stuck[d] = true
			todo = append(todo, d)
		}
	}
	for _, t := range tasks {
		if f, ok := t.(interface{ itself() *core }); ok {
			add(f.itself())
		}
	}
	for len(todo) > 0 && !stuck[c] {
		last := len(todo) - 1
		d := todo[last]
		todo = todo[:last]
		for _, f := range d.followers() {
			if f, ok := f.(dependent); ok {
				add(f.dependsOn(stuck))
			}
		}
	}
	return stuck[c]
}

func (c *core) itself() *core { return c }

func (c *core) followers() (fs []follower) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for l := c.watch; l != nil; {
		fs = append(fs, l.follower)
		if l = l.next; l == c.watch {
			break
		}
	}
	return fs
}

// hasCleanup reports whether there is something else that may settle c: whoever
// has a timer or a context to do so wants to know when it is not needed.
func (c *core) hasCleanup() bool {
	for _, f := range c.followers() {
		if _, ok := f.(*cleanup); ok {
			return true
		}
	}
	return false
}

func (d *derived[T, U]) dependsOn(map[*core]bool) *core { return &d.core }
func (m *flat[T, U]) dependsOn(map[*core]bool) *core    { return &m.core }
func (o *onward[T]) dependsOn(map[*core]bool) *core     { return &o.core }

func (p *place[T, R]) dependsOn(stuck map[*core]bool) *core {
	g := p.of
	switch any(g.rule).(type) {
	case settledRule[T]:
		return &g.core
	case allRule[T]:
		n := 0
		places := g.inputs()
		for i := range places {
			if stuck[&places[i].in.core] {
				n++
			}
		}
		if int64(n) == g.left.Load() { // all others have been heard of
			return &g.core
		}
	}
	return nil
}

func (l *leg[R]) dependsOn(stuck map[*core]bool) *core {
	j := l.of
	n := 0
	legs := j.inputs()
	for i := range legs {
		if stuck[legs[i].in] {
			n++
		}
	}
	if int32(n) == j.left.Load() {
		return &j.core
	}
	return nil
}
